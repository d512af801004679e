import type {Remark} from '../conversion.ts'
import {inputText, linesOf, resolved, type JobModel} from '../job-model.ts'
import type {BuildPlan} from '../plan-build.ts'
import type {JobPlan} from '../plan-job.ts'
import {parseAttributes} from '../../inputs/syntax/attributes.ts'

interface Planned {
  readonly model: JobModel
  readonly plan: JobPlan
}

/** Build that publishes, with the exact tags that its rules can give, as texts to compare. */
interface Publishing {
  readonly model: JobModel
  readonly build: BuildPlan
  readonly images: readonly string[]
  readonly tags: readonly string[]
  readonly inMatrix: boolean
}

/**
 * Finds the jobs whose builds give the same exact tag. The last one wins in the Docker actions. In Tagboat, an exact tag
 * names one content for ever.
 */
export function refuseSharedTags(planned: readonly Planned[]): ReadonlyMap<JobModel, Remark> {
  const refused = new Map<JobModel, Remark>()
  const all = planned.flatMap(({model, plan}) =>
    plan.builds.flatMap((build) => (build.push.kind === 'publish' ? [publishing(model, build)] : [])),
  )
  for (const [at, one] of all.entries()) {
    if (one.inMatrix && variesWithoutTags(one)) {
      const {model, build} = one
      refused.set(model, {
        code: 'matrix-same-tags',
        level: 'refused',
        place: build.build.step.place,
        message: 'all jobs of the matrix give the same tags, so that the last one wins',
        remedy: 'Use a value of the matrix in the tags, the flavor or the images.',
      })
    }
    for (const other of all.slice(at + 1)) {
      const shared = one.tags.find((tag) => other.tags.includes(tag))
      if (shared === undefined || !one.images.some((image) => other.images.includes(image))) continue
      for (const {model, build} of [one, other])
        refused.set(model, {
          code: 'same-exact-tag',
          level: 'refused',
          place: build.build.step.place,
          message: `the builds of lines ${one.build.build.step.place.line} and ${other.build.build.step.place.line} give the same exact tag (\`${shared}\`)`,
          remedy: 'Give one of them a suffix, or publish only one of the two images under this tag.',
        })
    }
  }
  return refused
}

function publishing(model: JobModel, build: BuildPlan): Publishing {
  const {meta} = build
  const images = meta === undefined ? [] : linesOf(resolved(inputText(meta, 'images'), model.env))
  const references = meta === undefined ? linesOf(resolved(inputText(build.build, 'tags'), model.env)) : []
  return {
    model,
    build,
    images: [
      ...images.map((line) => line.replace(/^name=/, '').replace(/,.*$/, '')),
      ...references.map((line) => line.replace(/:[^:/]*$/, '')),
    ],
    tags: [...(meta === undefined ? [] : ruleTags(model, build)), ...references],
    inMatrix: model.job.matrix !== undefined,
  }
}

/** Exact tags that the rules of the metadata step can give. `V` is the version, and `S` the commit. */
function ruleTags(model: JobModel, {meta}: BuildPlan): readonly string[] {
  if (meta === undefined) return []
  const flavor = affixes(linesOf(resolved(inputText(meta, 'flavor'), model.env)).join(','))
  const rules = linesOf(resolved(inputText(meta, 'tags'), model.env))
  return (rules.length === 0 ? ['type=ref,event=tag'] : rules).flatMap((rule) => {
    const parsed = parseAttributes(rule)
    const attributes = parsed.ok ? parsed.attributes : []
    const value = (key: string): string | undefined => attributes.find(({name}) => name?.toLowerCase() === key)?.value
    const core = exactCore(value('type'), value)
    const own = affixes(rule)
    return core === undefined ? [] : [`${own.prefix ?? flavor.prefix ?? ''}${core}${own.suffix ?? flavor.suffix ?? ''}`]
  })
}

function exactCore(type: string | undefined, value: (key: string) => string | undefined): string | undefined {
  switch (type) {
    case 'semver':
    case 'pep440':
      return (value('pattern') ?? '{{version}}').replaceAll(
        /\{\{\s*(?:version|raw|major\}\}\.\{\{minor\}\}\.\{\{patch)\s*\}\}/g,
        'V',
      )
    case 'ref':
      return value('event') === 'tag' ? 'tag' : undefined
    case 'match':
      return 'match'
    case 'sha':
      return value('prefix') === undefined ? 'sha-S' : 'S'
    default:
      return undefined
  }
}

function affixes(line: string): {readonly prefix?: string; readonly suffix?: string} {
  const parsed = parseAttributes(line)
  const value = (key: string): string | undefined =>
    parsed.ok ? parsed.attributes.find(({name}) => name?.toLowerCase() === key)?.value : undefined
  const [prefix, suffix] = [value('prefix'), value('suffix')]
  return {...(prefix !== undefined && {prefix}), ...(suffix !== undefined && {suffix})}
}

/** Reports whether no tag, flavor or image depends on the matrix, although it has several jobs. */
function variesWithoutTags({model, build}: Publishing): boolean {
  const {matrix} = model.job
  if (isSingle(matrix)) return false
  const texts = [build.meta, build.build].flatMap((step) =>
    step === undefined ? [] : ['images', 'tags', 'flavor'].map((name) => resolved(inputText(step, name), model.env)),
  )
  const names = texts.join('\n')
  return !/\bmatrix\b|\bstrategy\b|\bsteps\.|\bneeds\.|\benv\./.test(
    names.replaceAll(/steps[.\w['\]-]+outputs\.tags/g, ''),
  )
}

/** Reports whether a matrix has one job. */
function isSingle(matrix: unknown): boolean {
  if (typeof matrix !== 'object' || matrix === null) return false
  return Object.values(matrix).every((values) => Array.isArray(values) && values.length <= 1)
}
