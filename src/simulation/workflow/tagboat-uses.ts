import type {PublishingAction} from '../../inputs/spec/action-names.ts'
import type {Workflow, WorkflowJob, WorkflowStep, WrittenMap} from '../../workflow-file/workflow.ts'

/** Action of Tagboat that a step uses; undefined for any other step. */
export function actionOfStep(
  {uses, run, with: inputs}: WorkflowStep,
  kind: Workflow['kind'],
): PublishingAction | undefined {
  if (uses !== undefined) return actionOfUses(uses.text)
  // The inputs alone may be those of any of the actions.
  return run === undefined && (kind === 'with' || kind === 'inputs' || kind === 'step')
    ? actionOfInputs(inputs)
    : undefined
}

/** Reports whether a step prunes tags with Tagboat. */
export function prunes({uses}: WorkflowStep): boolean {
  return /^(?:[\w.-]+\/tagboat|\.)\/prune\/?(?:@\S+)?$/i.test(uses?.text.trim() ?? '')
}

/** Reports whether a job calls the reusable workflow of Tagboat. */
export function callsTagboat({uses}: WorkflowJob): boolean {
  return /(?:^|\/)(?:tagboat|\.)\/\.github\/workflows\/publish\.ya?ml(?:@|$)/i.test(uses?.text.trim() ?? '')
}

/** Reports whether a text names an action or a workflow in the repository of the workflow itself. */
export function isLocal(uses: string | undefined): boolean {
  return uses?.trim().startsWith('.') === true
}

function actionOfUses(text: string): PublishingAction | undefined {
  const [, name, part] = /^(?:[\w.-]+\/(tagboat)|\.)(?:\/(stage|promote))?\/?(?:@\S+)?$/i.exec(text.trim()) ?? []
  if (part !== undefined) return part.toLowerCase() === 'stage' ? 'stage' : 'promote'
  return name !== undefined || /^\.\/?$/.test(text.trim()) ? 'publish' : undefined
}

function actionOfInputs(inputs: WrittenMap): PublishingAction {
  const names = [...inputs.keys()].map((name) => name.toLowerCase())
  return names.some((name) => name === 'digests' || name === 'from') ? 'promote' : 'publish'
}
