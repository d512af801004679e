import {getOctokit} from '@actions/github'
import type {Secret} from '../../errors/secret.ts'
import type {GitHub} from '../github.ts'

const timeoutMs = 10_000

/** Creates the client of `gitHub`. */
export function connectingGitHub(token: Secret, apiUrl: string): GitHub {
  const octokit = getOctokit(token.reveal(), {baseUrl: apiUrl})
  return {
    async repository(owner, name) {
      const request = {signal: AbortSignal.timeout(timeoutMs)}
      const {data} = await octokit.rest.repos.get({owner, repo: name, request})
      return data
    },
    async tagsAt(owner, name, sha) {
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
      const {data} = await octokit.rest.repos.getCommit(query)
      return data.commit.committer?.date
    },
    async compare(owner, name, {base, head}) {
      const request = {signal: AbortSignal.timeout(timeoutMs)}
      // Only the status is used. The response includes the commits between; one is the smallest page.
      const query = {owner, repo: name, basehead: `${base}...${head}`, per_page: 1, request}
      const {data} = await octokit.rest.repos.compareCommitsWithBasehead(query)
      return data.status
    },
  }
}

const perPage = 100
const mostPages = 10
