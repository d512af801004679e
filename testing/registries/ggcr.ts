import {rawRequest} from '../raw-http.ts'
import {freePort} from '../registry.ts'
import {startService} from './service.ts'

/** Registry of go-containerregistry, in memory, without a login and without the referrers API. */
export interface GgcrRegistry extends AsyncDisposable {
  readonly host: string
}

export async function startGgcrRegistry(): Promise<GgcrRegistry> {
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  const service = await startService({
    program: 'ggcr-registry',
    args: ['-port', String(port)],
    isReady: async () => (await rawRequest(host, {method: 'GET', path: '/v2/'})).status === 200,
  })
  return {host, [Symbol.asyncDispose]: async () => service[Symbol.asyncDispose]()}
}
