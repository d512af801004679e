import type {Secret} from '../errors/secret.ts'

/** What Tagboat asks GitHub's REST API. */
export interface GitHub {
  /** `GET /repos/{owner}/{repo}`, as it came. @throws Error when the API does not answer or refuses. */
  repository(owner: string, name: string): Promise<unknown>
}

const timeoutMs = 10_000

/** The API of github.com or of an Enterprise server. The client is loaded with the first question: most runs ask none. */
export function gitHub(token: Secret, apiUrl: string): GitHub {
  return {
    async repository(owner, name) {
      const {getOctokit} = await import('@actions/github')
      const octokit = getOctokit(token.reveal(), {baseUrl: apiUrl})
      const request = {signal: AbortSignal.timeout(timeoutMs)}
      const {data} = await octokit.rest.repos.get({owner, repo: name, request})
      return data
    },
  }
}
