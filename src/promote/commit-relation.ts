import {errorMessage} from '../errors/error.ts'
import type {CommitRelation} from './decide/registry-state.ts'
import type {FindRelation} from './read-state.ts'
import type {Io} from '../io/io.ts'
import type {Prepared} from '../prepare/prepare.ts'

const relations: readonly CommitRelation[] = ['ahead', 'behind', 'identical', 'diverged']

/** Full commit hash. The revision of an image can be any text. */
const commitHash = /^(?:[\da-f]{40}|[\da-f]{64})$/i

/**
 * Creates a function that compares two commits on GitHub. The relation is `unknown` without a response, such as for a
 * commit that was deleted: then the dates and the workflow runs decide, and the run does not fail. Each pair is compared
 * once, also for several registries.
 */
export function relationFinder({inputs, context}: Prepared, io: Io): FindRelation {
  const token = inputs.credentials.githubToken
  const {owner, name} = context.repository
  const known = new Map<string, Promise<CommitRelation>>()
  const compare = async (base: string, head: string): Promise<CommitRelation> => {
    if (token === undefined || token.isEmpty || !commitHash.test(base)) return 'unknown'
    try {
      const status = await io.gitHub(token, context.server.apiUrl).compare(owner, name, {base, head})
      return relations.find((relation) => relation === status) ?? 'unknown'
    } catch (error) {
      const [from, to] = [base.slice(0, 12), head.slice(0, 12)]
      io.workflow.info(
        `GitHub did not compare ${from} with ${to} (${errorMessage(error)}): their dates are compared instead`,
      )
      return 'unknown'
    }
  }
  return async (base, head) => {
    const key = `${base} ${head}`
    const relation = known.get(key) ?? compare(base, head)
    known.set(key, relation)
    return relation
  }
}
