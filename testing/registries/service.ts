import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {setTimeout as sleep} from 'node:timers/promises'
import {missing} from '../missing.ts'

export interface ServiceOptions {
  readonly program: string
  readonly args: readonly string[]
  /** Variables beside PATH. */
  readonly env?: Readonly<Record<string, string>>
  /** Requests something; the service is ready once it does not throw and returns true. */
  readonly isReady: () => Promise<boolean>
}

const startTimeoutMs = 120_000
const maxOutput = 20_000

/** Starts a server program for one test. @throws Error if it is not installed, ends, or is not ready in time. */
export async function startService({program, args, env, isReady}: ServiceOptions): Promise<AsyncDisposable> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {PATH: process.env['PATH'], ...env},
  })
  let output = ''
  const collect = (chunk: Buffer): void => {
    output = `${output}${chunk.toString()}`.slice(-maxOutput)
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const failure = once(child, 'error').then(([error]) => {
    throw missing(program, error)
  })
  failure.catch(() => undefined)
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  const end = async (): Promise<void> => {
    if (hasEnded() || child.pid === undefined) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  const untilReady = async (): Promise<void> => {
    const deadline = Date.now() + startTimeoutMs
    while (!hasEnded() && Date.now() < deadline) {
      if (await isReady().catch(() => false)) return
      await sleep(50)
    }
    throw new Error(`${program} is not ready:\n${output}`)
  }
  try {
    await Promise.race([failure, untilReady()])
  } catch (error) {
    await end()
    throw error
  }
  return {[Symbol.asyncDispose]: end}
}
