import {inputText, resolved, type JobModel, type JobStep} from '../job-model.ts'
import {matrixLegs} from '../../workflow-file/matrix-legs.ts'
import {isRecord} from '../../workflow-file/record.ts'
import type {PlainValue} from '../../workflow-file/workflow.ts'
import {readJoinScript, type JoinScript} from './join-script.ts'

/** Jobs that build images by digest, and the job that joins them. */
export interface DigestGroup {
  readonly stages: readonly JobModel[]
  readonly joining: JobModel
  /** Step with `docker buildx imagetools create`. */
  readonly step: JobStep
  readonly script: JoinScript
  /** Metadata step of the joining job. */
  readonly meta: JobStep | undefined
  /** Directory of the digests. */
  readonly path: string
}

/** Finds the jobs that belong together. */
export function findJoins(models: readonly JobModel[]): readonly DigestGroup[] {
  return models.flatMap((joining) => {
    const found = joining.steps.flatMap((step) => {
      const script = readJoinScript(step.step.run?.text ?? '')
      return script === undefined ? [] : [{step, script}]
    })
    const [only] = found
    if (only === undefined || found.length > 1) return []
    const stages = models.filter(
      (model) => joining.job.needs.includes(model.job.id) && model.steps.some(pushesByDigest),
    )
    const metas = joining.steps.filter(({kind, index}) => kind === 'metadata' && index < only.step.index)
    const path = only.script.directory ?? directoryOf(only.step)
    const isClear = stages.length > 0 && metas.length <= 1 && path !== undefined
    const hasTags = only.script.tags.length > 0 || metas.length === 1
    return isClear && hasTags
      ? [{stages, joining, ...only, meta: only.script.tags.length > 0 ? undefined : metas[0], path}]
      : []
  })
}

function pushesByDigest(step: JobStep): boolean {
  return step.kind === 'build' && /push-by-digest\s*=\s*true/.test(inputText(step, 'outputs'))
}

function directoryOf({source}: JobStep): string | undefined {
  const entry = source.entries?.find(({name}) => name === 'working-directory')
  const text = /^:\s*(?<text>.*?)\s*(?:\s#.*)?$/.exec(entry?.after ?? '')?.groups?.['text'] ?? ''
  const path = text.replaceAll(/^["']|["']$/g, '')
  return path === '' ? undefined : path
}

/** Platforms that the stages of a group build, if all of them are written in the file. */
export function platformsOf({stages}: DigestGroup): readonly string[] | undefined {
  const found = stages.map((model) => platformsOfStage(model))
  return found.every((one) => one !== undefined) ? [...new Set(found.flat())] : undefined
}

function platformsOfStage(model: JobModel): readonly string[] | undefined {
  const build = model.steps.find(pushesByDigest)
  const text = build === undefined ? '' : resolved(inputText(build, 'platforms'), model.env)
  if (text !== '' && !text.includes('${{')) return text.split(/[\s,]+/)
  const key = /^\$\{\{\s*matrix\.(?<key>[\w.-]+)\s*\}\}$/.exec(text)?.groups?.['key']
  const values = key === undefined ? undefined : matrixValues(model.job.matrix, key.split('.'))
  return values?.every((value) => /^[\w-]+\/[\w/-]+$/.test(value)) === true ? values : undefined
}

/**
 * Values that the runs of a matrix have for a key, empty for a run without it. Undefined if they are not written in the
 * file.
 */
export function matrixValues(
  matrix: PlainValue | undefined,
  [key = '', ...rest]: readonly string[],
): readonly string[] | undefined {
  if (!isRecord(matrix)) return undefined
  const {include, exclude, ...axes} = matrix
  if (typeof include === 'string' || typeof matrix[key] === 'string') return undefined
  // Which runs `exclude` takes away is only known if all values are.
  if (exclude !== undefined && JSON.stringify({exclude, axes}).includes('${{')) return undefined
  const values = matrixLegs(matrix).map((leg) => [key, ...rest].reduce<unknown>(fieldOf, leg))
  const scalars = values.flatMap((value) => textOf(value) ?? [])
  const isKnown = scalars.length === values.length && scalars.some((value) => value !== '')
  return isKnown ? scalars : undefined
}

/** Text of a scalar, empty without a value. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' ? value : undefined
}

function fieldOf(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined
}
