import {buildRecord, type BuildRecord} from './build-record.ts'
import {checkWarning, type CheckWarning} from './checks.ts'
import {isCancelled, ProgressLines} from './progress-lines.ts'
import {parseProgress} from './progress-record.ts'
import {Steps} from './progress-steps.ts'
import {TextLines} from './text-lines.ts'

/** Who builds, as the first line of Buildx's plain progress says it. */
export interface BuilderName {
  readonly name: string
  readonly driver: string
}

/** The step with which a build went wrong. */
export interface FailingStep {
  readonly name: string
  /** The last that it printed, each line with its seconds in front. */
  readonly lines: readonly string[]
}

type OutputStream = 'stdout' | 'stderr'

/** What an error message may need of a long output. */
const keptCharacters = 64 * 1024
const maxResult = 4 * 1024 * 1024

/**
 * What Buildx prints while it builds, in any pieces: records of `--progress rawjson` become lines to read and data, and
 * everything else (Buildx's own errors; the plain progress of one that knows no records) is handed on. `write` gets whole
 * lines, so that those of several builds can be mixed.
 */
export class BuildOutput {
  readonly #write: (text: string) => void
  readonly #steps = new Steps()
  readonly #lines = new ProgressLines(this.#steps)
  readonly #warnings: CheckWarning[] = []
  readonly #holdsResult: boolean
  readonly #unended = {stdout: new TextLines(), stderr: new TextLines()}
  #kept = ''
  #result = ''
  #builder: BuilderName | undefined

  /** `holdsResult`: what goes to standard output is what the user asked for, and is not mixed with the progress. */
  constructor(write: (text: string) => void, holdsResult = false) {
    this.#write = write
    this.#holdsResult = holdsResult
  }

  take(chunk: string, stream: OutputStream): void {
    this.#show(this.#unended[stream].take(chunk), stream)
  }

  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) this.#show(this.#unended[stream].end(), stream)
    this.#print(this.#lines.end(), 'stderr')
  }

  /** The end of what was shown of progress and errors. */
  get text(): string {
    return this.#kept
  }

  /** What was held back. */
  get result(): string {
    return this.#result
  }

  /** Undefined when Buildx does not say: between records it does not. */
  get builder(): BuilderName | undefined {
    return this.#builder
  }

  /** `platform`: that of a build for one. */
  record(platform: string | undefined): BuildRecord {
    return buildRecord(this.#steps, this.#warnings, platform)
  }

  /** The step that the last error speaks of; others may have failed without harm. */
  get failingStep(): FailingStep | undefined {
    const last = `\n${this.#kept}`.split('\nERROR: ').slice(1).at(-1) ?? ''
    const failed = this.#steps.all.filter((step) => step.error !== '' && !isCancelled(step))
    const step = failed.findLast(({error}) => last.includes(error))
    return step === undefined ? undefined : {name: this.#steps.title(step), lines: this.#lines.printed(step)}
  }

  #show(lines: readonly string[], stream: OutputStream): void {
    this.#print(
      lines.flatMap((line) => (stream === 'stderr' ? this.#readable(line) : [line])),
      stream,
    )
  }

  #readable(line: string): readonly string[] {
    const record = parseProgress(line)
    if (record !== undefined) {
      this.#warnings.push(...record.warnings.map(checkWarning))
      return this.#lines.take(record)
    }
    this.#builder ??= builderName(line)
    return noise.test(line) ? [] : [line]
  }

  #print(lines: readonly string[], stream: OutputStream): void {
    if (lines.length === 0) return
    const text = `${lines.join('\n')}\n`
    if (stream === 'stderr') this.#keep(text)
    if (stream === 'stdout' && this.#holdsResult) this.#result += this.#result.length < maxResult ? text : ''
    else this.#write(text)
  }

  /** Cut now and then: to cut at each line would copy the whole of it as often. */
  #keep(text: string): void {
    const kept = this.#kept + text
    this.#kept = kept.length > 2 * keptCharacters ? kept.slice(-keptCharacters) : kept
  }
}

/** `#0 building with "default" instance using docker driver`. Undefined when the line does not say. */
export function builderName(line: string): BuilderName | undefined {
  const [, name, driver] = /^#0 building with "([^"]+)" instance using (\S+) driver/m.exec(line) ?? []
  return name === undefined || driver === undefined ? undefined : {name, driver}
}

/** A Buildx before 0.13 does not know the records. */
export function knowsNoRecords(text: string): boolean {
  return /(?:invalid|unknown) progress mode rawjson/i.test(text)
}

/**
 * Lines that say nothing: while Buildx writes a layout for several platforms, each waits for the other's lock on a blob
 * that they share, and is told as an error. That an older Buildx is asked again is no error either.
 */
const noise =
  /^ERROR: (?:\(\*service\)\.Write failed: rpc error: code = Unavailable desc = ref \S+ locked for |(?:invalid|unknown) progress mode rawjson)/i
