import {formatBytes} from '../../oci/byte-size.ts'
import type {LogRecord, ProgressRecord, StatusRecord} from './progress-record.ts'
import type {Step, Steps} from './progress-steps.ts'

/** Before BuildKit runs a step of its own it looks it up, which it tells as a run that takes no time. */
const lookUpMs = 5
/** A transfer is told while it goes on, this often. */
const transferMs = 5_000
/** Of a step that printed no line break. */
const maxUnended = 64 * 1024
const keptLines = 24

/**
 * Records of a build as lines to read while it runs, in the form of Buildx's plain progress:
 * https://docs.docker.com/reference/cli/docker/buildx/build/#progress. Each line begins with the number of its step, so
 * that the lines of steps that run at the same time can be told apart. It has no clock: times are those of the records.
 */
export class ProgressLines {
  readonly #steps: Steps
  readonly #shown = new Map<string, Shown>()

  constructor(steps: Steps) {
    this.#steps = steps
  }

  /** The lines that a record adds; it is applied to the steps. */
  take({vertices, statuses, logs}: ProgressRecord): readonly string[] {
    // What a step says in the record of its end comes before the end.
    const speaking = new Set([...statuses, ...logs].map(({vertex}) => vertex))
    const before = new Map(vertices.map(({digest}) => [digest, this.#steps.of(digest)?.completed]))
    for (const vertex of vertices) this.#steps.apply(vertex)
    const steps = [...before].flatMap(([digest, completed]) => {
      const step = this.#steps.of(digest)
      return step === undefined ? [] : [{step, hasEnded: step.completed !== undefined && step.completed !== completed}]
    })
    return [
      ...steps.flatMap(({step, hasEnded}) => [
        ...this.#head(step),
        ...(hasEnded && !speaking.has(step.digest) ? this.#end(step) : []),
      ]),
      ...statuses.flatMap((status) => this.#status(status)),
      ...logs.flatMap((log) => this.#log(log)),
      ...steps.flatMap(({step, hasEnded}) => (hasEnded && speaking.has(step.digest) ? this.#end(step) : [])),
    ]
  }

  /** What is left to say when nothing more comes. */
  end(): readonly string[] {
    return [...this.#shown.keys()].flatMap((digest) => this.#flush(digest))
  }

  /** The last lines that a step printed, each with its seconds in front. */
  printed(step: Step): readonly string[] {
    return this.#shown.get(step.digest)?.printed ?? []
  }

  #head(step: Step): readonly string[] {
    if (this.#shown.has(step.digest) || (step.started === undefined && step.error === '')) return []
    const number = this.#shown.size + 1
    this.#shown.set(step.digest, {number, decode: decoding(), unended: '', printed: [], told: new Map()})
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
    const told = shown?.told.get(id) ?? started
    if (shown === undefined || told === 'done' || (completed === undefined && timestamp - told < transferMs)) return []
    shown.told.set(id, completed === undefined ? timestamp : 'done')
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
  /** Keeps the beginning of a character that is not whole yet; without data, what is left of one. */
  readonly decode: (data?: Uint8Array) => string
  /** Printed after the last line break. */
  unended: string
  printed: readonly string[]
  /** When each transfer was told last. */
  readonly told: Map<string, number | 'done'>
}

function decoding(): Shown['decode'] {
  const decoder = new TextDecoder()
  return (data) => (data === undefined ? decoder.decode() : decoder.decode(data, {stream: true}))
}

interface Printed {
  readonly line: string
  readonly timestamp: number | undefined
}

/** Whether BuildKit ended the step since another one failed. */
export function isCancelled({error}: Step): boolean {
  return /\bcontext canceled\b/i.test(error)
}

/** The first run of every branch finds none, which is no error; a registry that denies it is. */
function findsNoCache({name, error}: Step): boolean {
  return name.startsWith('importing cache manifest from ') && /: not found$|\b(?:name|manifest) unknown\b/i.test(error)
}

/** What a terminal would show of a line with carriage returns: a progress bar writes itself over and over. */
function overwritten(line: string): string {
  return line.split('\r').findLast((part) => part !== '') ?? ''
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
}
