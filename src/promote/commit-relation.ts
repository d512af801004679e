import {errorMessage} from '../errors/error.ts'
import type {CommitRelation} from './decide/registry-state.ts'
import {memoized, type CommitPair, type FindRelation} from './read-state.ts'
import type {Io} from '../io/io.ts'
import type {Prepared} from '../prepare/prepare.ts'

const relations: readonly CommitRelation[] = ['ahead', 'behind', 'identical', 'diverged']

/** Full commit hash. The revision of an image can be any text. */
const commitHash = /^(?:[\da-f]{40}|[\da-f]{64})$/i

/**
 * Creates a function that compares two commits on GitHub. The relation is `unknown` without a response, such as for a
 * commit that was deleted: then the dates and the workflow runs decide, and the run does not fail. The relation of a pair
 * never changes, so a response is kept, also for several registries. After a failure, the next call sends a request again.
 */
export function relationFinder({inputs, context}: Prepared, io: Io): FindRelation {
  const token = inputs.credentials.githubToken
  const {owner, name} = context.repository
  if (token === undefined || token.isEmpty) return async () => Promise.resolve('unknown')
  const compare = memoized(async (pair: CommitPair): Promise<CommitRelation> => {
    try {
      const status = await io.gitHub(token, context.server.apiUrl).compare(owner, name, pair)
      return relations.find((relation) => relation === status) ?? 'unknown'
    } catch (error) {
      const [from, to] = [pair.base.slice(0, 12), pair.head.slice(0, 12)]
      io.workflow.info(
        `GitHub did not compare ${from} with ${to} (${errorMessage(error)}): their dates are compared instead`,
      )
      throw error
    }
  })
  return async (base, head) =>
    commitHash.test(base) ? compare(`${base} ${head}`, {base, head}).catch(() => 'unknown' as const) : 'unknown'
}
