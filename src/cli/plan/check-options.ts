import {refProblem} from '../../simulation/events/ref-name.ts'
import type {SimulatedStep} from '../../simulation/workflow/simulated-workflow.ts'
import {numberedName} from '../../simulation/workflow/step-name.ts'
import type {Workflow} from '../../workflow-file/workflow.ts'
import {UsageError} from '../command-line.ts'
import type {EventOptions} from './choose-events.ts'
import type {PlannedFile} from './planned-file.ts'

/** Checks the options about events. @throws UsageError */
export function checkEventOptions({names, all, ref, repository, defaultBranch, sha, payload}: EventOptions): void {
  if (all && names.length > 0) throw new UsageError('--all-events and --event exclude each other')
  if (all && payload !== undefined) throw new UsageError('--payload needs one --event')
  if (repository !== undefined && !/^[\w.-]+\/[\w.-]+$/.test(repository))
    throw new UsageError(`--repository needs owner/name, not ${repository}`)
  if (ref !== undefined && !isRefName(ref))
    throw new UsageError(`--ref needs the name of a branch or tag, not "${ref}"`)
  if (defaultBranch !== undefined && !isRefName(defaultBranch))
    throw new UsageError(`--default-branch needs the name of a branch, not "${defaultBranch}"`)
  if (sha !== undefined && !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(sha))
    throw new UsageError(`--sha needs a whole commit (40 hex digits), not ${sha}`)
}

/** Reports whether a text is the name of a branch or tag, or a whole ref. */
function isRefName(text: string): boolean {
  if (text === '' || text === '@' || (text.startsWith('refs/') && text.split('/').length < 3)) return false
  return refProblem(text) === undefined
}

/** Keeps only the steps that `--step` names. @throws UsageError if `isWhole` and no file has such a step. */
export function withStep(files: readonly PlannedFile[], wanted: string, isWhole: boolean): readonly PlannedFile[] {
  const all = files.flatMap(({plans}) => plans.flatMap(({simulated}) => simulated.steps))
  const kept = files.map((file) => ({
    ...file,
    plans: file.plans.map(({event, simulated}) => {
      const steps = simulated.steps.filter((step) => isNamed(step, wanted, file.workflow))
      return {event, simulated: {...simulated, steps}}
    }),
  }))
  if (
    isWhole &&
    all.length > 0 &&
    kept.every(({plans}) => plans.every(({simulated}) => simulated.steps.length === 0))
  ) {
    const names = [...new Set(all.map((step) => `${step.job} › ${numberedName(step)}`))]
    throw new UsageError(`no step of Tagboat has the ID, name, job or number ${wanted}. Steps: ${names.join(', ')}`)
  }
  return kept
}

function isNamed({job, index, name}: SimulatedStep, wanted: string, {jobs}: Workflow): boolean {
  const id = index === undefined ? undefined : jobs.find((one) => one.id === job)?.steps[index]?.id?.text
  return [job, name, id, index === undefined ? undefined : String(index + 1)].includes(wanted)
}
