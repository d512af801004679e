import {Agent as HttpAgent, request as httpRequest, type IncomingMessage} from 'node:http'
import {Agent as HttpsAgent, request as httpsRequest} from 'node:https'

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

/** One request, one answer, whatever its status; redirects are not followed. @throws Error when no answer came. */
export interface Http extends Disposable {
  send(request: HttpRequest): Promise<HttpResponse>
}

const timeoutMs = 15_000
/** OCI distribution spec: a registry should take manifests of at least 4 MiB, and many take no more. */
const maxBodyBytes = 4 * 1024 * 1024

/**
 * Connections are kept and used again until the client is disposed of. The usual variables (HTTPS_PROXY and so on) say
 * which proxy to use, as they do for the Docker CLI.
 */
export function httpClient(signal: AbortSignal, variables: Readonly<Record<string, string | undefined>>): Http {
  const options = {keepAlive: true, proxyEnv: proxyVariables(variables)}
  const agents = {http: new HttpAgent(options), https: new HttpsAgent(options)}
  return {
    send: async (request) => send(request, agents, signal),
    [Symbol.dispose]() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

/** This machine is never asked through a proxy, as Go's programs have it: a registry there may have no other name. */
const thisMachine = 'localhost,127.0.0.0-127.255.255.255,::1,[::1]'

function proxyVariables(variables: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const either = (name: string): string =>
    [variables[name.toLowerCase()], variables[name]].find((value) => value !== undefined && value !== '') ?? ''
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY'].flatMap((name): [string, string][] => {
    const given = either(name)
    // Go takes a proxy without a scheme; Node would leave it out. An address that is none must not end the run here.
    const url = given === '' || given.includes('://') ? given : `http://${given}`
    return URL.canParse(url) ? [[name, url]] : []
  })
  const exempt = [either('NO_PROXY'), thisMachine].filter((list) => list !== '').join(',')
  return Object.fromEntries([...proxies, ['NO_PROXY', exempt]])
}

async function send(
  {method, url, headers}: HttpRequest,
  agents: {readonly http: HttpAgent; readonly https: HttpsAgent},
  signal: AbortSignal,
): Promise<HttpResponse> {
  const options = {method, headers: {'user-agent': 'tagboat', ...headers}, timeout: timeoutMs, signal}
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, {...options, agent: agents.https})
        : httpRequest(url, {...options, agent: agents.http})
    request.once('timeout', () => request.destroy(new Error(`no answer from ${url.host} in ${timeoutMs / 1000} s`)))
    request.once('error', reject)
    request.once('response', (response) => {
      readAll(response).then(resolve, reject)
    })
    request.end()
  })
}

async function readAll(response: IncomingMessage): Promise<HttpResponse> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response) {
    if (!(chunk instanceof Uint8Array)) continue
    size += chunk.byteLength
    if (size > maxBodyBytes) throw new Error(`an answer of more than ${maxBodyBytes} bytes`)
    chunks.push(chunk)
  }
  return {status: response.statusCode ?? 0, headers: singleHeaders(response), body: Buffer.concat(chunks)}
}

function singleHeaders({headers}: IncomingMessage): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
}
