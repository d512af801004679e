import {buildRecord, type BuildRecord} from './build-record.ts'
import {checkWarning, type CheckWarning} from './checks.ts'
import {IndentedRecords} from './indented-records.ts'
import {isCancelled, ProgressLines} from './progress-lines.ts'
import {parseProgress} from './progress-record.ts'
import {Steps} from './progress-steps.ts'
import {TextLines} from './text-lines.ts'

/** Builder that the first line of Buildx's plain progress names. */
export interface BuilderName {
  readonly name: string
  readonly driver: string
}

/** Step because of which a build failed. */
export interface FailingStep {
  readonly name: string
  /** Last lines that it printed, each with the seconds since the start of the step. */
  readonly lines: readonly string[]
}

type OutputStream = 'stdout' | 'stderr'

/** Characters of the output that are kept for error messages. */
const keptCharacters = 64 * 1024
const maxResult = 4 * 1024 * 1024

/**
 * Parser of the output of a Buildx build, in chunks of any size. Records of `--progress rawjson` become log lines and
 * data; other lines (errors of Buildx, the plain progress of a Buildx without that mode) are printed as they are.
 * `write` receives whole lines, so that the output of several builds can be interleaved.
 */
export class BuildOutput {
  readonly #write: (text: string) => void
  readonly #steps = new Steps()
  readonly #lines = new ProgressLines(this.#steps)
  readonly #warnings: CheckWarning[] = []
  readonly #holdsResult: boolean
  readonly #unended = {stdout: new TextLines(), stderr: new TextLines()}
  readonly #records = new IndentedRecords()
  #kept = ''
  #result = ''
  #builder: BuilderName | undefined

  /** `holdsResult`: standard output is the result of a `call`, and is kept apart from the progress. */
  constructor(write: (text: string) => void, holdsResult = false) {
    this.#write = write
    this.#holdsResult = holdsResult
  }

  take(chunk: string, stream: OutputStream): void {
    this.#show(this.#unended[stream].take(chunk), stream)
  }

  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) this.#show(this.#unended[stream].end(), stream)
    this.#print([...this.#records.end(), ...this.#lines.end()], 'stderr')
  }

  /** End of the progress and errors that were printed. */
  get text(): string {
    return this.#kept
  }

  /** Standard output, if it is the result of a `call`. */
  get result(): string {
    return this.#result
  }

  /** Builder that Buildx named; undefined with records, which do not name it. */
  get builder(): BuilderName | undefined {
    return this.#builder
  }

  /** Record of the build; `platform` is that of a build for a single platform. */
  record(platform: string | undefined): BuildRecord {
    return buildRecord(this.#steps, this.#warnings, platform)
  }

  /** Step that the last error names; a failure of another step, such as the export of a cache, may be harmless. */
  get failingStep(): FailingStep | undefined {
    const last = `\n${this.#kept}`.split('\nERROR: ').slice(1).at(-1) ?? ''
    const failed = this.#steps.all.filter((step) => step.error !== '' && !isCancelled(step))
    const step = failed.findLast(({error}) => last.includes(error))
    return step === undefined ? undefined : {name: this.#steps.title(step), lines: this.#lines.printed(step)}
  }

  #show(lines: readonly string[], stream: OutputStream): void {
    const readable = (line: string): readonly string[] =>
      this.#records.take(line).flatMap((whole) => this.#readable(whole))
    this.#print(stream === 'stderr' ? lines.flatMap(readable) : lines, stream)
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

  /** Appends to the kept text, which is cut only once it is twice as long: a cut copies all of it. */
  #keep(text: string): void {
    const kept = this.#kept + text
    this.#kept = kept.length > 2 * keptCharacters ? kept.slice(-keptCharacters) : kept
  }
}

/** Builder in a line such as `#0 building with "default" instance using docker driver`; undefined for other lines. */
export function builderName(line: string): BuilderName | undefined {
  const [, name, driver] = /^#0 building with "([^"]+)" instance using (\S+) driver/m.exec(line) ?? []
  return name === undefined || driver === undefined ? undefined : {name, driver}
}

/** Reports whether Buildx rejected `--progress rawjson`, as versions before 0.12 do. */
export function lacksRawJson(text: string): boolean {
  return /(?:invalid|unknown) progress mode rawjson/i.test(text)
}

/**
 * Error lines without meaning. While Buildx writes a layout for several platforms, each platform waits for the lock on
 * a blob that they share, and Buildx prints that as an error. A rejected `--progress rawjson` is retried without it.
 */
const noise =
  /^ERROR: (?:\(\*service\)\.Write failed: rpc error: code = Unavailable desc = ref \S+ locked for |(?:invalid|unknown) progress mode rawjson)/i
