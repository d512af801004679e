import {distinctWarnings, type CheckWarning} from './checks.ts'
import type {Step, Steps} from './progress-steps.ts'

/** What a build did, kept as data. It holds nothing that a step printed. */
export interface BuildRecord {
  /** Start of the first step; milliseconds since 1970. */
  readonly startedMs: number
  /** Those that ran or were taken from a cache, in the order of their starts. */
  readonly steps: readonly StepRecord[]
  readonly warnings: readonly CheckWarning[]
}

export interface StepRecord {
  readonly name: string
  /** `linux/arm64`, where it ran; undefined for what belongs to no platform. */
  readonly platform: string | undefined
  /** Whether it is an instruction of the Dockerfile; the others load, look up and export. */
  readonly isInstruction: boolean
  /** Since the start of the build. */
  readonly startedMs: number
  readonly durationMs: number
  readonly cached: boolean
  /** In BuildKit's words; also of a step whose failure the build survived, as the export of a cache. */
  readonly error: string | undefined
}

/** `platform`: that of a build for one, whose steps do not name it. */
export function buildRecord(
  steps: Steps,
  warnings: readonly CheckWarning[],
  platform: string | undefined,
): BuildRecord {
  const began = steps.all.filter((step) => step.first !== undefined)
  // A step that another build has run before is told with the times of that run.
  const own = began.filter(({cached}) => !cached)
  const startedMs = Math.min(...(own.length > 0 ? own : began).map(({first = 0}) => first))
  const records = began
    .filter((step) => !isForeign(step))
    .map((step) => stepRecord(step, {startedMs, platform: steps.platform(step) ?? platform}))
  return {
    startedMs: began.length === 0 ? 0 : startedMs,
    steps: records.toSorted((a, b) => a.startedMs - b.startedMs),
    warnings: distinctWarnings(warnings),
  }
}

/** Several builds that ran at the same time, as one. */
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

/** BuildKit tells of a step of another build where it found that one of ours would be the same. */
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
