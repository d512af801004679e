import {noteLabels} from './differences/added-labels.ts'
import {conditionText, inputPlace, inputText, Refusal, type JobModel, type JobStep} from './job-model.ts'
import type {Remarks} from './remark-list.ts'
import {buildEntries, joinedTexts, referenceLines} from './rules/build-inputs.ts'
import {buildTags} from './rules/build-tags.ts'
import {isNotPullRequest} from './rules/conditions.ts'
import {metadataEntries} from './metadata/metadata-inputs.ts'
import {pushOf, type Push} from './rules/push.ts'
import {requireOneStep} from './rules/step-variables.ts'
import type {EntryText} from './text/entry-text.ts'
import {ownLines, usesOutput} from './values/own-lines.ts'

/** Build and what becomes of it. */
export interface BuildPlan {
  readonly build: JobStep
  /** Metadata step that gives its tags or labels. */
  readonly meta: JobStep | undefined
  /** Whether its tags are those of the metadata step. */
  readonly hasRules: boolean
  readonly push: Push
  /** Action of Tagboat that takes its place. */
  readonly action: 'publish' | 'stage' | 'promote'
  readonly metaInputs: readonly EntryText[]
  readonly inputs: readonly EntryText[]
}

/**
 * Converts the inputs of a build and of its metadata.
 * @throws Refusal
 */
export function planBuild(
  model: JobModel,
  build: JobStep,
  {remarks, keepsBuilder}: {readonly remarks: Remarks; readonly keepsBuilder: boolean},
): BuildPlan {
  if (build.source.entries === undefined)
    throw new Refusal(
      'flow-style',
      build.step.place,
      'the build is written in braces, or shared by an anchor',
      'Write it as a block with a line for each key.',
    )
  const {metadata, references, mixed} = buildTags(model, build)
  const [tagged] = metadata
  if (mixed.length > 0 || metadata.length > 1)
    throw new Refusal(
      'tags-mixed',
      inputPlace(build, 'tags'),
      'the tags come from several metadata steps, or from metadata and something else in one expression',
      'Write one list of rules in `tags`.',
    )
  const push = pushOf(model, build)
  const meta = tagged ?? labelled(model, build)
  if (meta !== undefined) checkMeta(model, build, {meta, push, remarks})
  const further =
    tagged === undefined ? [] : referenceLines(model, build, {references, push: {...push, names: []}, remarks})
  const metaInputs = meta === undefined ? [] : inputsOfMeta(model, build, {meta, tagged, remarks, further})
  const inputs = buildEntries(model, build, {
    meta: tagged ?? meta,
    push,
    remarks,
    references,
    keepsBuilder,
    hasTags: tagged !== undefined,
    hasExpressions: tagged !== undefined,
  })
  if (push.kind === 'publish') noteLabels(build, meta, remarks)
  const texts = (name: string): readonly string[] => [
    ...lines(meta?.step.with.get(name)?.text),
    ...(name === 'labels' || name === 'annotations'
      ? ownLines(model, build, {name, meta, hasExpressions: tagged !== undefined, remarks})
      : lines(build.step.with.get(name)?.text)),
  ]
  const joined = joinedTexts(metaInputs, inputs, texts)
  return {
    build,
    meta,
    push,
    hasRules: tagged !== undefined,
    action: 'publish',
    metaInputs: joined.slice(0, metaInputs.length),
    inputs: joined.slice(metaInputs.length),
  }
}

function lines(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** Metadata step whose labels or annotations the build uses, although its tags are others. */
function labelled(model: JobModel, build: JobStep): JobStep | undefined {
  return model.steps.find(
    (one) =>
      one.kind === 'metadata' &&
      one.index < build.index &&
      (['labels', 'annotations'] as const).some((name) => usesOutput(build, one, name)),
  )
}

function checkMeta(
  model: JobModel,
  build: JobStep,
  {meta, push, remarks}: {readonly meta: JobStep; readonly push: Push; readonly remarks: Remarks},
): void {
  requireOneStep(model, build, {meta, remarks})
  if (meta.source.entries === undefined)
    throw new Refusal(
      'flow-style',
      meta.step.place,
      'the metadata step is written in braces, or shared by an anchor',
      'Write it as a block with a line for each key.',
    )
  const condition = conditionText(meta.step.if)
  const isSame = condition === '' || condition === conditionText(build.step.if)
  if (!isSame && !(isNotPullRequest(condition) && push.push === undefined))
    throw new Refusal(
      'condition-differs',
      meta.step.if?.key ?? meta.step.place,
      'the metadata step has another condition than the build',
      'Give both the same condition, or none.',
    )
  const other = meta.source.entries.find(({name}) => !['name', 'id', 'uses', 'with', 'if', 'env'].includes(name))
  if (other !== undefined)
    throw new Refusal(
      'condition-differs',
      meta.step.place,
      `the metadata step has \`${other.name}\``,
      'Remove it, or convert this job by hand.',
    )
}

function inputsOfMeta(
  model: JobModel,
  build: JobStep,
  {
    meta,
    tagged,
    remarks,
    further,
  }: {
    readonly meta: JobStep
    readonly tagged: JobStep | undefined
    readonly remarks: Remarks
    readonly further: readonly string[]
  },
): readonly EntryText[] {
  const unused = (['labels', 'annotations'] as const).filter((name) => !usesOutput(build, meta, name))
  for (const name of unused)
    if (inputText(meta, name) !== '')
      remarks.note(
        'labels-unused',
        inputPlace(meta, name),
        `the build did not use the ${name} of the metadata step, so they were not taken over`,
      )
  const entries = metadataEntries(model, meta, {remarks, dropped: unused, further})
  return tagged === undefined
    ? entries.filter(({name}) => ['labels', 'annotations', 'metadata-context', 'github-token'].includes(name))
    : entries
}
