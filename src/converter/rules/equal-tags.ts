import type {Remark} from '../conversion.ts'
import {conditionText, inputText, linesOf, resolved, type JobModel, type JobStep} from '../job-model.ts'
import type {BuildPlan} from '../plan-build.ts'
import type {PlannedJob} from '../plan-job.ts'
import {areExclusive, conjuncts} from './conditions.ts'
import {exampleTags} from './example-tags.ts'

/** Build that publishes, with examples of its tags. */
interface Publishing {
  readonly model: JobModel
  readonly build: BuildPlan
  readonly images: readonly string[]
  readonly tags: readonly string[]
  readonly conditions: readonly string[]
}

/**
 * Finds the jobs whose builds give the same tag. The last one wins in the Docker actions. In Tagboat, an exact tag names
 * one content for ever, and of two images of one version and commit, the first one keeps a floating tag.
 */
export function refuseEqualTags(planned: readonly PlannedJob[]): ReadonlyMap<JobModel, Remark> {
  const refused = new Map<JobModel, Remark>()
  const all = planned.flatMap(({model, plan}) =>
    plan.builds.flatMap((build) => (build.push.kind === 'publish' ? [publishing(model, build)] : [])),
  )
  for (const [at, one] of all.entries()) {
    if (variesWithoutTags(one)) refused.set(one.model, matrixRemark(one.build.build))
    for (const other of all.slice(at + 1)) {
      const shared = one.tags.find((tag) => other.tags.includes(tag))
      const isSameImage = one.images.some((image) => other.images.includes(image))
      if (shared === undefined || !isSameImage || areExclusive(one.conditions, other.conditions)) continue
      for (const {model, build} of [one, other]) refused.set(model, sharedRemark(build.build, {shared, one, other}))
    }
  }
  return refused
}

function matrixRemark({step}: JobStep): Remark {
  return {
    code: 'matrix-same-tags',
    level: 'refused',
    place: step.place,
    message: 'all jobs of the matrix give the same tags, so that the last one wins',
    remedy: 'Use a value of the matrix in the tags, the flavor or the images.',
  }
}

function sharedRemark(
  {step}: JobStep,
  {shared, one, other}: {readonly shared: string; readonly one: Publishing; readonly other: Publishing},
): Remark {
  const [first, second] = [one, other].map(({build}) => build.build.step.place.line)
  return {
    code: 'same-tag',
    level: 'refused',
    place: step.place,
    message: `the builds of lines ${first ?? 0} and ${second ?? 0} give the same tag (such as \`${shared}\`), so that the last one wins`,
    remedy: 'Give one of the two images a suffix, or publish only one of them under this tag.',
  }
}

function publishing(model: JobModel, build: BuildPlan): Publishing {
  const meta = build.hasRules ? build.meta : undefined
  const images = meta === undefined ? [] : linesOf(resolved(inputText(meta, 'images'), model.env))
  const written = build.action === 'promote' ? [] : linesOf(resolved(inputText(build.build, 'tags'), model.env))
  const references = written.filter((line) => !/\$\{\{[^}]*\b(?:steps|env|needs|inputs)\./.test(line))
  return {
    model,
    build,
    images: [
      ...images.map((line) => line.split(',')[0]?.replace(/^name=/, '') ?? ''),
      ...references.map((line) => withoutTag(line)),
    ],
    tags: [
      ...(meta === undefined ? [] : exampleTags(model, meta)),
      ...references.map((line) => line.slice(line.lastIndexOf(':') + 1)),
    ],
    conditions: [model.job.if, build.build.step.if, build.build.step.with.get('push')].flatMap((written) =>
      conjuncts(conditionText(written)),
    ),
  }
}

function withoutTag(reference: string): string {
  const colon = reference.lastIndexOf(':')
  return colon > reference.lastIndexOf('/') ? reference.slice(0, colon) : reference
}

/** Reports whether no tag, flavor or image depends on the matrix, although it has several jobs. */
function variesWithoutTags({model, build}: Publishing): boolean {
  const {matrix} = model.job
  if (matrix === undefined || isSingle(matrix)) return false
  const step = build.hasRules && build.meta !== undefined ? build.meta : build.build
  const texts = ['images', 'tags', 'flavor'].map((name) => resolved(inputText(step, name), model.env))
  return !/\bmatrix\b|\bstrategy\b|\bsteps\.|\bneeds\.|\benv\./.test(texts.join('\n'))
}

/** Reports whether a matrix has one job. */
function isSingle(matrix: unknown): boolean {
  if (typeof matrix !== 'object' || matrix === null) return false
  return Object.values(matrix).every((values) => Array.isArray(values) && values.length <= 1)
}
