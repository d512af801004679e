import type {Secret} from '../errors/secret.ts'

/** Requests to the REST API of GitHub. */
export interface GitHub {
  /** Response of `GET /repos/{owner}/{repo}`. @throws Error when the request fails. */
  repository(owner: string, name: string): Promise<unknown>
  /** Names of the tags that point to a commit, of the first thousand tags. @throws Error when the request fails. */
  tagsAt(owner: string, name: string, sha: string): Promise<readonly string[]>
  /** Committer date (ISO 8601); undefined when the response has none. @throws Error when the request fails. */
  commitDate(owner: string, name: string, sha: string): Promise<string | undefined>
  /**
   * Status of `head` relative to `base`: `ahead`, `behind`, `identical` or `diverged`.
   * @throws Error when the request fails.
   */
  compare(owner: string, name: string, commits: {readonly base: string; readonly head: string}): Promise<string>
}

/** Client of the API of github.com or an Enterprise server. Its code is loaded on the first request: most runs make none. */
export function gitHub(token: Secret, apiUrl: string): GitHub {
  let loading: Promise<GitHub> | undefined
  const load = async (): Promise<GitHub> => {
    const {connectingGitHub} = await import('./connections/github-client.ts')
    return connectingGitHub(token, apiUrl)
  }
  const client = async (): Promise<GitHub> => (loading ??= load())
  return {
    repository: async (...request) => (await client()).repository(...request),
    tagsAt: async (...request) => (await client()).tagsAt(...request),
    commitDate: async (...request) => (await client()).commitDate(...request),
    compare: async (...request) => (await client()).compare(...request),
  }
}
