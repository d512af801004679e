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

/** Connections are kept and used again until the client is disposed of. */
export function httpClient(signal: AbortSignal): Http {
  const agents = {http: new HttpAgent({keepAlive: true}), https: new HttpsAgent({keepAlive: true})}
  return {
    send: async (request) => send(request, agents, signal),
    [Symbol.dispose]() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
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
