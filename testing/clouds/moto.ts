import {freePort} from '../registry.ts'
import {startService} from '../registries/service.ts'

/** moto_server, which replaces the APIs of AWS: https://docs.getmoto.org/en/latest/docs/server_mode.html */
export interface Moto extends AsyncDisposable {
  readonly url: string
}

/** Starts moto on a free loopback port. @throws Error if it is not installed, or does not respond. */
export async function startMoto(): Promise<Moto> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const service = await startService({
    program: 'moto_server',
    args: ['-H', '127.0.0.1', '-p', String(port)],
    isReady: async () => (await fetch(`${url}/moto-api/`)).ok,
  })
  return {url, [Symbol.asyncDispose]: async () => service[Symbol.asyncDispose]()}
}
