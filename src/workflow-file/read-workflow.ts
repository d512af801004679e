import {readJob, readStep, readSteps} from './read-job.ts'
import {readPermissions} from './read-permissions.ts'
import {readTriggers} from './read-triggers.ts'
import type {FileProblem, Workflow, WorkflowJob, WorkflowKind} from './workflow.ts'
import {YamlTree} from './yaml-tree.ts'

const expected = 'Write a workflow, a job, a list of steps, one step, or the inputs of a step (`with:`).'

/** Reads a workflow file, the file of a composite action, or a part of a workflow. The kind is recognized. */
export function readWorkflow(text: string): {workflow: Workflow} | {problems: readonly FileProblem[]} {
  const tree = new YamlTree(text)
  if (tree.problems.length > 0) return {problems: tree.problems}
  const workflow = readTree(tree)
  return workflow === undefined || tree.problems.length > 0 ? {problems: tree.problems} : {workflow}
}

/** Reads a file that was parsed. Problems are in the tree. */
export function readTree(tree: YamlTree): Workflow | undefined {
  const {root} = tree
  const kind = kindOf(tree)
  if (kind === undefined) {
    if (tree.isMap(root) || tree.items(root) !== undefined || tree.isScalar(root))
      tree.problem(root, 'this is not a workflow, nor a part of one', expected)
    else tree.problemAt(0, 'the file is empty', expected)
    return undefined
  }
  if (kind === 'workflow' && tree.entry(root, 'on') === undefined)
    tree.problem(root, 'the workflow has no `on`', 'Write the events that start it: `on: push`.')
  if (kind === 'workflow' && tree.entry(root, 'jobs') === undefined)
    tree.problem(root, 'the workflow has no `jobs`', 'Write its jobs below `jobs`.')
  return {
    kind,
    text: tree.text,
    name: tree.written(tree.entry(root, 'name')),
    on: kind === 'workflow' ? readTriggers(tree, tree.get(root, 'on')) : new Map(),
    env: kind === 'workflow' ? tree.writtenMap(tree.get(root, 'env')) : new Map(),
    permissions: kind === 'workflow' ? readPermissions(tree, tree.get(root, 'permissions')) : undefined,
    jobs: readJobs(tree, kind),
  }
}

function kindOf(tree: YamlTree): WorkflowKind | undefined {
  const {root} = tree
  if (tree.items(root) !== undefined) return 'steps'
  const entries = tree.entries(root)
  if (entries.length === 0) return undefined
  const has = (...keys: readonly string[]): boolean => keys.some((key) => tree.entry(root, key) !== undefined)
  if (has('jobs')) return has('on', 'name', 'permissions', 'env') ? 'workflow' : 'jobs'
  if (has('on')) return 'workflow'
  if (tree.isMap(tree.get(root, 'runs'))) return 'action'
  if (has('steps')) return 'job'
  if (has('uses', 'run')) return has('secrets', 'needs') ? 'job' : 'step'
  if (tree.isMap(tree.get(root, 'with'))) return 'with'
  if (entries.every(({value}) => isJob(tree, value))) return 'jobs'
  return entries.every(({value}) => tree.isScalar(value)) ? 'inputs' : undefined
}

function isJob(tree: YamlTree, node: unknown): boolean {
  return ['steps', 'runs-on'].some((key) => tree.entry(node, key) !== undefined)
}

function readJobs(tree: YamlTree, kind: WorkflowKind): readonly WorkflowJob[] {
  const {root} = tree
  const place = tree.place(root)
  switch (kind) {
    case 'workflow':
    case 'jobs': {
      const jobs = kind === 'workflow' ? tree.get(root, 'jobs') : (tree.entry(root, 'jobs')?.value ?? root)
      if (jobs === undefined) return []
      if (!tree.isMap(jobs))
        tree.problem(jobs, '`jobs` is not a map', 'Write the ID of each job, a colon, and the job below it.')
      return tree.entries(jobs).map(({key, value}) => readJob(tree, key, value))
    }
    case 'action':
      return [
        {...noJob, id: 'action', steps: readSteps(tree, undefined, tree.get(tree.get(root, 'runs'), 'steps')), place},
      ]
    case 'job':
      return [readJob(tree, 'job', root)]
    case 'steps':
      return [{...noJob, id: 'job', steps: readSteps(tree, undefined, root), place}]
    case 'step':
    case 'with':
      return [{...noJob, id: 'job', steps: [readStep(tree, root, {job: undefined, index: 0})], place}]
    case 'inputs':
      return [{...noJob, id: 'job', steps: [{...noStep, with: tree.writtenMap(root), place}], place}]
  }
}

const noStep = {
  job: undefined,
  index: 0,
  id: undefined,
  name: undefined,
  uses: undefined,
  run: undefined,
  if: undefined,
  env: new Map(),
}

const noJob = {
  if: undefined,
  needs: [],
  env: new Map(),
  outputs: new Map(),
  permissions: undefined,
  matrix: undefined,
  runsOn: undefined,
  uses: undefined,
  with: new Map(),
}
