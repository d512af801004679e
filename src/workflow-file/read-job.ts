import {readPermissions} from './read-permissions.ts'
import type {WorkflowJob, WorkflowStep} from './workflow.ts'
import type {YamlTree} from './yaml-tree.ts'

/** Reads a job. */
export function readJob(tree: YamlTree, id: string, node: unknown): WorkflowJob {
  if (!tree.isMap(node)) tree.problem(node, `the job ${id} is not a map`, 'Write `runs-on` and `steps` below its ID.')
  const strategy = tree.get(node, 'strategy')
  const matrix = tree.get(strategy, 'matrix')
  const runsOn = tree.get(node, 'runs-on')
  const steps = tree.get(node, 'steps')
  return {
    id,
    if: tree.written(tree.entry(node, 'if')),
    needs: tree.texts(tree.get(node, 'needs')) ?? [],
    env: tree.writtenMap(tree.get(node, 'env')),
    outputs: tree.writtenMap(tree.get(node, 'outputs')),
    permissions: readPermissions(tree, tree.get(node, 'permissions')),
    matrix: matrix === undefined ? undefined : tree.plain(matrix),
    matrixPlace: matrix === undefined ? undefined : tree.place(matrix),
    continueOnError: tree.written(tree.entry(node, 'continue-on-error')),
    runsOn: runsOn === undefined ? undefined : tree.plain(runsOn),
    uses: tree.written(tree.entry(node, 'uses')),
    with: tree.writtenMap(tree.get(node, 'with')),
    steps: steps === undefined ? [] : readSteps(tree, id, steps),
    place: tree.place(node),
  }
}

/** Reads the steps of a list. */
export function readSteps(tree: YamlTree, job: string | undefined, node: unknown): readonly WorkflowStep[] {
  const items = tree.items(node)
  if (items === undefined) {
    tree.problem(node, '`steps` is not a list', 'Write each step with a hyphen before its first key.')
    return []
  }
  return items.map((item, index) => readStep(tree, item, {job, index}))
}

/** Reads one step. */
export function readStep(
  tree: YamlTree,
  node: unknown,
  {job, index}: Pick<WorkflowStep, 'job' | 'index'>,
): WorkflowStep {
  if (!tree.isMap(node)) tree.problem(node, 'this step is not a map', 'Write `uses` or `run` after the hyphen.')
  const scalar = (key: string): WorkflowStep['id'] => tree.written(tree.entry(node, key))
  return {
    job,
    index,
    id: scalar('id'),
    name: scalar('name'),
    uses: scalar('uses'),
    run: scalar('run'),
    if: scalar('if'),
    continueOnError: scalar('continue-on-error'),
    with: tree.writtenMap(tree.get(node, 'with')),
    env: tree.writtenMap(tree.get(node, 'env')),
    place: tree.place(node),
  }
}
