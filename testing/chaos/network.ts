import type {Http, HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {isDigest} from '../../src/oci/digest.ts'
import type {MemoryRegistry} from '../memory-registry.ts'
import {answer, problem} from '../memory-registry/answers.ts'
import type {Clock} from './clock.ts'
import type {History, Read, TagName} from './history.ts'
import type {Life} from './life.ts'
import {journeyOf, type Deletes, type FaultKind, type Journey, type Mishap} from './weather.ts'

/** One line of what happened, in the order of time. */
export interface Event {
  readonly at: number
  readonly client: string
  readonly text: string
}

export interface NetworkOptions {
  readonly clock: Clock
  readonly registry: MemoryRegistry
  readonly history: History
  readonly seed: number
  readonly deletes: Deletes
  /** Faults that do not happen: `run2 14 dropped after`. */
  readonly without: ReadonlySet<string>
}

type WholeRequest = Omit<HttpRequest, 'body'> & {readonly body?: Uint8Array}

/** A request on its way. */
interface Parcel {
  readonly life: Life
  readonly number: number
  readonly request: WholeRequest
  readonly journey: Journey
  readonly sentAt: number
  isAbandoned: boolean
}

interface Delivered {
  readonly response: HttpResponse
  readonly read: Read | undefined
}

/** The network between runs and one registry: with delays, losses and answers of its own. */
export class Network {
  readonly events: Event[] = []
  readonly faults: {readonly name: string; readonly kind: FaultKind}[] = []
  readonly #options: NetworkOptions
  readonly #inner = new Map<string, Http>()

  constructor(options: NetworkOptions) {
    this.#options = options
  }

  http(life: Life, signal: AbortSignal): Http {
    const send = async (request: HttpRequest): Promise<HttpResponse> => this.#exchange(request, life, signal)
    return {
      send,
      open: async (request) => {
        const {body, ...rest} = await send(request)
        return {...rest, body: once(body)}
      },
      [Symbol.dispose]: () => undefined,
    }
  }

  async #exchange(request: HttpRequest, life: Life, signal: AbortSignal): Promise<HttpResponse> {
    if (isDead(life)) return never()
    signal.throwIfAborted()
    const number = life.next()
    const {body: streamed, ...rest} = request
    const body = streamed === undefined ? {} : {body: await collected(streamed)}
    const isPut = request.method === 'PUT' && tagOf(request) !== undefined
    const {seed, without, clock} = this.#options
    const journey = journeyOf(life.weather, {seed, client: life.client, number, isPut}, without)
    for (const kind of journey.faults) this.faults.push({name: `${life.client} ${number} ${kind}`, kind})
    const parcel: Parcel = {
      life,
      number,
      request: {...rest, ...body},
      journey,
      sentAt: clock.now,
      isAbandoned: false,
    }
    const travel = this.#travel(parcel)
    travel.catch(() => undefined)
    try {
      const {response, read} = await Promise.race([travel, aborted(signal), life.killed.then(never)])
      if (isDead(life)) return await never()
      if (read !== undefined) read.deliveredAt = clock.now
      return response
    } finally {
      parcel.isAbandoned = true
    }
  }

  async #travel(parcel: Parcel): Promise<Delivered> {
    const {journey, request, life} = parcel
    const {clock} = this.#options
    await clock.sleep(journey.out)
    if (journey.before !== undefined) return {response: await this.#mishap(journey.before, parcel), read: undefined}
    const isGone = parcel.isAbandoned || life.isKilled
    if (isGone && !journey.outlivesClient) return never()
    const delivered = await this.#effect(parcel, isGone ? ' (its client has gone)' : '')
    if (journey.again !== undefined && request.method !== 'POST') {
      await clock.sleep(journey.again)
      await this.#effect(parcel, ' (doubled)')
    }
    await clock.sleep(journey.back)
    return journey.after === undefined
      ? delivered
      : {response: await this.#mishap(journey.after, parcel), read: undefined}
  }

  async #mishap(mishap: Mishap, parcel: Parcel): Promise<HttpResponse> {
    const {request} = parcel
    switch (mishap.kind) {
      case 'reset':
        this.#note(parcel, 'is dropped')
        throw broken('ECONNRESET', 'socket hang up')
      case 'timeout': {
        const ms = request.timeoutMs ?? 15_000
        await this.#options.clock.sleep(ms)
        this.#note(parcel, 'is never answered')
        throw broken('ETIMEDOUT', `no answer in ${ms / 1000} s`)
      }
      case 'status': {
        this.#note(parcel, `is answered with ${mishap.status}`)
        const retryAfter = mishap.retryAfter === undefined ? {} : {'retry-after': String(mishap.retryAfter)}
        return answer(mishap.status, retryAfter)
      }
    }
  }

  async #effect(parcel: Parcel, remark: string): Promise<Delivered> {
    const {life, request, journey} = parcel
    const {clock, history, registry} = this.#options
    const tag = tagOf(request)
    if (request.method === 'GET' && request.url.pathname.endsWith('/tags/list')) {
      return {response: await this.#list(parcel), read: undefined}
    }
    if (tag === undefined) {
      if (request.method !== 'GET' && request.method !== 'HEAD') this.#note(parcel, `takes effect${remark}`)
      return {response: await this.#ask(parcel, request), read: undefined}
    }
    if (request.method === 'GET' || request.method === 'HEAD') return this.#read(parcel, tag)
    if (journey.isIgnored) {
      this.#note(parcel, 'is taken and ignored')
      return {response: answer(201), read: undefined}
    }
    const moves = registry.moves.length
    const response = await this.#ask(parcel, request.method === 'DELETE' ? this.#deletion(request, tag) : request)
    const at = clock.now
    for (const {repository, tag: name, from, to} of registry.moves.slice(moves)) {
      const written = `${repository}:${name}`
      history.writes.push({
        client: life.client,
        tag: written,
        sentAt: parcel.sentAt,
        at,
        visibleAt: at + journey.lag,
        from,
        to,
      })
      this.#note(parcel, `moves ${written} from ${short(from)} to ${short(to)}${remark}`)
    }
    if (registry.moves.length === moves) this.#note(parcel, `is answered with ${response.status}${remark}`)
    return {response, read: undefined}
  }

  async #read(parcel: Parcel, tag: TagName): Promise<Delivered> {
    const {life, request, sentAt} = parcel
    const {clock, history} = this.#options
    const seen = history.nextView(clock.now)(tag)
    const read: Read = {client: life.client, tag, sentAt, at: clock.now, seen, deliveredAt: undefined}
    history.reads.push(read)
    this.#note(
      parcel,
      `sees ${short(seen)}${seen === history.held(tag) ? '' : `; it holds ${short(history.held(tag))}`}`,
    )
    if (seen === undefined) return {response: head(request, problem(404, 'MANIFEST_UNKNOWN')), read}
    const url = new URL(request.url.href.replace(/\/manifests\/[^/]+$/, `/manifests/${seen}`))
    return {response: await this.#ask(parcel, {...request, url}), read}
  }

  /** As the registry shows its tags at this moment. */
  async #list(parcel: Parcel): Promise<HttpResponse> {
    const {clock, history} = this.#options
    const response = await this.#ask(parcel, parcel.request)
    if (response.status !== 200) return response
    const {name, tags} = JSON.parse(response.body.toString('utf8')) as {name: string; tags: string[]}
    const view = history.nextView(clock.now)
    const shown = [...new Set([...tags, ...history.tags().flatMap((tag) => partOf(tag, name))])].filter(
      (tag) => view(`${name}:${tag}`) !== undefined,
    )
    this.#note(parcel, `lists ${shown.join(' ')}`)
    const body = Buffer.from(JSON.stringify({name, tags: shown.sort()}))
    return {...response, headers: {...response.headers, 'content-length': String(body.length)}, body}
  }

  /** Some registries have no way to remove a tag alone. */
  #deletion(request: WholeRequest, tag: TagName): WholeRequest {
    const {history, deletes} = this.#options
    const held = history.held(tag)
    if (deletes !== 'manifest' || held === undefined) return request
    return {...request, url: new URL(request.url.href.replace(/\/manifests\/[^/]+$/, `/manifests/${held}`))}
  }

  async #ask({life}: Parcel, request: HttpRequest): Promise<HttpResponse> {
    const {registry} = this.#options
    const {host} = registry
    const inner = this.#inner.get(life.client) ?? registry.http({name: life.client})
    this.#inner.set(life.client, inner)
    // Whatever name a client calls it by.
    return inner.send({...request, url: new URL(`https://${host}${request.url.pathname}${request.url.search}`)})
  }

  #note({life, number, request}: Parcel, text: string): void {
    const what = `${request.method} ${request.url.pathname.replace(/^\/v2\//, '').replace(/sha256:([0-9a-f]{8})[0-9a-f]+/, '$1')}`
    this.events.push({at: this.#options.clock.now, client: life.client, text: `#${number} ${what} ${text}`})
  }
}

export function tagOf({url}: Pick<HttpRequest, 'url'>): TagName | undefined {
  const [, repository = '', reference = ''] =
    /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(decodeURIComponent(url.pathname)) ?? []
  return reference === '' || isDigest(reference) ? undefined : `${repository}:${reference}`
}

function isDead({isKilled}: Life): boolean {
  return isKilled
}

function partOf(tag: TagName, repository: string): readonly string[] {
  return tag.startsWith(`${repository}:`) ? [tag.slice(repository.length + 1)] : []
}

export function short(digest: string | undefined): string {
  return digest?.slice('sha256:'.length, 'sha256:'.length + 8) ?? 'nothing'
}

function head({method}: Pick<HttpRequest, 'method'>, response: HttpResponse): HttpResponse {
  return method === 'HEAD' ? {...response, body: Buffer.alloc(0)} : response
}

async function collected(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* once(body: Buffer): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(body)
}

async function never(): Promise<never> {
  return new Promise<never>(() => undefined)
}

async function aborted(signal: AbortSignal): Promise<never> {
  return new Promise<never>((_, reject) => {
    const end = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, {once: true})
  })
}

function broken(code: string, message: string): Error {
  return Object.assign(new Error(message), {code})
}
