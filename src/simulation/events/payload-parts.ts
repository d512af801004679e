import type {EventChoice} from './event-choice.ts'

/** JSON object of a payload. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Choice with the values that are missing in it, and the time of the event. */
export interface Occasion extends Omit<EventChoice, 'ref'> {
  readonly ref: string | undefined
  readonly owner: string
  readonly name: string
  readonly repository: string
  readonly defaultBranch: string
  readonly sha: string
  readonly number: number
  readonly actor: string
  readonly now: Date
}

/** Commit of simulated runs, unless another one is given. */
const commit = '860c1904a1ce19322e91ac35af1ab07466440c37'
/** Commits of a pull request, and of the branch that it is for. */
export const headCommit = '3f2a9d1c7be04856a1d20f6c58e9b7430d1c2e5f'
export const baseCommit = '0d9c5e7a41b38f26d7c0a9e85b1f4632c8d7e0a1'

/** Completes a choice. */
export function occasionOf(choice: EventChoice, now: Date): Occasion {
  const {repository = 'octocat/app', defaultBranch = 'main'} = choice
  const [owner = 'octocat', name = 'app'] = repository.split('/')
  const {ref, sha = commit, number = 42, actor = choice.fork === true ? 'contributor' : owner} = choice
  return {...choice, ref, repository, owner, name, defaultBranch, sha, number, actor, now}
}

/** Account of a user. */
export function accountOf(login: string): JsonObject {
  return {login, id: idOf(login), type: 'User', html_url: `https://github.com/${login}`, site_admin: false}
}

/** Number that identifies an account or a repository: the same for the same name. */
export function idOf(name: string): number {
  return Array.from(name).reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_000_007, 7)
}

/** Repository of the payload. */
export function repositoryOf({owner, name, repository, defaultBranch, now}: Occasion): JsonObject {
  return {
    id: idOf(repository),
    name,
    full_name: repository,
    private: false,
    owner: accountOf(owner),
    html_url: `https://github.com/${repository}`,
    clone_url: `https://github.com/${repository}.git`,
    description: null,
    fork: false,
    license: null,
    default_branch: defaultBranch,
    visibility: 'public',
    pushed_at: now.toISOString(),
  }
}

/** Repository of a fork, with the same name as the one that it was made from. */
export function forkOf(occasion: Occasion): JsonObject {
  const {actor, name} = occasion
  const full = `${actor}/${name}`
  return {
    ...repositoryOf(occasion),
    id: idOf(`fork ${full}`),
    full_name: full,
    owner: accountOf(actor),
    html_url: `https://github.com/${full}`,
    clone_url: `https://github.com/${full}.git`,
    fork: true,
  }
}

/** Commit of the payload, made at the time of the event. */
export function commitOf({repository, actor, now}: Occasion, id: string): JsonObject {
  const person = {name: actor, email: `${actor}@users.noreply.github.com`, username: actor}
  return {
    id,
    tree_id: baseCommit,
    distinct: true,
    message: 'Change the app',
    timestamp: secondsOf(now),
    url: `https://github.com/${repository}/commit/${id}`,
    author: person,
    committer: person,
  }
}

/** Time as payloads write it: without milliseconds. */
export function secondsOf(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}

/** Name of a ref without `refs/heads/` or `refs/tags/`. */
export function shortName(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags)\//, '')
}
