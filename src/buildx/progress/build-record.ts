import {distinctWarnings, type CheckWarning} from './checks.ts'
import type {Step, Steps} from './progress-steps.ts'

/** Steps and warnings of a build, without the output of the steps. */
export interface BuildRecord {
  /** Start of the first step, in milliseconds since 1970. */
  readonly startedMs: number
  /** Steps that ran or came from a cache, in the order of their starts. */
  readonly steps: readonly StepRecord[]
  readonly warnings: readonly CheckWarning[]
}

export interface StepRecord {
  readonly name: string
  /** Platform on which it ran: `linux/arm64`; undefined for a step without a platform. */
  readonly platform: string | undefined
  /** Whether it is an instruction of the Dockerfile; other steps load, look up and export. */
  readonly isInstruction: boolean
  /** Time since the start of the build. */
  readonly startedMs: number
  readonly durationMs: number
  readonly cached: boolean
  /** Message of BuildKit, also of a failure that did not fail the build, as of the export of a cache. */
  readonly error: string | undefined
}

/** Record of a build; `platform` is that of a build for a single platform, whose steps do not name it. */
export function buildRecord(
  steps: Steps,
  warnings: readonly CheckWarning[],
  platform: string | undefined,
): BuildRecord {
  const began = steps.all.filter((step) => step.first !== undefined)
  // BuildKit reports a step that another build ran before with the times of that run.
  const ran = began.filter(({cached}) => !cached)
  const startedMs = Math.min(...(ran.length > 0 ? ran : began).map(({first = 0}) => first))
  const records = began
    .filter((step) => !isForeign(step))
    .map((step) => stepRecord(step, {startedMs, platform: steps.platform(step) ?? platform}))
  return {
    startedMs: began.length === 0 ? 0 : startedMs,
    steps: records.toSorted((a, b) => a.startedMs - b.startedMs),
    warnings: distinctWarnings(warnings),
  }
}

/** Record of several builds that ran at the same time. */
export function mergeRecords(records: readonly BuildRecord[]): BuildRecord {
  const began = records.filter(({steps}) => steps.length > 0)
  const startedMs = began.length === 0 ? 0 : Math.min(...began.map((record) => record.startedMs))
  const steps = began.flatMap((record) =>
    record.steps.map((step) => ({...step, startedMs: step.startedMs + record.startedMs - startedMs})),
  )
  return {
    startedMs,
    steps: steps.toSorted((a, b) => a.startedMs - b.startedMs),
    warnings: distinctWarnings(records.flatMap(({warnings}) => warnings)),
  }
}

/** Reports whether a step belongs to another build: BuildKit reports such a step in place of an identical one. */
function isForeign({announced, cached}: Step): boolean {
  return cached && !announced
}

const instruction = /^\[(?:[^\]]* )?\d+\/\d+\] /

function stepRecord(
  step: Step,
  build: {readonly startedMs: number; readonly platform: string | undefined},
): StepRecord {
  const isInstruction = instruction.test(step.name)
  const hasPlatform = isInstruction || step.name.startsWith('[')
  return {
    name: step.name,
    platform: hasPlatform ? build.platform : undefined,
    isInstruction,
    startedMs: Math.max(0, (step.first ?? 0) - build.startedMs),
    durationMs: step.cached ? 0 : step.spentMs,
    cached: step.cached,
    error: step.error === '' ? undefined : step.error,
  }
}
