import {formatPlatform, parsePlatform} from '../../oci/platform.ts'
import type {VertexRecord} from './progress-record.ts'

/** A step as far as it has come. Times are milliseconds since 1970. */
export interface Step {
  readonly digest: string
  /** One line, without control characters. */
  readonly name: string
  readonly inputs: readonly string[]
  /** Whether it was known before it ran, as a step of this build is. */
  readonly announced: boolean
  /** The start of its first run: BuildKit may run a step of its own again. */
  readonly first: number | undefined
  /** The start of its last run. */
  readonly started: number | undefined
  /** The end of its last run; undefined while it runs. */
  readonly completed: number | undefined
  /** Time of all runs that have ended. */
  readonly spentMs: number
  readonly cached: boolean
  /** Empty: none. */
  readonly error: string
}

/** The steps of one build, in the order in which they became known. */
export class Steps {
  readonly #steps = new Map<string, Step>()

  get all(): readonly Step[] {
    return [...this.#steps.values()]
  }

  of(digest: string): Step | undefined {
    return this.#steps.get(digest)
  }

  /** The step with what this record says of it. */
  apply(vertex: VertexRecord): Step {
    const step = merged(this.#steps.get(vertex.digest) ?? unknown(vertex), vertex)
    this.#steps.set(vertex.digest, step)
    return step
  }

  /** `linux/arm64`: what its name says, or that of the step whose file system it starts from. Undefined: nobody says. */
  platform(step: Step): string | undefined {
    const seen = new Set<string>()
    const waiting = [step]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const written = writtenPlatform(next.name)
      if (written !== undefined) return written
      if (seen.has(next.digest)) continue
      seen.add(next.digest)
      // The first input is looked at first.
      for (const digest of next.inputs.toReversed()) {
        const input = this.#steps.get(digest)
        if (input !== undefined) waiting.push(input)
      }
    }
    return undefined
  }

  /** The name, with the platform that BuildKit left out. */
  title(step: Step): string {
    const platform = this.platform(step)
    const isTitled = platform === undefined || writtenPlatform(step.name) !== undefined || !step.name.startsWith('[')
    return isTitled ? step.name : `[${platform} ${step.name.slice(1)}`
  }
}

/** `[linux/arm64 build 2/5] RUN …`; in `[linux/amd64->arm64 build 2/5] RUN …` the former is where it runs. */
function writtenPlatform(name: string): string | undefined {
  const [, text = ''] = /^\[([a-z]\w*\/[\w/.-]*?\w)(?:->[\w/.-]+)?[ \]]/.exec(name) ?? []
  const platform = parsePlatform(text)
  return platform === undefined ? undefined : formatPlatform(platform)
}

function unknown({digest, started}: VertexRecord): Step {
  return {
    digest,
    name: digest,
    inputs: [],
    announced: started === undefined,
    first: undefined,
    started: undefined,
    completed: undefined,
    spentMs: 0,
    cached: false,
    error: '',
  }
}

function merged(step: Step, vertex: VertexRecord): Step {
  const name = vertex.name.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  const isRun = vertex.started !== undefined && vertex.started !== step.started
  const started = vertex.started ?? step.started
  const completed = vertex.completed ?? (isRun ? undefined : step.completed)
  const hasEnded = vertex.completed !== undefined && (isRun || step.completed === undefined)
  const run = hasEnded && started !== undefined ? Math.max(0, vertex.completed - started) : 0
  return {
    digest: step.digest,
    name: name === '' ? step.name : name,
    inputs: vertex.inputs.length > 0 ? vertex.inputs : step.inputs,
    announced: step.announced,
    first: step.first ?? started,
    started,
    completed,
    spentMs: step.spentMs + run,
    cached: step.cached || vertex.cached,
    error: vertex.error === '' ? step.error : vertex.error,
  }
}
