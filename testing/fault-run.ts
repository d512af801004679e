import {promote} from '../src/commands/promote.ts'
import {publish} from '../src/commands/publish.ts'
import {httpClient, type Http, type HttpRequest} from '../src/io/http.ts'
import type {ErrorCode} from '../src/errors/causes.ts'
import type {RepositoryClient} from '../src/registry/repository-client.ts'
import {builtImage, programOf, runCommand, type CommandRun} from './command-run.ts'
import type {RequestClass} from './fault-classes.ts'
import {startFaultRelay, type FaultName, type FaultPlan, type Targets} from './fault-relay.ts'
import {directClients, headsOf, newer, shape, store, storeOlder, type Heads} from './next-release.ts'
import type {TestClients} from './registry-client.ts'
import {publishTo, type Credentials} from './sample.ts'

/** Repositories of one run, in one registry. */
export const parts = ['one', 'two'] as const

/** Number of retries, which is less than the default to save time. */
const retries = 2
/** Factor for the timeout of a request that is never answered: half a second instead of 15. */
const timeoutFactor = 1 / 30

export interface Combination {
  readonly of: RequestClass
  readonly fault: FaultName
  readonly times: 'once' | 'for ever'
}

/** Digests of tags by repository. */
export type RepositoryHeads = Readonly<Record<(typeof parts)[number], Heads>>

export interface FaultResult {
  /** Number of requests that failed. */
  readonly hits: number
  readonly failure: ErrorCode | undefined
  /** Longest wait before a retry, in milliseconds. */
  readonly longestWaitMs: number
  readonly newDigest: string
  readonly before: RepositoryHeads
  readonly after: RepositoryHeads
  /** Result of a second run without a fault. Undefined if the fault occurs only once. */
  readonly repaired: {readonly failure: ErrorCode | undefined; readonly heads: RepositoryHeads} | undefined
}

/** Registry with a release, and a run that publishes the next one through a relay in which one class of requests fails. */
export class FaultBench {
  readonly #targets: Targets
  readonly #login: Credentials
  readonly #clients: TestClients

  constructor(targets: Targets, login: Credentials) {
    this.#targets = targets
    this.#login = login
    this.#clients = directClients(login)
  }

  [Symbol.dispose](): void {
    this.#clients[Symbol.dispose]()
  }

  /** Runs a combination in repositories below `path`, which no other combination uses. */
  async run({of, fault, times}: Combination, path: string): Promise<FaultResult> {
    const names = parts.map((part) => `${path}/${part}`)
    await Promise.all(names.map(async (name) => storeOlder(this.#client(name))))
    if (of.command === 'promote') await store(this.#client(`${path}/one`), newer)
    const before = await this.#heads(path)
    const {matches, answer} = of
    const plan = {fault, matches, times: times === 'once' ? 1 : Infinity, ...(answer && {answer})}
    const first = await this.#run(of, path, plan)
    const after = await this.#heads(path)
    const {ran, hits, longestWaitMs} = first
    const result = {hits, longestWaitMs, failure: ran.failure?.code, before, after}
    if (times === 'once') return {...result, newDigest: digestOf(of, [ran]), repaired: undefined}
    const second = await this.#run(of, path, {fault, matches, times: 0})
    const repaired = {failure: second.ran.failure?.code, heads: await this.#heads(path)}
    return {...result, newDigest: digestOf(of, [ran, second.ran]), repaired}
  }

  async #run(of: RequestClass, path: string, plan: FaultPlan): Promise<RelayedRun> {
    await using relay = await startFaultRelay(this.#targets, plan)
    let longestWaitMs = 0
    const ran = await runCommand(of.command === 'publish' ? publish : promote, {
      builds: of.command === 'publish',
      image: shape,
      inputs: {
        ...publishTo(relay.host, this.#login),
        images: parts.map((part) => `${relay.host}/${path}/${part}`).join('\n'),
        platforms: shape.platforms.join(),
        retries: String(retries),
        ...(of.command === 'promote' && {digests: newer.digest}),
      },
      http: (until) => {
        const isHung = ({method, url: {pathname, search}}: HttpRequest): boolean =>
          plan.fault === 'hang' &&
          relay.hits() < plan.times &&
          plan.matches({method, path: pathname + search, headers: {}}, relay.requests)
        return withShortTimeout(httpClient(until, {}), isHung)
      },
      timer: () => ({
        sleep: async (ms) => {
          longestWaitMs = Math.max(longestWaitMs, ms)
          return Promise.resolve()
        },
        random: () => 0.5,
      }),
    })
    return {ran, hits: relay.hits(), longestWaitMs}
  }

  #client(path: string): RepositoryClient {
    return this.#clients.of(this.#targets.registry.host, path)
  }

  async #heads(path: string): Promise<RepositoryHeads> {
    const [one = {}, two = {}] = await Promise.all(parts.map(async (part) => headsOf(this.#client(`${path}/${part}`))))
    return {one, two}
  }
}

interface RelayedRun {
  readonly ran: CommandRun
  readonly hits: number
  readonly longestWaitMs: number
}

function withShortTimeout(client: Http, isHung: (request: HttpRequest) => boolean): Http {
  const shorten = (request: HttpRequest): HttpRequest =>
    isHung(request) ? {...request, timeoutMs: (request.timeoutMs ?? 15_000) * timeoutFactor} : request
  return {
    send: async (request) => client.send(shorten(request)),
    open: async (request) => client.open(shorten(request)),
    [Symbol.dispose]: () => {
      client[Symbol.dispose]()
    },
  }
}

/** Digest of the new image, which one of the runs has built. */
function digestOf(of: RequestClass, runs: readonly CommandRun[]): string {
  if (of.command === 'promote') return newer.digest
  const builds = runs.flatMap(({io}) => io.processes.commands.filter((one) => programOf(one) === 'buildx build'))
  const [build] = builds
  if (build === undefined) throw new Error('nothing was built')
  return builtImage(build, shape).digest
}
