import type {SimulatedStep} from '../../simulation/workflow/simulated-workflow.ts'
import {optionFor} from './given-values.ts'
import {inputPlace, placeText, type PlannedFile} from './planned-file.ts'

/** Value of `--json`, by docs/plan-command.schema.json. */
export function planCommandJson(files: readonly PlannedFile[]): object {
  return {
    files: files.map((file) => ({
      file: file.name,
      events: file.plans.map(({event, simulated}) => {
        const {GITHUB_EVENT_NAME: name = '', GITHUB_REF: ref = '', GITHUB_SHA: sha = ''} = event.event.environment
        const {runs, reason = null, assumed = null, activity = null, steps} = simulated
        return {
          id: event.name,
          event: name,
          ref,
          sha,
          runs,
          reason,
          assumed,
          activity,
          steps: steps.map((step) => stepJson(step, file)),
        }
      }),
    })),
  }
}

function stepJson(step: SimulatedStep, file: PlannedFile): object {
  const {job, leg = null, index = null, name, action, state, reason = null, unknown, faults, place, result} = step
  const {plan = null, dryRun = false, outputs = {}, notices = [], warnings = [], failure} = result ?? {}
  const ofExpressions = faults.map(({key, place: at, message}) => ({
    input: key,
    place: placeText(file.name, at),
    message,
  }))
  return {
    ...{job, leg, index, name, action, place: placeText(file.name, place), state, reason},
    unknown: unknown.map(({input, names}) => ({input, names, options: names.flatMap((one) => optionFor(one) ?? [])})),
    problems: [
      ...ofExpressions,
      ...(failure?.problems ?? []).map((one) => ({...one, place: inputPlace(file, step, one)})),
    ],
    plan,
    dryRun,
    outputs,
    notices,
    warnings,
    failure:
      failure === undefined
        ? null
        : {code: failure.code, message: failure.message, evidence: failure.evidence, remedy: failure.remedy},
  }
}
