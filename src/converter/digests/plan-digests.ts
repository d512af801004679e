import {conditionText, inputPlace, inputText, Refusal, resolved, type JobModel, type JobStep} from '../job-model.ts'
import {noteLabels} from '../differences/added-labels.ts'
import type {BuildPlan} from '../plan-build.ts'
import type {Remarks} from '../remark-list.ts'
import {asksForStatus, conjuncts, isNotPullRequest} from '../rules/conditions.ts'
import {buildEntries, referenceLines} from '../rules/build-inputs.ts'
import {metadataEntries} from '../metadata/metadata-inputs.ts'
import {keep, pushOf, type Push} from '../rules/push.ts'
import {requireOneStep} from '../rules/step-variables.ts'
import {newEntry, type EntryText} from '../text/entry-text.ts'
import {usesOutput} from '../values/own-lines.ts'
import {platformsOf, type DigestGroup} from './find-joins.ts'

interface Question {
  readonly remarks: Remarks
  readonly keepsBuilder: boolean
}

/**
 * Converts a build by digest to a stage. It gets the rules of the job that joins the digests: they decide which tags are
 * read before the build.
 * @throws Refusal
 */
export function planStage(
  model: JobModel,
  build: JobStep,
  {group, remarks, keepsBuilder}: Question & {readonly group: DigestGroup | undefined},
): BuildPlan {
  const remedy = 'Use the reusable workflow, or stage and promote: see docs/distributed.md.'
  if (group === undefined)
    throw new Refusal(
      'digests-unclear',
      inputPlace(build, 'outputs'),
      'the build pushes by digest, and the step that joins the digests is not recognized',
      remedy,
    )
  if (model.steps.filter(({kind}) => kind === 'build').length > 1)
    throw new Refusal(
      'digests-unclear',
      build.step.place,
      'the job has several builds, so it is not known which digests belong together',
      remedy,
    )
  const meta = labelsOf(model, build)
  if (meta !== undefined) requireOneStep(model, build, {meta, remarks})
  const push = pushOf(model, build)
  const own = meta === undefined ? [] : labelEntries(model, build, {meta, remarks})
  const rules = ruleEntries(group, {remarks, further: rulesWithoutJoin(model, group)})
  checkContexts(model, group)
  noteVersion(build, {meta, group, remarks})
  noteLabels(build, meta, remarks)
  const inputs = buildEntries(model, build, {
    meta,
    push,
    remarks,
    references: [],
    keepsBuilder,
    hasTags: true,
    hasExpressions: false,
  })
  const labels = own.filter(({name}) => rules.every((entry) => entry.name !== name))
  return {build, meta, push, hasRules: false, action: 'stage', metaInputs: [...rules, ...labels], inputs}
}

/** Notes that the platforms have the version of the joined image, if the rules for their labels were others. */
function noteVersion(
  build: JobStep,
  {meta, group, remarks}: {readonly meta: JobStep | undefined; readonly group: DigestGroup; readonly remarks: Remarks},
): void {
  if (meta === undefined || !usesOutput(build, meta, 'labels')) return
  if (group.meta !== undefined && inputText(meta, 'tags') === inputText(group.meta, 'tags')) return
  remarks.note(
    'digests-promoted',
    inputPlace(build, 'labels'),
    'the label `org.opencontainers.image.version` is the first tag of the promote, and was that of the rules of this job',
  )
}

/** Converts the step that joins the digests to a promote. */
export function planJoin(group: DigestGroup, remarks: Remarks): BuildPlan {
  const {step, path} = group
  if (step.source.entries === undefined || step.step.if !== undefined)
    throw new Refusal(
      'digests-unclear',
      step.step.place,
      'the step that joins the digests has a condition, or is written in braces',
    )
  if (group.meta !== undefined) requireOneStep(group.joining, step, {meta: group.meta, remarks})
  const platforms = platformsOf(group)
  const push = joinPush(group)
  remarks.note('digests-promoted', step.step.place, 'the digests become one image in a promote')
  return {
    build: step,
    meta: group.meta,
    push,
    hasRules: group.meta !== undefined,
    action: 'promote',
    metaInputs: ruleEntries(group, {remarks, further: []}),
    inputs: [
      newEntry('digests', [`file:${path}`]),
      ...(platforms === undefined ? [] : [newEntry('platforms', platforms.join(','))]),
      ...(push.push === undefined || push.push === keep ? [] : [newEntry('push', push.push)]),
    ],
  }
}

/** A promote pushes like its stages. If these push on a condition, the job that joins them has its own. */
function joinPush({stages}: DigestGroup): Push {
  const pushes = stages.flatMap((model) =>
    model.steps.filter(({kind}) => kind === 'build').map((build) => pushOf(model, build)),
  )
  const isAuto = pushes.every(({push}) => push === undefined)
  return {kind: 'publish', push: isAuto ? undefined : 'true', outputs: undefined, names: []}
}

/** Inputs for the tags: those of the metadata, or the references of the script. `further` rules are added. */
function ruleEntries(
  {joining, meta, step, script}: DigestGroup,
  {remarks, further}: {readonly remarks: Remarks; readonly further: readonly string[]},
): readonly EntryText[] {
  if (meta !== undefined)
    return metadataEntries(joining, meta, {
      remarks,
      dropped: ['labels', 'annotations'],
      further: inputText(meta, 'tags') === '' ? [] : further,
    })
  const push: Push = {kind: 'publish', push: undefined, outputs: undefined, names: []}
  const lines = referenceLines(joining, step, {references: script.tags, push, remarks})
  return [newEntry('tags', [...lines, ...further])]
}

/**
 * Rules for the events that a job builds for, but whose digests are not joined. Without a tag, a stage that pushes would
 * be an error.
 */
function rulesWithoutJoin({job}: JobModel, {joining}: DigestGroup): readonly string[] {
  const condition = conditionText(joining.job.if)
  const isSame = condition === '' || conjuncts(conditionText(job.if)).includes(condition)
  if (isSame || asksForStatus(condition) || /\b(?:steps|needs)\b/.test(condition)) return []
  if (isNotPullRequest(condition)) return ['type=ref,event=pr']
  return ['branch', 'tag', 'pr'].map((event) => `type=ref,event=${event},enable=\${{ !(${condition}) }}`)
}

/** Metadata step of the stage, for its labels. */
function labelsOf(model: JobModel, build: JobStep): JobStep | undefined {
  return model.steps.find(
    (one) =>
      one.kind === 'metadata' &&
      one.index < build.index &&
      (usesOutput(build, one, 'labels') || usesOutput(build, one, 'annotations')),
  )
}

function labelEntries(
  model: JobModel,
  build: JobStep,
  {meta, remarks}: {readonly meta: JobStep; readonly remarks: Remarks},
): readonly EntryText[] {
  const unused = (['labels', 'annotations'] as const).filter((name) => !usesOutput(build, meta, name))
  const entries = metadataEntries(model, meta, {remarks, dropped: [...unused, 'tags', 'flavor', 'images'], further: []})
  return entries.filter(({name}) => name === 'labels' || name === 'annotations')
}

/** Checks that the rules of the joining job mean the same in the jobs that build. */
function checkContexts(model: JobModel, {joining, meta, step, script}: DigestGroup): void {
  const texts = meta === undefined ? script.tags : ['images', 'tags', 'flavor'].map((name) => inputText(meta, name))
  const text = texts.join('\n')
  const place = meta?.step.place ?? step.step.place
  const context = /\$\{\{[^}]*\b(?<name>steps|needs|job|runner)\./.exec(text)?.groups?.['name']
  if (context !== undefined)
    throw new Refusal(
      'digests-unclear',
      place,
      `the tags read \`${context}\`, which the jobs that build do not have`,
      'Write them without it.',
    )
  const other = [...text.matchAll(/\benv\.([\w-]+)/g)].find(([, name = '']) => {
    const ofJoin = meta?.step.env.get(name)?.text ?? joining.env.get(name)
    return model.env.get(name) !== ofJoin
  })?.[1]
  if (other !== undefined)
    throw new Refusal(
      'digests-unclear',
      place,
      `the tags read \`env.${other}\`, which the job \`${model.job.id}\` does not have`,
      'Move the variable to the `env` of the workflow.',
    )
  for (const [, key = ''] of text.matchAll(/\bmatrix\.([\w-]+)/g))
    if (!hasMatrixKey(model, key))
      throw new Refusal(
        'digests-unclear',
        place,
        `the tags read \`matrix.${key}\`, which the job \`${model.job.id}\` does not have`,
      )
  if (resolved(text, model.env).includes('DOCKER_METADATA_'))
    throw new Refusal('digests-unclear', place, 'the tags read variables of docker/metadata-action')
}

function hasMatrixKey({job: {matrix}}: JobModel, key: string): boolean {
  return matrix !== undefined && JSON.stringify(matrix).includes(`"${key}":`)
}
