import {formatPlatform, parsePlatform} from '../../oci/platform.ts'
import type {VertexRecord} from './progress-record.ts'

/** State of a build step. Times are milliseconds since 1970. */
export interface Step {
  readonly digest: string
  /** One line, without control characters. */
  readonly name: string
  readonly inputs: readonly string[]
  /** Whether it was reported before it ran, as the steps of this build are. */
  readonly announced: boolean
  /** Start of its first run: BuildKit may repeat an internal step. */
  readonly first: number | undefined
  /** Start of its last run. */
  readonly started: number | undefined
  /** End of its last run; undefined while it runs. */
  readonly completed: number | undefined
  /** Duration of all runs that have ended. */
  readonly spentMs: number
  readonly cached: boolean
  /** Error message; empty without an error. */
  readonly error: string
}

/** Steps of one build, in the order in which BuildKit reported them. */
export class Steps {
  readonly #steps = new Map<string, Step>()

  get all(): readonly Step[] {
    return [...this.#steps.values()]
  }

  of(digest: string): Step | undefined {
    return this.#steps.get(digest)
  }

  /** Applies a record to its step, and returns the step. */
  apply(vertex: VertexRecord): Step {
    const step = merged(this.#steps.get(vertex.digest) ?? unknown(vertex), vertex)
    this.#steps.set(vertex.digest, step)
    return step
  }

  /** Platform in the name of the step, or in that of the step whose file system it starts from: `linux/arm64`. */
  platform(step: Step): string | undefined {
    const seen = new Set<string>()
    const waiting = [step]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const written = writtenPlatform(next.name)
      if (written !== undefined) return written
      if (seen.has(next.digest)) continue
      seen.add(next.digest)
      // The first input has the file system, so it is examined first.
      for (const digest of next.inputs.toReversed()) {
        const input = this.#steps.get(digest)
        if (input !== undefined) waiting.push(input)
      }
    }
    return undefined
  }

  /** Name of the step with its platform, also where BuildKit omits it. */
  title(step: Step): string {
    const platform = this.platform(step)
    const isTitled = platform === undefined || writtenPlatform(step.name) !== undefined || !step.name.startsWith('[')
    return isTitled ? step.name : `[${platform} ${step.name.slice(1)}`
  }
}

/**
 * Platform in a name such as `[linux/arm64 build 2/5] RUN …`; in `[linux/amd64->arm64 build 2/5] RUN …` the step runs
 * on the first one.
 */
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
