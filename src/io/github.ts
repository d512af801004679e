import type {getOctokit as getOctokitType} from '@actions/github'
import type {Secret} from '../errors/secret.ts'

/** What Tagboat asks GitHub's REST API. */
export interface GitHub {
  /** `GET /repos/{owner}/{repo}`, as it came. @throws Error when the API does not answer or refuses. */
  repository(owner: string, name: string): Promise<unknown>
  /** Names of the tags that point at a commit, among the newest thousand. @throws Error as `repository` does. */
  tagsAt(owner: string, name: string, sha: string): Promise<readonly string[]>
  /** When a commit was committed (ISO 8601); undefined when the API knows the commit and no date. @throws Error as `repository` does. */
  commitDate(owner: string, name: string, sha: string): Promise<string | undefined>
  /** Where `head` lies, seen from `base`: `ahead`, `behind`, `identical` or `diverged`. @throws Error as `repository` does. */
  compare(owner: string, name: string, commits: {readonly base: string; readonly head: string}): Promise<string>
}

const timeoutMs = 10_000

/** The API of github.com or of an Enterprise server. The client is loaded with the first question: most runs ask none. */
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
      // Of the files that the commit changes, which come along, one is the least that can be asked for.
      const question = {owner, repo: name, ref: sha, per_page: 1, request}
      const {data} = await (await client()).rest.repos.getCommit(question)
      return data.commit.committer?.date
    },
    async compare(owner, name, {base, head}) {
      const request = {signal: AbortSignal.timeout(timeoutMs)}
      // The status alone is wanted; of the commits between, one is the least that can be asked for.
      const question = {owner, repo: name, basehead: `${base}...${head}`, per_page: 1, request}
      const {data} = await (await client()).rest.repos.compareCommitsWithBasehead(question)
      return data.status
    },
  }
}

type Octokit = ReturnType<typeof getOctokitType>

const perPage = 100
const mostPages = 10
