import type {getOctokit as getOctokitType} from '@actions/github'
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

const timeoutMs = 10_000

/** Client of the API of github.com or an Enterprise server. It is loaded on the first request: most runs make none. */
export function gitHub(token: Secret, apiUrl: string): GitHub {
  const client = async (): Promise<Octokit> => {
    const {getOctokit} = await import('@actions/github')
    return getOctokit(token.reveal(), {baseUrl: apiUrl})
  }
  return {
    async repository(owner, name) {
      const request = {signal: AbortSignal.timeout(timeoutMs)}
      const {data} = await (await client()).rest.repos.get({owner, repo: name, request})
      return data
    },
    async tagsAt(owner, name, sha) {
      const octokit = await client()
      const names: string[] = []
      for (let page = 1; page <= mostPages; page += 1) {
        const request = {signal: AbortSignal.timeout(timeoutMs)}
        const {data} = await octokit.rest.repos.listTags({owner, repo: name, per_page: perPage, page, request})
        names.push(...data.filter(({commit}) => commit.sha === sha).map((tag) => tag.name))
        if (data.length < perPage) break
      }
      return names
    },
    async commitDate(owner, name, sha) {
      const request = {signal: AbortSignal.timeout(timeoutMs)}
      // The response includes changed files; one is the smallest page.
      const query = {owner, repo: name, ref: sha, per_page: 1, request}
      const {data} = await (await client()).rest.repos.getCommit(query)
      return data.commit.committer?.date
    },
    async compare(owner, name, {base, head}) {
      const request = {signal: AbortSignal.timeout(timeoutMs)}
      // Only the status is used. The response includes the commits between; one is the smallest page.
      const query = {owner, repo: name, basehead: `${base}...${head}`, per_page: 1, request}
      const {data} = await (await client()).rest.repos.compareCommitsWithBasehead(query)
      return data.status
    },
  }
}

type Octokit = ReturnType<typeof getOctokitType>

const perPage = 100
const mostPages = 10
