import {metadataOutputs} from '../report/metadata-outputs.ts'
import type {Place} from '../workflow-file/workflow.ts'
import {conditionText, Refusal, type JobModel, type JobStep} from './job-model.ts'
import type {BuildPlan} from './plan-build.ts'
import type {Remarks} from './remark-list.ts'
import {mayRunAfterFailure} from './rules/conditions.ts'
import {metadataEntries} from './metadata/metadata-inputs.ts'
import {outputReads, renameStep} from './rules/references.ts'
import {textPlace} from './text/text-place.ts'
import {replacedEntries, scriptEntries, stepText} from './step-text.ts'
import {newEntry, type EntryText} from './text/entry-text.ts'

/** Metadata step that stays, as a dry run. */
interface DryRun {
  readonly meta: JobStep
  readonly inputs: readonly EntryText[]
  readonly exportsVariables: boolean
}

/** Fate of the metadata steps, and of the texts that refer to them. */
export interface References {
  readonly dryRuns: readonly DryRun[]
  readonly removed: readonly JobStep[]
  /** IDs that builds get, by index. */
  readonly newIds: ReadonlyMap<number, string>
  /** Builds that export their outputs as variables. */
  readonly exporting: ReadonlySet<number>
  /** Renames IDs in a text of a step, or of what follows all steps. */
  readonly rename: (text: string, index: number) => string
}

interface Reader {
  readonly index: number
  readonly text: string
  readonly condition: string
}

const afterAll = Infinity

/** Decides whether each metadata step goes, or stays as a dry run. */
export function planReferences(
  model: JobModel,
  plans: readonly BuildPlan[],
  {remarks, gone}: {readonly remarks: Remarks; readonly gone: readonly JobStep[]},
): References {
  const metas = model.steps.filter(({kind}) => kind === 'metadata')
  const readers = readersOf(model, plans, gone)
  const newIds = new Map<number, string>()
  const targets = new Map<string, Map<number, number>>()
  const dryRuns: DryRun[] = []
  const removed: JobStep[] = []
  const exporting = new Set<number>()
  for (const meta of metas) {
    if (plans.length === 0) {
      remarks.note('metadata-alone', meta.step.place, 'other steps or jobs read the metadata, which a dry run gives')
      dryRuns.push(dryRun(model, meta, {remarks, exportsVariables: hasVariables(readers)}))
      continue
    }
    const {isKept, byReader, variables, readsVariables} = answer(model, meta, {plans, readers})
    if (isKept) {
      keepNote(meta, remarks)
      dryRuns.push(dryRun(model, meta, {remarks, exportsVariables: readsVariables}))
    } else {
      removed.push(meta)
      targets.set(meta.step.id?.text ?? '', byReader)
      for (const index of byReader.values()) newId(model, {plans, index, newIds})
      for (const index of variables) exporting.add(index)
    }
  }
  return {dryRuns, removed, newIds, exporting, rename: renamer(plans, {targets, newIds})}
}

/** Texts that may read outputs: steps that stay, what is left of the builds, and what follows the steps. */
function readersOf(model: JobModel, plans: readonly BuildPlan[], gone: readonly JobStep[]): readonly Reader[] {
  const steps = model.steps.flatMap((one) => {
    if (gone.includes(one) || plans.some(({build}) => build === one)) return []
    if (['metadata', 'login', 'qemu', 'buildx', 'build'].includes(one.kind ?? '')) {
      return one.kind === 'login' ? [{index: one.index, text: stepText(one), condition: ''}] : []
    }
    return [{index: one.index, text: stepText(one), condition: conditionText(one.step.if)}]
  })
  const builds = plans.map(({build, inputs, metaInputs, action}) => ({
    index: build.index,
    text: [
      ...(build.source.entries ?? []).filter(
        ({name}) => !replacedEntries.includes(name) && !(action === 'promote' && scriptEntries.includes(name)),
      ),
      ...inputs,
      ...metaInputs,
    ]
      .flatMap(({name, after, rest}) => [`${name}${after}`, ...rest])
      .join('\n'),
    condition: '',
  }))
  const outputs = [...model.job.outputs.values()].map(({text}) => text).join('\n')
  return [...steps, ...builds, {index: afterAll, text: `${outputs}\n${tailOf(model)}`, condition: ''}]
}

/** Text of a composite action without its steps, where its outputs are. */
function tailOf({workflow}: JobModel): string {
  if (workflow.kind !== 'action') return ''
  const runs = workflow.text.search(/^runs:/m)
  return workflow.text.slice(0, runs === -1 ? 0 : runs)
}

interface Answer {
  readonly isKept: boolean
  /** Build whose outputs take the place of the metadata, by reader. */
  readonly byReader: Map<number, number>
  /** Builds whose variables are read. */
  readonly variables: readonly number[]
  readonly readsVariables: boolean
}

function answer(
  model: JobModel,
  meta: JobStep,
  {plans, readers}: {readonly plans: readonly BuildPlan[]; readonly readers: readonly Reader[]},
): Answer {
  const id = meta.step.id?.text
  const byReader = new Map<number, number>()
  const variables: number[] = []
  let isKept = false
  let someVariables = false
  for (const {index, text, condition} of readers) {
    const reads = outputReads(text).filter((read) => read.id === id)
    const readsVariables = index > meta.index && text.includes('DOCKER_METADATA_OUTPUT_')
    if (reads.length === 0 && !readsVariables) continue
    const unknown = reads.find(({output}) => output === undefined || !metadataOutputs.has(output))
    if (unknown !== undefined)
      throw new Refusal(
        'output-unknown',
        placeOf(model, meta, unknown.text),
        `\`${unknown.text}\` has no counterpart`,
        'Ask the build instead, or convert this job by hand.',
      )
    const target = plans.findLast(
      ({build, meta: own, action}) =>
        own === meta && action !== 'stage' && build.index < index && serves(build, condition),
    )
    someVariables ||= readsVariables
    if (target === undefined) isKept = true
    else if (readsVariables) variables.push(target.build.index)
    if (target !== undefined && reads.length > 0) byReader.set(index, target.build.index)
  }
  return {isKept, byReader, variables, readsVariables: someVariables}
}

/** Place of the first text after the start of a metadata step that reads something of it. */
function placeOf({workflow: {text}}: JobModel, {step}: JobStep, read: string): Place {
  const start = text.indexOf(read, step.place.start)
  return start === -1 ? step.place : textPlace(text, start, read.length)
}

/** Reports whether a build has run, without a failure, whenever a reader with this condition runs. */
function serves(build: JobStep, condition: string): boolean {
  if (mayRunAfterFailure(condition)) return false
  const own = conditionText(build.step.if)
  return own === '' || own === condition
}

function keepNote(meta: JobStep, remarks: Remarks): void {
  remarks.kept(
    'metadata-kept',
    meta.step.place,
    'the metadata is read before the build, or where the build may not have run or may have failed, so this step stays as a dry run',
    'See whether an expression in the inputs can replace it: docs/migrating.md#metadata-in-the-build.',
  )
}

function hasVariables(readers: readonly Reader[]): boolean {
  return readers.some(({text}) => text.includes('DOCKER_METADATA_OUTPUT_'))
}

function dryRun(
  model: JobModel,
  meta: JobStep,
  {remarks, exportsVariables}: {readonly remarks: Remarks; readonly exportsVariables: boolean},
): DryRun {
  if (meta.source.entries === undefined)
    throw new Refusal('flow-style', meta.step.place, 'the metadata step is written in braces, or shared by an anchor')
  const inputs = metadataEntries(model, meta, {remarks, dropped: [], further: []})
  return {meta, inputs: [...inputs, newEntry('dry-run', 'true')], exportsVariables}
}

function newId(
  model: JobModel,
  {
    plans,
    index,
    newIds,
  }: {readonly plans: readonly BuildPlan[]; readonly index: number; readonly newIds: Map<number, string>},
): void {
  const build = plans.find((plan) => plan.build.index === index)?.build
  if (build === undefined || build.step.id !== undefined || newIds.has(index)) return
  const taken = [...model.steps.flatMap(({step}) => step.id?.text ?? []), ...newIds.values()]
  const free = ['publish', 'image', 'tagboat', ...model.steps.map((_, at) => `publish-${at + 2}`)].find(
    (id) => !taken.includes(id),
  )
  newIds.set(index, free ?? 'publish')
}

function renamer(
  plans: readonly BuildPlan[],
  {
    targets,
    newIds,
  }: {readonly targets: ReadonlyMap<string, ReadonlyMap<number, number>>; readonly newIds: ReadonlyMap<number, string>},
): References['rename'] {
  const idOf = (index: number): string | undefined =>
    plans.find(({build}) => build.index === index)?.build.step.id?.text ?? newIds.get(index)
  return (text, index) => {
    const ids = [...targets].flatMap(([id, byReader]) => {
      const target = byReader.get(index)
      const renamed = target === undefined ? undefined : idOf(target)
      return renamed === undefined ? [] : [[id, renamed] as const]
    })
    return ids.length === 0 ? text : renameStep(text, new Map(ids))
  }
}
