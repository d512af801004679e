import {promote} from '../src/commands/promote.ts'
import {publish} from '../src/commands/publish.ts'
import {httpClient, type Http, type HttpRequest} from '../src/io/http.ts'
import type {ErrorCode} from '../src/errors/catalogue.ts'
import type {RepositoryClient} from '../src/registry/repository-client.ts'
import {builtImage, programOf, runCommand, type CommandRun} from './command-run.ts'
import type {RequestClass} from './fault-classes.ts'
import {startFaultRelay, type FaultName, type FaultPlan, type Targets} from './fault-relay.ts'
import {directClients, headsOf, newer, shape, store, storeOlder, type Heads} from './next-release.ts'
import type {TestClients} from './registry-client.ts'
import {publishTo, type Credentials} from './sample.ts'

/** The repositories of one run, in one registry. */
export const parts = ['one', 'two'] as const

/** Fewer than a user has, so that what fails for ever fails soon. */
const retries = 2
/** How much shorter than a user's a line may be silent that is known to stay so: half a second, not 15. */
const hurry = 1 / 30

export interface Combination {
  readonly of: RequestClass
  readonly fault: FaultName
  readonly times: 'once' | 'for ever'
}

/** Digest of each tag, by repository. */
export type Holdings = Readonly<Record<(typeof parts)[number], Heads>>

export interface Met {
  /** How many requests met with the fault. */
  readonly hits: number
  readonly failure: ErrorCode | undefined
  /** The longest wait before a further try, in milliseconds. */
  readonly longestWaitMs: number
  readonly newDigest: string
  readonly before: Holdings
  readonly after: Holdings
  /** After a second run without a fault, which ended so; only after a fault for ever. */
  readonly repaired: {readonly failure: ErrorCode | undefined; readonly holdings: Holdings} | undefined
}

/** A registry with a release, and a run that publishes the next one through a door at which one class of requests fails. */
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

  /** `path` is of this combination alone. */
  async meet({of, fault, times}: Combination, path: string): Promise<Met> {
    const names = parts.map((part) => `${path}/${part}`)
    await Promise.all(names.map(async (name) => storeOlder(this.#client(name))))
    if (of.command === 'promote') await store(this.#client(`${path}/one`), newer)
    const before = await this.#holdings(path)
    const {meets, answer} = of
    const plan = {fault, meets, times: times === 'once' ? 1 : Infinity, ...(answer && {answer})}
    const first = await this.#run(of, path, plan)
    const after = await this.#holdings(path)
    const {ran, hits, longestWaitMs} = first
    const met = {hits, longestWaitMs, failure: ran.failure?.code, before, after}
    if (times === 'once') return {...met, newDigest: digestOf(of, [ran]), repaired: undefined}
    const second = await this.#run(of, path, {fault, meets, times: 0})
    const repaired = {failure: second.ran.failure?.code, holdings: await this.#holdings(path)}
    return {...met, newDigest: digestOf(of, [ran, second.ran]), repaired}
  }

  async #run(of: RequestClass, path: string, plan: FaultPlan): Promise<Passed> {
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
          plan.meets({method, path: pathname + search, headers: {}}, relay.requests)
        return impatient(httpClient(until, {}), isHung)
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

  async #holdings(path: string): Promise<Holdings> {
    const [one = {}, two = {}] = await Promise.all(parts.map(async (part) => headsOf(this.#client(`${path}/${part}`))))
    return {one, two}
  }
}

interface Passed {
  readonly ran: CommandRun
  readonly hits: number
  readonly longestWaitMs: number
}

function impatient(client: Http, isHung: (request: HttpRequest) => boolean): Http {
  const soon = (request: HttpRequest): HttpRequest =>
    isHung(request) ? {...request, timeoutMs: (request.timeoutMs ?? 15_000) * hurry} : request
  return {
    send: async (request) => client.send(soon(request)),
    open: async (request) => client.open(soon(request)),
    [Symbol.dispose]: () => {
      client[Symbol.dispose]()
    },
  }
}

/** What was built, whichever run built it. */
function digestOf(of: RequestClass, runs: readonly CommandRun[]): string {
  if (of.command === 'promote') return newer.digest
  const builds = runs.flatMap(({io}) => io.processes.commands.filter((one) => programOf(one) === 'buildx build'))
  const [build] = builds
  if (build === undefined) throw new Error('nothing was built')
  return builtImage(build, shape).digest
}
