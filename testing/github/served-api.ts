import type {IncomingMessage, ServerResponse} from 'node:http'
import {loopback} from '../loopback.ts'
import {repositoryApi, type RepositoryApi, type RepositoryApiOptions} from './repository-api.ts'

/** Stand-in for the REST API of GitHub that other processes can reach. */
export interface ServedApi extends AsyncDisposable {
  /** Address for GITHUB_API_URL. */
  readonly url: string
  readonly api: RepositoryApi
}

/** Serves the stand-in for a repository on a loopback address. */
export async function serveRepositoryApi(options: RepositoryApiOptions): Promise<ServedApi> {
  const {promise, resolve} = Promise.withResolvers<RepositoryApi>()
  const server = await loopback((incoming, outgoing) => {
    void promise.then(async (api) => respond(api, incoming, outgoing))
  })
  const url = `http://${server.host}`
  const api = repositoryApi({...options, api: url})
  resolve(api)
  return {url, api, [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose]()}
}

async function respond(api: RepositoryApi, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  if (incoming.method !== 'GET') {
    outgoing.writeHead(405).end()
    return
  }
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
  const fields = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])
  const answer = await api.answer({method: 'GET', url, headers: Object.fromEntries(fields) as Record<string, string>})
  for (const [name, value] of Object.entries(answer.headers)) if (value !== undefined) outgoing.setHeader(name, value)
  outgoing.writeHead(answer.status).end(answer.body)
}
