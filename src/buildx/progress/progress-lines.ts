import {formatBytes} from '../../oci/byte-size.ts'
import type {LogRecord, ProgressRecord, StatusRecord} from './progress-record.ts'
import type {Step, Steps} from './progress-steps.ts'

/** Longest time of a lookup: BuildKit looks an internal step up before it runs it, and reports that as a short run. */
const lookUpMs = 5
/** Interval between two lines about a transfer. */
const transferMs = 5_000
/** Characters that are kept of a line without a line break. */
const maxUnended = 64 * 1024
const keptLines = 24

/**
 * Formatter of build records as log lines, in the form of Buildx's plain progress:
 * https://docs.docker.com/reference/cli/docker/buildx/build/#progress. Each line begins with the number of its step,
 * which distinguishes steps that run at the same time. All times are those of the records.
 */
export class ProgressLines {
  readonly #steps: Steps
  readonly #shown = new Map<string, Shown>()

  constructor(steps: Steps) {
    this.#steps = steps
  }

  /** Applies a record to the steps, and returns the lines that it adds. */
  take({vertices, statuses, logs}: ProgressRecord): readonly string[] {
    // Output in the record that ends a step precedes the line about its end.
    const printing = new Set([...statuses, ...logs].map(({vertex}) => vertex))
    const before = new Map(vertices.map(({digest}) => [digest, this.#steps.of(digest)?.completed]))
    for (const vertex of vertices) this.#steps.apply(vertex)
    const steps = [...before].flatMap(([digest, completed]) => {
      const step = this.#steps.of(digest)
      return step === undefined ? [] : [{step, hasEnded: step.completed !== undefined && step.completed !== completed}]
    })
    return [
      ...steps.flatMap(({step, hasEnded}) => [
        ...this.#head(step),
        ...(hasEnded && !printing.has(step.digest) ? this.#end(step) : []),
      ]),
      ...statuses.flatMap((status) => this.#status(status)),
      ...logs.flatMap((log) => this.#log(log)),
      ...steps.flatMap(({step, hasEnded}) => (hasEnded && printing.has(step.digest) ? this.#end(step) : [])),
    ]
  }

  /** Lines that are still incomplete at the end of the output. */
  end(): readonly string[] {
    return [...this.#shown.keys()].flatMap((digest) => this.#flush(digest))
  }

  /** Last lines that a step printed, each with the seconds since its start. */
  printed(step: Step): readonly string[] {
    return this.#shown.get(step.digest)?.printed ?? []
  }

  #head(step: Step): readonly string[] {
    if (this.#shown.has(step.digest) || (step.started === undefined && step.error === '')) return []
    const number = this.#shown.size + 1
    this.#shown.set(step.digest, {number, decode: decoding(), unended: '', printed: [], reported: new Map()})
    return [`#${number} ${this.#steps.title(step)}`]
  }

  #end(step: Step): readonly string[] {
    return [...this.#flush(step.digest), ...this.#outcome(step)]
  }

  #outcome(step: Step): readonly string[] {
    const {number} = this.#shown.get(step.digest) ?? {number: 0}
    if (step.error !== '') {
      if (isCancelled(step)) return [`#${number} CANCELED`]
      if (findsNoCache(step)) return [`#${number} no cache yet`]
      return step.error.split('\n').map((line, index) => `#${number} ${index === 0 ? 'ERROR: ' : ''}${line}`)
    }
    if (step.cached) return [`#${number} CACHED`]
    const isLookUp = step.spentMs < lookUpMs && /^\[(?:internal|context\b)/.test(step.name)
    return isLookUp ? [] : [`#${number} DONE ${(step.spentMs / 1000).toFixed(1)}s`]
  }

  #status(status: StatusRecord): readonly string[] {
    const shown = this.#shown.get(status.vertex)
    const {id, current, total, timestamp = 0, started = timestamp, completed} = status
    const reported = shown?.reported.get(id) ?? started
    if (shown === undefined || reported === 'done' || (completed === undefined && timestamp - reported < transferMs))
      return []
    shown.reported.set(id, completed === undefined ? timestamp : 'done')
    const amount =
      total > 0 ? ` ${formatBytes(current)} / ${formatBytes(total)}` : current > 0 ? ` ${formatBytes(current)}` : ''
    const seconds = (((completed ?? timestamp) - started) / 1000).toFixed(1)
    return [`#${shown.number} ${oneLine(id)}${amount} ${seconds}s${completed === undefined ? '' : ' done'}`]
  }

  #log({vertex, data, timestamp}: LogRecord): readonly string[] {
    const shown = this.#shown.get(vertex)
    if (shown === undefined) return []
    const lines = `${shown.unended}${shown.decode(data)}`.split('\n')
    const last = lines.pop() ?? ''
    shown.unended = last.slice(-maxUnended)
    return lines.map((line) => this.#line(shown, vertex, {line, timestamp}))
  }

  #flush(digest: string): readonly string[] {
    const shown = this.#shown.get(digest)
    if (shown === undefined) return []
    const line = `${shown.unended}${shown.decode()}`
    shown.unended = ''
    return line === '' ? [] : [this.#line(shown, digest, {line, timestamp: this.#steps.of(digest)?.completed})]
  }

  #line(shown: Shown, digest: string, {line, timestamp}: Printed): string {
    const started = this.#steps.of(digest)?.first
    const seconds = timestamp === undefined || started === undefined ? 0 : Math.max(0, timestamp - started) / 1000
    const text = `${seconds.toFixed(3)} ${overwritten(line)}`
    shown.printed = [...shown.printed.slice(1 - keptLines), text]
    return `#${shown.number} ${text}`
  }
}

interface Shown {
  readonly number: number
  /** Decodes UTF-8 and keeps an incomplete character; without data, it returns the rest. */
  readonly decode: (data?: Uint8Array) => string
  /** Text after the last line break. */
  unended: string
  printed: readonly string[]
  /** Time of the last line about each transfer. */
  readonly reported: Map<string, number | 'done'>
}

function decoding(): Shown['decode'] {
  const decoder = new TextDecoder()
  return (data) => (data === undefined ? decoder.decode() : decoder.decode(data, {stream: true}))
}

interface Printed {
  readonly line: string
  readonly timestamp: number | undefined
}

/** Reports whether BuildKit cancelled the step because another one failed. */
export function isCancelled({error}: Step): boolean {
  return /\bcontext canceled\b/i.test(error)
}

/**
 * Reports whether the cache does not exist, as in the first run of a branch; a registry that denies access is an error.
 */
function findsNoCache({name, error}: Step): boolean {
  return name.startsWith('importing cache manifest from ') && /: not found$|\b(?:name|manifest) unknown\b/i.test(error)
}

/** Text that a terminal shows of a line with carriage returns, such as a progress bar. */
function overwritten(line: string): string {
  return line.split('\r').findLast((part) => part !== '') ?? ''
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
}
