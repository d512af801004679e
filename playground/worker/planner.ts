import type {Request, Response} from './messages.ts'

/** Result of a request. */
export type Outcome =
  | Exclude<Response, {readonly kind: 'alive'}>
  /** Computation that was ended because it gave no sign of life. */
  | {readonly kind: 'stopped'}
  /** Request that a newer one has replaced. */
  | {readonly kind: 'replaced'}

/**
 * Longest time without a sign of life, in milliseconds, and longest time that a newer request waits. A regular expression
 * can run for hours.
 */
const patienceMs = 2000

/** Steps in which the time is counted. A page that is busy itself counts one, in which messages wait too. */
const ticks = 8

interface Waiting {
  readonly request: Request
  readonly settle: (outcome: Outcome) => void
}

/**
 * Computes in a worker, one request at a time. A request that waits is replaced by a newer one. A worker that gives no sign
 * of life is ended, and so is one that keeps a newer request waiting. The next request gets a new one.
 */
export class Planner {
  #worker: Worker | undefined
  #current: Waiting | undefined
  #next: Waiting | undefined
  /** Time of the first sign of life of the current request. */
  #startedAt: number | undefined
  #deadline: ReturnType<typeof setInterval> | undefined

  async ask(request: Request): Promise<Outcome> {
    return new Promise((settle) => {
      this.#next?.settle({kind: 'replaced'})
      this.#next = {request, settle}
      this.#advance()
    })
  }

  #advance(): void {
    if (this.#current !== undefined || this.#next === undefined) return
    this.#current = this.#next
    this.#next = undefined
    this.#startedAt = undefined
    this.#worker ??= this.#start()
    this.#worker.postMessage(this.#current.request)
  }

  /** Starts a worker. Its deadline begins with its first sign of life, because its script may take long to load. */
  #start(): Worker {
    const worker = new Worker(WORKER_URL, {type: 'module'})
    worker.addEventListener('message', ({data}: MessageEvent<Response>) => {
      if (worker !== this.#worker) return
      if (data.kind === 'alive') this.#goOn()
      else this.#finish(data)
    })
    worker.addEventListener('error', ({message}) => {
      if (worker !== this.#worker) return
      this.#worker = undefined
      worker.terminate()
      this.#finish({kind: 'broken', message: message === '' ? 'the worker could not be loaded' : message})
    })
    return worker
  }

  #goOn(): void {
    this.#startedAt ??= performance.now()
    if (this.#next !== undefined && performance.now() - this.#startedAt > patienceMs) this.#end('replaced')
    else this.#expect()
  }

  #expect(): void {
    clearInterval(this.#deadline)
    let left = ticks
    this.#deadline = setInterval(() => {
      left -= 1
      if (left === 0) this.#end('stopped')
    }, patienceMs / ticks)
  }

  #end(kind: 'stopped' | 'replaced'): void {
    this.#worker?.terminate()
    this.#worker = undefined
    this.#finish({kind})
  }

  #finish(outcome: Outcome): void {
    clearInterval(this.#deadline)
    const finished = this.#current
    this.#current = undefined
    finished?.settle(outcome)
    this.#advance()
  }
}
