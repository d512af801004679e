import type {Place, Workflow, WorkflowJob, WorkflowStep, Written} from '../workflow-file/workflow.ts'
import {actionKind, type ActionKind} from './actions.ts'
import type {Remark} from './conversion.ts'
import type {RemarkCode} from './remarks.ts'
import type {StepSource} from './text/step-source.ts'

/** Step of a job, with its text. */
export interface JobStep {
  readonly index: number
  readonly step: WorkflowStep
  readonly source: StepSource
  readonly kind: ActionKind | undefined
}

/** Job to convert. */
export interface JobModel {
  readonly workflow: Workflow
  readonly job: WorkflowJob
  readonly steps: readonly JobStep[]
  /** Variables of the workflow and of the job whose value contains no expression that is not known. */
  readonly env: ReadonlyMap<string, string>
  /** Action to write, such as `tagboat/tagboat@v1`. */
  readonly action: string
}

/** Describes a job. */
export function jobModel(
  workflow: Workflow,
  job: WorkflowJob,
  {sources, action}: {readonly sources: readonly StepSource[]; readonly action: string},
): JobModel {
  const written = [...workflow.env, ...job.env].map(([name, {text}]) => [name, text] as const)
  const steps = job.steps.flatMap((step, index) => {
    const source = sources[index]
    if (source === undefined) return []
    const kind = actionKind(step.uses?.text)
    return kind === undefined ? [{index, step, source, kind}] : [withLowerCase({index, step, source, kind})]
  })
  return {workflow, job, steps, env: new Map(written), action}
}

/** Step whose inputs have names in lower case. The runner accepts any case. */
function withLowerCase({step, source, ...rest}: JobStep): JobStep {
  return {
    ...rest,
    step: {...step, with: new Map([...step.with].map(([name, value]) => [name.toLowerCase(), value]))},
    source: {...source, inputs: source.inputs.map((input) => ({...input, name: input.name.toLowerCase()}))},
  }
}

/** Reason to leave a job as it is. */
export class Refusal extends Error {
  readonly remark: Remark

  constructor(code: RemarkCode, place: Place, message: string, remedy?: string) {
    super(message)
    this.remark = {code, level: 'refused', place, message, ...(remedy !== undefined && {remedy})}
  }
}

/** Input of a step as text, trimmed. Empty without the input. */
export function inputText({step}: JobStep, name: string): string {
  return step.with.get(name)?.text.trim() ?? ''
}

/** Place of an input, or of its step. */
export function inputPlace({step}: JobStep, name: string): Place {
  return step.with.get(name)?.key ?? step.place
}

/** Place of a line of an input, by its index in the text. */
export function inputLinePlace(
  {workflow}: JobModel,
  step: JobStep,
  {name, index}: {readonly name: string; readonly index: number},
): Place {
  const value = step.step.with.get(name)
  if (value?.style !== 'literal') return inputPlace(step, name)
  let start = value.place.start
  for (let at = 0; at <= index && start !== 0; at += 1) start = workflow.text.indexOf('\n', start) + 1
  const line = workflow.text.slice(start).split('\n')[0] ?? ''
  const indent = line.length - line.trimStart().length
  return {
    start: start + indent,
    end: start + line.trimEnd().length,
    line: value.place.line + index + 1,
    column: indent + 1,
  }
}

/** Condition without `${{ }}` around it, with single spaces. */
export function conditionText(written: Written | undefined): string {
  const text = written?.text.trim() ?? ''
  const inner = /^\$\{\{(?<inner>(?:(?!\}\}).)*)\}\}$/s.exec(text)?.groups?.['inner'] ?? text
  return inner.trim().replaceAll(/\s+/g, ' ')
}

/** Events that the workflow lists; undefined for a part of a workflow, which may run for any event. */
function eventNames({workflow}: JobModel): readonly string[] | undefined {
  return workflow.on.size === 0 || workflow.on.has('workflow_call') ? undefined : [...workflow.on.keys()]
}

/** Reports whether all events are pushes of Git tags, or releases. */
export function runsForReleasesOnly(model: JobModel): boolean {
  const names = eventNames(model)
  if (names === undefined) return false
  const push = model.workflow.on.get('push')
  const isTagsOnly =
    push?.branches === undefined &&
    push?.branchesIgnore === undefined &&
    (push?.tags !== undefined || push?.tagsIgnore !== undefined)
  return names.every((name) => name === 'release' || (name === 'push' && isTagsOnly))
}

/** Replaces the variables whose values are known, as far as they are. */
export function resolved(text: string, env: ReadonlyMap<string, string>, depth = 0): string {
  if (depth > 5) return text
  return text.replaceAll(/\$\{\{\s*env\.([\w-]+)\s*\}\}/g, (whole, name: string) => {
    const value = env.get(name)
    return value === undefined ? whole : resolved(value, env, depth + 1)
  })
}

/** Lines that are neither empty nor comments, without spaces around them. */
export function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}
