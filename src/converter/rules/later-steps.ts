import type {JobModel, JobStep} from '../job-model.ts'
import {inputText, resolved} from '../job-model.ts'
import type {BuildPlan} from '../plan-build.ts'
import type {Remarks} from '../remark-list.ts'
import type {EntryText} from '../text/entry-text.ts'
import {tagLines} from './build-tags.ts'
import type {Logins} from './logins.ts'
import {loginNeed} from './registry-use.ts'

/** Steps of a job that are gone or replaced, and the builds. */
interface Others {
  readonly gone: readonly JobStep[]
  readonly plans: readonly BuildPlan[]
}

/** Step with its inputs for Tagboat. */
interface Rewritten {
  readonly step: JobStep
  readonly inputs: readonly EntryText[]
}

/** Finds the steps that need the login between a build and the next one. */
export function loginUsers(model: JobModel, {build}: BuildPlan, {gone, plans}: Others): readonly JobStep[] {
  const next = plans.find((plan) => plan.build.index > build.index)?.build.index ?? Infinity
  return model.steps.filter(
    (one) =>
      one.index > build.index &&
      one.index < next &&
      !gone.includes(one) &&
      loginNeed(model, one, localImages(model, plans, one)) === 'yes',
  )
}

/** Names of the images that a step finds in the engine of the runner, as they may be written. */
function localImages(model: JobModel, plans: readonly BuildPlan[], {index}: JobStep): readonly string[] {
  const images = plans
    .filter(({build, push}) => push.kind === 'local' && build.index < index)
    .flatMap(({build}) => tagLines(resolved(inputText(build, 'tags'), model.env)))
  const variables = [...model.env].flatMap(([name, value]) =>
    images.includes(resolved(value, model.env)) ? [`$${name}`, `\${${name}}`] : [],
  )
  return [...images, ...variables]
}

/** Notes the steps for which Tagboat exports its login, and those that may miss the login of a step that is gone. */
export function noteLogins(
  model: JobModel,
  {rewrites, logins, gone, plans}: Others & {readonly rewrites: readonly Rewritten[]; readonly logins: Logins},
  remarks: Remarks,
): void {
  const exporting = rewrites.filter(({inputs}) => inputs.some(({name}) => name === 'export-login'))
  for (const {step} of exporting) {
    const plan = plans.find(({build}) => build === step)
    const user = plan && loginUsers(model, plan, {gone, plans})[0]
    remarks.note(
      'export-login',
      user?.step.place ?? step.step.place,
      'the step talks to a registry, so Tagboat leaves its login there',
      'Remove `export-login: true` if the step needs no login.',
    )
  }
  const [login] = [...logins.automatic, ...logins.taken].toSorted((a, b) => a.index - b.index)
  const exported = exporting[0]?.step.index ?? Infinity
  if (login === undefined) return
  for (const one of model.steps) {
    if (one.index < login.index || one.index > exported || gone.includes(one)) continue
    if (plans.some(({build}) => build === one) || loginNeed(model, one) !== 'maybe') continue
    const isLater = plans.some(({build, action}) => build.index < one.index && action !== 'promote')
    remarks.note(
      'login-gone',
      one.step.place,
      `the step may use the login of line ${login.step.place.line}, which is gone`,
      isLater
        ? 'If it does, add `export-login: true` to the step of Tagboat before it.'
        : 'If it does, keep docker/login-action before it.',
    )
  }
}
