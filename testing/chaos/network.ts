import type {Http, HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {isDigest} from '../../src/oci/digest.ts'
import type {MemoryRegistry} from '../memory-registry.ts'
import {answer, problem} from '../memory-registry/answers.ts'
import type {Clock} from './clock.ts'
import type {History, Read, TagName} from './history.ts'
import type {Lifetime} from './lifetime.ts'
import {planDelivery, type Deletes, type FaultKind, type Delivery, type DeliveryFailure} from './conditions.ts'

/** Event of a round. */
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
  /** Names of the faults to leave out, such as `run2 14 dropped after`. */
  readonly without: ReadonlySet<string>
}

type WholeRequest = Omit<HttpRequest, 'body'> & {readonly body?: Uint8Array}

/** Request that is being transmitted. */
interface Transmission {
  readonly lifetime: Lifetime
  readonly number: number
  readonly request: WholeRequest
  readonly delivery: Delivery
  readonly sentAt: number
  isAbandoned: boolean
}

interface Delivered {
  readonly response: HttpResponse
  readonly read: Read | undefined
}

/** Network between the runs and one registry, with delays, lost messages and answers of proxies. */
export class Network {
  readonly events: Event[] = []
  readonly faults: {readonly name: string; readonly kind: FaultKind}[] = []
  readonly #options: NetworkOptions
  readonly #inner = new Map<string, Http>()

  constructor(options: NetworkOptions) {
    this.#options = options
  }

  http(lifetime: Lifetime, signal: AbortSignal): Http {
    const send = async (request: HttpRequest): Promise<HttpResponse> => this.#exchange(request, lifetime, signal)
    return {
      send,
      open: async (request) => {
        const {body, ...rest} = await send(request)
        return {...rest, body: singleChunk(body)}
      },
      [Symbol.dispose]: () => undefined,
    }
  }

  async #exchange(request: HttpRequest, lifetime: Lifetime, signal: AbortSignal): Promise<HttpResponse> {
    if (isDead(lifetime)) return never()
    signal.throwIfAborted()
    const number = lifetime.next()
    const {body: streamed, ...rest} = request
    const body = streamed === undefined ? {} : {body: await collected(streamed)}
    const isPut = request.method === 'PUT' && tagOf(request) !== undefined
    const {seed, without, clock} = this.#options
    const delivery = planDelivery(lifetime.conditions, {seed, client: lifetime.client, number, isPut}, without)
    for (const kind of delivery.faults) this.faults.push({name: `${lifetime.client} ${number} ${kind}`, kind})
    const transmission: Transmission = {
      lifetime,
      number,
      request: {...rest, ...body},
      delivery,
      sentAt: clock.now,
      isAbandoned: false,
    }
    const travel = this.#travel(transmission)
    travel.catch(() => undefined)
    try {
      const {response, read} = await Promise.race([travel, aborted(signal), lifetime.killed.then(never)])
      if (isDead(lifetime)) return await never()
      if (read !== undefined) read.deliveredAt = clock.now
      return response
    } finally {
      transmission.isAbandoned = true
    }
  }

  async #travel(transmission: Transmission): Promise<Delivered> {
    const {delivery, request, lifetime} = transmission
    const {clock} = this.#options
    await clock.sleep(delivery.out)
    if (delivery.before !== undefined)
      return {response: await this.#failure(delivery.before, transmission), read: undefined}
    const isGone = transmission.isAbandoned || lifetime.isKilled
    if (isGone && !delivery.outlivesClient) return never()
    const delivered = await this.#effect(transmission, isGone ? ' (after its client has disconnected)' : '')
    if (delivery.again !== undefined && request.method !== 'POST') {
      await clock.sleep(delivery.again)
      await this.#effect(transmission, ' (duplicate)')
    }
    await clock.sleep(delivery.back)
    return delivery.after === undefined
      ? delivered
      : {response: await this.#failure(delivery.after, transmission), read: undefined}
  }

  async #failure(failure: DeliveryFailure, transmission: Transmission): Promise<HttpResponse> {
    const {request} = transmission
    switch (failure.kind) {
      case 'reset':
        this.#log(transmission, 'is dropped')
        throw broken('ECONNRESET', 'socket hang up')
      case 'timeout': {
        const ms = request.timeoutMs ?? 15_000
        await this.#options.clock.sleep(ms)
        this.#log(transmission, 'is never answered')
        throw broken('ETIMEDOUT', `no answer in ${ms / 1000} s`)
      }
      case 'status': {
        this.#log(transmission, `is answered with ${failure.status}`)
        const retryAfter = failure.retryAfter === undefined ? {} : {'retry-after': String(failure.retryAfter)}
        return answer(failure.status, retryAfter)
      }
    }
  }

  async #effect(transmission: Transmission, remark: string): Promise<Delivered> {
    const {lifetime, request, delivery} = transmission
    const {clock, history, registry} = this.#options
    const tag = tagOf(request)
    if (request.method === 'GET' && request.url.pathname.endsWith('/tags/list')) {
      return {response: await this.#list(transmission), read: undefined}
    }
    if (tag === undefined) {
      if (request.method !== 'GET' && request.method !== 'HEAD') this.#log(transmission, `takes effect${remark}`)
      return {response: await this.#ask(transmission, request), read: undefined}
    }
    if (request.method === 'GET' || request.method === 'HEAD') return this.#read(transmission, tag)
    if (delivery.isIgnored) {
      this.#log(transmission, 'is accepted and ignored')
      return {response: answer(201), read: undefined}
    }
    const moves = registry.moves.length
    const response = await this.#ask(transmission, request.method === 'DELETE' ? this.#deletion(request, tag) : request)
    const at = clock.now
    for (const {repository, tag: name, from, to} of registry.moves.slice(moves)) {
      const written = `${repository}:${name}`
      history.writes.push({
        client: lifetime.client,
        tag: written,
        sentAt: transmission.sentAt,
        at,
        visibleAt: at + delivery.lag,
        from,
        to,
      })
      this.#log(transmission, `moves ${written} from ${short(from)} to ${short(to)}${remark}`)
    }
    if (registry.moves.length === moves) this.#log(transmission, `is answered with ${response.status}${remark}`)
    return {response, read: undefined}
  }

  async #read(transmission: Transmission, tag: TagName): Promise<Delivered> {
    const {lifetime, request, sentAt} = transmission
    const {clock, history} = this.#options
    const seen = history.nextView(clock.now)(tag)
    const read: Read = {client: lifetime.client, tag, sentAt, at: clock.now, seen, deliveredAt: undefined}
    const current = history.current(tag)
    history.reads.push(read)
    this.#log(transmission, `reads ${short(seen)}${seen === current ? '' : `; the tag points to ${short(current)}`}`)
    if (seen === undefined) return {response: head(request, problem(404, 'MANIFEST_UNKNOWN')), read}
    const url = new URL(request.url.href.replace(/\/manifests\/[^/]+$/, `/manifests/${seen}`))
    return {response: await this.#ask(transmission, {...request, url}), read}
  }

  /** Lists the tags that are visible now. */
  async #list(transmission: Transmission): Promise<HttpResponse> {
    const {clock, history} = this.#options
    const response = await this.#ask(transmission, transmission.request)
    if (response.status !== 200) return response
    const {name, tags} = JSON.parse(response.body.toString('utf8')) as {name: string; tags: string[]}
    const view = history.nextView(clock.now)
    const shown = [...new Set([...tags, ...history.tags().flatMap((tag) => partOf(tag, name))])].filter(
      (tag) => view(`${name}:${tag}`) !== undefined,
    )
    this.#log(transmission, `lists ${shown.join(' ')}`)
    const body = Buffer.from(JSON.stringify({name, tags: shown.sort()}))
    return {...response, headers: {...response.headers, 'content-length': String(body.length)}, body}
  }

  /** Request that deletes a tag. Some registries can delete only the manifest. */
  #deletion(request: WholeRequest, tag: TagName): WholeRequest {
    const {history, deletes} = this.#options
    const current = history.current(tag)
    if (deletes !== 'manifest' || current === undefined) return request
    return {...request, url: new URL(request.url.href.replace(/\/manifests\/[^/]+$/, `/manifests/${current}`))}
  }

  async #ask({lifetime}: Transmission, request: HttpRequest): Promise<HttpResponse> {
    const {registry} = this.#options
    const {host} = registry
    const inner = this.#inner.get(lifetime.client) ?? registry.http({name: lifetime.client})
    this.#inner.set(lifetime.client, inner)
    // The host of the request may be the address of a proxy.
    return inner.send({...request, url: new URL(`https://${host}${request.url.pathname}${request.url.search}`)})
  }

  #log({lifetime, number, request}: Transmission, text: string): void {
    const what = `${request.method} ${request.url.pathname.replace(/^\/v2\//, '').replace(/sha256:([0-9a-f]{8})[0-9a-f]+/, '$1')}`
    this.events.push({at: this.#options.clock.now, client: lifetime.client, text: `#${number} ${what} ${text}`})
  }
}

export function tagOf({url}: Pick<HttpRequest, 'url'>): TagName | undefined {
  const [, repository = '', reference = ''] =
    /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(decodeURIComponent(url.pathname)) ?? []
  return reference === '' || isDigest(reference) ? undefined : `${repository}:${reference}`
}

function isDead({isKilled}: Lifetime): boolean {
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

async function* singleChunk(body: Buffer): AsyncGenerator<Uint8Array> {
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
