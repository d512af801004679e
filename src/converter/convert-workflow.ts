import {readWorkflow, readTree} from '../workflow-file/read-workflow.ts'
import type {Workflow, WorkflowJob} from '../workflow-file/workflow.ts'
import {YamlTree} from '../workflow-file/yaml-tree.ts'
import {actionKind, replacedKinds} from './actions.ts'
import type {Conversion, JobVerdict, Remark} from './conversion.ts'
import {noteFile} from './differences/file-notes.ts'
import {jobModel, Refusal, type JobModel} from './job-model.ts'
import {findJoins, type DigestGroup} from './digests/find-joins.ts'
import {planJob, type JobPlan, type PlannedJob} from './plan-job.ts'
import {Remarks} from './remark-list.ts'
import {droppedComments} from './rules/comments.ts'
import {addContents, lacksContents} from './rules/permissions.ts'
import {refuseEqualTags} from './rules/equal-tags.ts'
import {Edits} from './text/edits.ts'
import {Lines} from './text/lines.ts'
import {stepSources} from './text/step-source.ts'
import {writeJob} from './write-job.ts'

interface Options {
  /** Name of the file. */
  readonly name?: string
  /** Action to write, such as `tagboat/tagboat@v1`. */
  readonly action: string
}

/** Job with its node in the file and its plan. */
interface Part {
  readonly model: JobModel
  readonly node: unknown
  verdict: JobVerdict
  plan: JobPlan | undefined
}

/** Converts the jobs of a workflow that use the actions of Docker. A job that cannot be converted stays as it is. */
export function convertWorkflow(text: string, {action}: Options): Conversion {
  const tree = new YamlTree(text)
  const workflow = tree.problems.length > 0 ? undefined : readTree(tree)
  if (workflow === undefined || tree.problems.length > 0) return unreadable(text, tree)
  const lines = new Lines(text)
  const remarks = new Remarks()
  const parts = workflow.jobs.map((job) => partOf(workflow, job, {tree, lines, action}))
  const groups = findJoins(parts.map(({model}) => model))
  for (const part of parts) planPart(part, groupOf(groups, part.model), remarks)
  refuse(parts, remarks, refuseIncomplete(groups, parts))
  refuse(parts, remarks, refuseEqualTags(planned(parts)))
  const edits = new Edits()
  for (const {model, node, plan} of parts) if (plan !== undefined) writeJob(model, plan, {tree, lines, edits, node})
  writePermissions(parts, {tree, lines, edits, remarks, workflow})
  const result = edits.apply(text)
  for (const {plan} of parts) if (plan !== undefined) remarks.addAll(plan.remarks)
  noteFile(planned(parts), action, remarks)
  return finished(text, {result, parts, remarks, lines})
}

function planned(parts: readonly Part[]): readonly PlannedJob[] {
  return parts.flatMap(({model, plan}) => (plan === undefined ? [] : [{model, plan}]))
}

function unreadable(text: string, tree: YamlTree): Conversion {
  const remarks = tree.problems.map(({place, message, remedy}): Remark => ({
    code: 'invalid-file',
    level: 'refused',
    place,
    message,
    remedy,
  }))
  return {text, changed: false, jobs: new Map(), remarks}
}

function partOf(
  workflow: Workflow,
  job: WorkflowJob,
  {tree, lines, action}: {readonly tree: YamlTree; readonly lines: Lines; readonly action: string},
): Part {
  const node = nodeOf(workflow, job, tree)
  const list =
    workflow.kind === 'steps' ? node : tree.get(workflow.kind === 'action' ? tree.get(node, 'runs') : node, 'steps')
  const sources = stepSources(tree, lines, list) ?? []
  return {model: jobModel(workflow, job, {sources, action}), node, verdict: 'nothing', plan: undefined}
}

function nodeOf({kind}: Workflow, job: WorkflowJob, tree: YamlTree): unknown {
  if (kind === 'workflow' || kind === 'jobs') return tree.get(tree.entry(tree.root, 'jobs')?.value ?? tree.root, job.id)
  return tree.root
}

function groupOf(groups: readonly DigestGroup[], model: JobModel): DigestGroup | undefined {
  return groups.find(({joining, stages}) => joining === model || stages.includes(model))
}

/** Jobs of digests stay together: if one of them cannot be converted, none is. */
function refuseIncomplete(groups: readonly DigestGroup[], parts: readonly Part[]): ReadonlyMap<JobModel, Remark> {
  const refused = new Map<JobModel, Remark>()
  for (const {joining, stages} of groups) {
    const members = parts.filter(({model}) => model === joining || stages.includes(model))
    const failed = members.find(({verdict}) => verdict === 'refused')
    if (failed === undefined) continue
    for (const {model, plan} of members) {
      if (plan === undefined) continue
      const message = `the job belongs to \`${failed.model.job.id}\`, which stays as it is`
      refused.set(model, {code: 'digests-unclear', level: 'refused', place: model.job.place, message})
    }
  }
  return refused
}

function planPart(part: Part, group: DigestGroup | undefined, remarks: Remarks): void {
  const {model} = part
  const used = model.job.steps.find(({uses}) => replacedKinds.some((kind) => kind === actionKind(uses?.text)))
  try {
    if (used !== undefined && model.steps.length === 0)
      throw new Refusal(
        'part-only',
        used.place,
        'the steps are not a list with a line for each step',
        'Convert a list of steps, a job or a workflow.',
      )
    part.plan = planJob(model, group)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    part.verdict = 'refused'
    remarks.add(error.remark)
  }
  if (part.plan !== undefined) part.verdict = part.plan.remarks.hasKept ? 'partial' : 'converted'
}

function refuse(parts: readonly Part[], remarks: Remarks, refused: ReadonlyMap<JobModel, Remark>): void {
  for (const part of parts) {
    const remark = refused.get(part.model)
    if (remark === undefined) continue
    part.plan = undefined
    part.verdict = 'refused'
    remarks.add(remark)
  }
}

function writePermissions(
  parts: readonly Part[],
  {
    tree,
    lines,
    edits,
    remarks,
    workflow,
  }: {
    readonly tree: YamlTree
    readonly lines: Lines
    readonly edits: Edits
    readonly remarks: Remarks
    readonly workflow: Workflow
  },
): void {
  const converted = parts.filter(({plan}) => plan !== undefined)
  const nodes = new Set<unknown>()
  for (const {model, node} of converted) {
    const own = model.job.permissions
    if (lacksContents(own ?? workflow.permissions))
      nodes.add(tree.get(own === undefined ? tree.root : node, 'permissions'))
  }
  const shared = tree.get(tree.root, 'permissions')
  for (const node of nodes) {
    const who = node === shared ? 'all jobs of the workflow without permissions of their own get' : 'the job gets'
    if (addContents(tree, node, {lines, edits}))
      remarks.note('contents-read', tree.place(node), `Tagboat compares commits, so ${who} \`contents: read\``)
  }
}

function finished(
  text: string,
  {
    result,
    parts,
    remarks,
    lines,
  }: {
    readonly result: string
    readonly parts: readonly Part[]
    readonly remarks: Remarks
    readonly lines: Lines
  },
): Conversion {
  const jobs = new Map(parts.map(({model, verdict}) => [model.job.id, verdict] as const))
  if (result === text) return {text, changed: false, jobs, remarks: remarks.all}
  const again = readWorkflow(result)
  if ('problems' in again) {
    const [problem] = again.problems
    const [first] = parts
    const refused: Remark = {
      code: 'invalid-result',
      level: 'refused',
      place: first?.model.job.place ?? {start: 0, end: 0, line: 1, column: 1},
      message: `the converted text would not be valid: ${problem?.message ?? ''}`,
      remedy: 'Convert this file by hand, and report it.',
    }
    const none = [...jobs].map(([id, verdict]) => [id, verdict === 'nothing' ? verdict : ('refused' as const)] as const)
    return {text, changed: false, jobs: new Map(none), remarks: [refused]}
  }
  for (const {model, plan} of parts) if (plan !== undefined) droppedComments(model, plan, {lines, result, remarks})
  return {text: result, changed: true, jobs, remarks: remarks.all}
}
