import type {Activity, Place, RequestName, Retry, Transfers} from '../registry/registry-request.ts'
import type {BlobDescriptor} from '../registry/repository-client.ts'
import {isLayer, type Descriptor} from '../oci/manifest.ts'
import type {SentBlob} from './transfer-lines.ts'

/** Time after which something that lasts is logged, and between its lines. */
const intervalMs = 10_000
const checkMs = 1_000

/** Log and clock of `RegistryLog`. */
interface RegistryLogIo {
  readonly write: (line: string) => void
  readonly now: () => number
  /** Calls `work` at intervals, until the returned function is called. */
  readonly every: (ms: number, work: () => void) => () => void
}

interface Upload {
  readonly blobs: Map<string, SentBlob>
  shownAt: number
  shownBytes: number
}

interface Repeated {
  shownAt: number
  /** Retries since the last line. */
  count: number
  reason: string
}

/**
 * Log of what takes long in registries: every ten seconds a line about the blobs that are sent to a registry, or about
 * the oldest request to it. Of the retries of one target (a host and an operation), the first one is logged, and every
 * ten seconds the number of further ones.
 */
export class RegistryLog implements Activity, Disposable {
  readonly #io: RegistryLogIo
  readonly #uploads = new Map<string, Upload>()
  readonly #requests = new Map<RequestName, number>()
  readonly #waits = new Map<string, number>()
  readonly #retries = new Map<string, Repeated>()
  #stop: (() => void) | undefined

  constructor(io: RegistryLogIo) {
    this.#io = io
  }

  readonly transfers: Transfers = {
    expect: (place, blobs) => {
      for (const blob of blobs) this.#set(place, blob, {isLayer: isLayer(blob)})
    },
    sent: (place, blob, sentBytes) => {
      this.#set(place, blob, {sentBytes})
    },
    has: (place, blob) => {
      this.#settle(place, blob)
    },
    failed: ({host}) => {
      this.#uploads.delete(host)
    },
  }

  request({host, subject}: RequestName): () => void {
    const name = {host, subject}
    this.#requests.set(name, this.#io.now())
    this.#watch()
    return () => {
      this.#requests.delete(name)
      if (this.#isIdle()) this.#rest()
    }
  }

  retry(line: string, {host, subject, reason}: Retry): void {
    const target = `${host}: ${operationOf(subject)}`
    const known = this.#retries.get(target)
    const now = this.#io.now()
    if (known === undefined || (known.count === 0 && now - known.shownAt >= intervalMs)) {
      this.#retries.set(target, {shownAt: now, count: 0, reason})
      this.#io.write(line)
    } else {
      known.count += 1
      known.reason = reason
    }
    this.#watch()
  }

  /** Logs the retries since the last line. */
  [Symbol.dispose](): void {
    this.#rest()
    for (const [target, repeated] of this.#retries) this.#writeCount(target, repeated)
  }

  #set({host, path}: Place, {digest, sizeBytes}: BlobDescriptor | Descriptor, now: Partial<SentBlob>): void {
    const upload: Upload = this.#uploads.get(host) ?? {blobs: new Map(), shownAt: this.#io.now(), shownBytes: 0}
    this.#uploads.set(host, upload)
    const key = `${path}@${digest}`
    const before = upload.blobs.get(key) ?? {sizeBytes, isLayer: false, sentBytes: undefined, isStored: false}
    upload.blobs.set(key, {...before, ...now})
    this.#watch()
  }

  /** Counts a blob as stored, or not at all if it was not sent. */
  #settle({host, path}: Place, {digest, sizeBytes}: BlobDescriptor): void {
    const upload = this.#uploads.get(host)
    const key = `${path}@${digest}`
    const blob = upload?.blobs.get(key)
    if (upload === undefined || blob === undefined) return
    if (blob.sentBytes === undefined) upload.blobs.delete(key)
    else upload.blobs.set(key, {...blob, sentBytes: sizeBytes, isStored: true})
    if ([...upload.blobs.values()].every(({isStored}) => isStored)) this.#uploads.delete(host)
  }

  #watch(): void {
    this.#stop ??= this.#io.every(checkMs, () => {
      void this.#check()
    })
  }

  #rest(): void {
    this.#stop?.()
    this.#stop = undefined
  }

  #isIdle(): boolean {
    return this.#requests.size === 0 && this.#uploads.size === 0 && ![...this.#retries.values()].some(hasMore)
  }

  async #check(): Promise<void> {
    const now = this.#io.now()
    for (const [target, repeated] of this.#retries) {
      if (now - repeated.shownAt >= intervalMs) this.#writeCount(target, repeated)
    }
    const uploads = [...this.#uploads].filter(([, {shownAt}]) => now - shownAt >= intervalMs)
    const requests = [...this.#requests].filter(([name, since]) => this.#isSlow(name, now - since, now))
    if (uploads.length + requests.length > 0) await this.#write(uploads, requests, now)
  }

  /** Reports whether a request is the first one of its host that takes long, and nothing is sent there. */
  #isSlow({host}: RequestName, ms: number, now: number): boolean {
    if (ms < intervalMs || this.#uploads.has(host) || now - (this.#waits.get(host) ?? 0) < intervalMs) return false
    this.#waits.set(host, now)
    return true
  }

  async #write(
    uploads: readonly (readonly [string, Upload])[],
    requests: readonly (readonly [RequestName, number])[],
    now: number,
  ): Promise<void> {
    const {transferLine, waitLine, sentBytes} = await import('./transfer-lines.ts')
    for (const [host, upload] of uploads) {
      const blobs = [...upload.blobs.values()]
      this.#io.write(transferLine(host, blobs, {bytes: upload.shownBytes, ms: now - upload.shownAt}))
      upload.shownAt = now
      upload.shownBytes = sentBytes(blobs)
    }
    for (const [name, since] of requests) this.#io.write(waitLine(name, now - since))
  }

  #writeCount(target: string, repeated: Repeated): void {
    if (!hasMore(repeated)) return
    const {count, reason} = repeated
    this.#io.write(`${target}: ${count} more ${count === 1 ? 'retry' : 'retries'} (${reason})`)
    repeated.shownAt = this.#io.now()
    repeated.count = 0
  }
}

function hasMore({count}: Repeated): boolean {
  return count > 0
}

/** Operation of a request: `PUT manifests` of `PUT manifests/1.2.3`. */
function operationOf(subject: string): string {
  const [, method = '', noun = ''] = /^(\S+) \/?([^/]*)/.exec(subject) ?? []
  return `${method} ${noun}`
}
