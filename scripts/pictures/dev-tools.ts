import {spawn, type ChildProcess} from 'node:child_process'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {Readable, Writable} from 'node:stream'

/** The result of a DevTools command. */
export type Result = Readonly<Record<string, unknown>>

/**
 * Headless Chromium and its DevTools pipe: JSON messages, each ended by a null byte
 * (https://chromedevtools.github.io/devtools-protocol/).
 */
export class DevTools {
  readonly #browser: ChildProcess
  readonly #profile: string
  readonly #requests: Writable
  readonly #pending = new Map<number, PromiseWithResolvers<Result>>()
  #count = 0

  private constructor(browser: ChildProcess, profile: string) {
    this.#browser = browser
    this.#profile = profile
    const [, , , requests, responses] = browser.stdio
    if (!(requests instanceof Writable) || !(responses instanceof Readable)) throw new Error('Chromium has no pipe')
    this.#requests = requests
    this.#receive(responses)
    browser.once('error', (error) => {
      this.#failAll(error)
    })
    browser.once('exit', (code) => {
      this.#failAll(new Error(`Chromium ended with code ${code ?? 'none'}`))
    })
  }

  static async start(): Promise<DevTools> {
    const profile = await mkdtemp(path.join(tmpdir(), 'tagboat-browser-'))
    const flags = [
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      // Chromium's sandbox does not work for root; the pages are files that this program wrote.
      '--no-sandbox',
      '--allow-file-access-from-files',
      '--disable-gpu',
      '--hide-scrollbars',
      '--font-render-hinting=none',
    ]
    const browser = spawn('chromium-headless-shell', flags, {stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']})
    return new DevTools(browser, profile)
  }

  /** Sends a command, to one page where `sessionId` is given. @throws Error with Chromium's message. */
  async send(method: string, params: object, sessionId?: string): Promise<Result> {
    this.#count += 1
    const pending = Promise.withResolvers<Result>()
    this.#pending.set(this.#count, pending)
    this.#requests.write(`${JSON.stringify({id: this.#count, method, params, sessionId})}\0`)
    return pending.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#browser.exitCode === null) {
      const ended = new Promise((resolve) => this.#browser.once('exit', resolve))
      this.#browser.kill()
      await ended
    }
    await rm(this.#profile, {recursive: true, force: true, maxRetries: 5})
  }

  #receive(responses: Readable): void {
    let buffered = ''
    responses.setEncoding('utf8').on('data', (chunk: string) => {
      const messages = (buffered + chunk).split('\0')
      buffered = messages.pop() ?? ''
      for (const message of messages) this.#settle(parseRecord(message))
    })
  }

  /** Settles the pending request of a result. Events have no id and are ignored. */
  #settle({id, result, error}: Result): void {
    const pending = typeof id === 'number' ? this.#pending.get(id) : undefined
    if (error === undefined) pending?.resolve(record(result))
    else pending?.reject(new Error(JSON.stringify(error)))
  }

  #failAll(error: Error): void {
    for (const {reject} of this.#pending.values()) reject(error)
  }
}

function parseRecord(json: string): Result {
  return record(JSON.parse(json))
}

/** An object of a response; empty for anything else. */
export function record(value: unknown): Result {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}
