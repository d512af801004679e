import {errorMessage} from '../errors/error.ts'
import type {CommitRelation} from './decide/registry-state.ts'
import type {FindRelation} from './read-state.ts'
import type {Io} from '../io/io.ts'
import type {Prepared} from '../prepare/prepare.ts'

const relations: readonly CommitRelation[] = ['ahead', 'behind', 'identical', 'diverged']

/** What a tag holds says whoever pushed it: any text. */
const commitHash = /^(?:[\da-f]{40}|[\da-f]{64})$/i

/**
 * Where the commit of this run lies, seen from the one that a tag holds, as GitHub knows it. Without an answer dates and runs
 * decide, so that an API that is away, or a commit that is gone, ends no run.
 */
export function relationFinder({inputs, context}: Prepared, io: Io): FindRelation {
  const token = inputs.credentials.githubToken
  const {owner, name} = context.repository
  return async (held, ours) => {
    if (token === undefined || token.isEmpty || !commitHash.test(held)) return 'unknown'
    try {
      const status = await io.gitHub(token, context.server.apiUrl).compare(owner, name, {base: held, head: ours})
      return relations.find((relation) => relation === status) ?? 'unknown'
    } catch (error) {
      const reason = errorMessage(error)
      io.workflow.info(
        `GitHub did not compare ${held.slice(0, 12)} with ${ours.slice(0, 12)} (${reason}): dates decide`,
      )
      return 'unknown'
    }
  }
}
