import {retentionError} from '../../errors/retention-error.ts'
import {TagboatError} from '../../errors/error.ts'
import {field} from '../../oci/manifest.ts'
import {evidenceOf} from '../../prune/ghcr/github-api.ts'
import type {GitHubDenial} from '../../reasons/github-denials.ts'
import type {LiveRefs} from '../../retention/live-refs.ts'
import {ask, readChangingList, type GitHubList, type GitHubReader} from './github-list.ts'

/** Repository at GitHub. */
export interface GitHubRepository {
  readonly owner: string
  readonly name: string
}

interface RefsQuestion {
  readonly repository: GitHubRepository & {
    /** Default branch as the event states it. */
    readonly defaultBranch: string | undefined
  }
  /** Client of the API; undefined without a token. */
  readonly api: GitHubReader | undefined
}

interface FoundRefs {
  readonly refs: LiveRefs
  /** Facts that the run may not ask GitHub for. */
  readonly denied: readonly GitHubDenial[]
}

/**
 * Reads branches and pull requests as `readLiveRefs` does. If no deletion depends on them, they are unknown where GitHub does
 * not list them.
 */
export async function readRefsIfListed(question: RefsQuestion, isNeeded: boolean): Promise<FoundRefs> {
  try {
    return await readLiveRefs(question)
  } catch (error) {
    if (isNeeded || !(error instanceof TagboatError) || error.code !== 'refs-unlisted') throw error
    const {defaultBranch} = question.repository
    return {
      refs: {defaultBranch, branches: undefined, openPulls: undefined},
      denied: [{code: 'refs-unlisted', answer: error.evidence.join(', ')}],
    }
  }
}

/**
 * Reads the branches and the open pull requests of a repository:
 * https://docs.github.com/rest/branches/branches#list-branches and
 * https://docs.github.com/rest/pulls/pulls#list-pull-requests
 * @throws TagboatError `refs-unlisted` if a list is not complete, or lacks the default branch.
 */
export async function readLiveRefs({repository, api}: RefsQuestion): Promise<FoundRefs> {
  const {defaultBranch} = repository
  if (api === undefined) {
    const answer = undefined
    return {
      refs: {defaultBranch, branches: undefined, openPulls: undefined},
      denied: [
        {code: 'branches-denied', answer},
        {code: 'pulls-denied', answer},
      ],
    }
  }
  const path = pathOf(repository)
  const code = 'refs-unlisted'
  const [branches, pulls] = await Promise.all([
    readChangingList(api, {path: `${path}/branches`, parse: branchIn, code}),
    readChangingList(api, {path: `${path}/pulls?state=open`, parse: numberIn, code}),
  ])
  const names = setOf(branches)
  return {
    refs: {
      defaultBranch: names === undefined ? defaultBranch : await listedDefault(names, {repository, api}),
      branches: names,
      openPulls: setOf(pulls),
    },
    denied: [
      ...(branches.kind === 'denied' ? [{code: 'branches-denied', answer: branches.answer} as const] : []),
      ...(pulls.kind === 'denied' ? [{code: 'pulls-denied', answer: pulls.answer} as const] : []),
    ],
  }
}

/** Path of a repository in the API. */
export function pathOf({owner, name}: GitHubRepository): string {
  return `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`
}

function setOf<T>(list: GitHubList<T>): ReadonlySet<T> | undefined {
  return list.kind === 'listed' ? new Set(list.entries) : undefined
}

/**
 * Default branch, which a complete list contains. The event may state an earlier one.
 * @throws TagboatError `refs-unlisted`
 */
async function listedDefault(
  branches: ReadonlySet<string>,
  {repository, api}: {readonly repository: RefsQuestion['repository']; readonly api: GitHubReader},
): Promise<string> {
  const {defaultBranch} = repository
  if (defaultBranch !== undefined && branches.has(defaultBranch)) return defaultBranch
  const response = await ask(api, pathOf(repository), 'refs-unlisted')
  const current = response.status === 200 ? field(response.json, 'default_branch') : undefined
  if (typeof current === 'string' && branches.has(current)) return current
  const evidence = [
    `${branches.size} branches were listed, without the default branch ${typeof current === 'string' ? current : (defaultBranch ?? '')}`,
    ...(response.status === 200 ? [] : [evidenceOf(response)]),
  ]
  throw retentionError('refs-unlisted', {message: 'The list of branches of GitHub is not complete.', evidence})
}

function branchIn(entry: unknown): string | undefined {
  const name = field(entry, 'name')
  return typeof name === 'string' && name !== '' ? name : undefined
}

function numberIn(entry: unknown): number | undefined {
  const number = field(entry, 'number')
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined
}
