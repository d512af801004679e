import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {setTimeout as sleep} from 'node:timers/promises'
import {missing} from '../missing.ts'
import {freePort} from '../registry.ts'

/** moto_server, which replaces the APIs of AWS: https://docs.getmoto.org/en/latest/docs/server_mode.html */
export interface Moto extends AsyncDisposable {
  readonly url: string
}

const startTimeoutMs = 30_000

/** Starts moto on a free loopback port. @throws Error if it is not installed, or does not respond. */
export async function startMoto(): Promise<Moto> {
  const port = await freePort()
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {stdio: 'ignore'})
  const failure = once(child, 'error').then(([error]) => {
    throw missing('moto_server', error)
  })
  failure.catch(() => undefined)
  const url = `http://127.0.0.1:${port}`
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  try {
    await Promise.race([failure, untilReady(url)])
  } catch (error) {
    await end()
    throw error
  }
  return {url, [Symbol.asyncDispose]: end}
}

async function untilReady(url: string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs
  while (Date.now() < deadline) {
    const isReady = await fetch(`${url}/moto-api/`).then(
      ({ok}) => ok,
      () => false,
    )
    if (isReady) return
    await sleep(100)
  }
  throw new Error(`moto_server does not respond at ${url}`)
}
