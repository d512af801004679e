import type {JobModel, JobStep} from '../job-model.ts'
import {conditionText, inputText, resolved} from '../job-model.ts'
import type {BuildPlan} from '../plan-build.ts'
import type {Remarks} from '../remark-list.ts'
import type {EntryText} from '../text/entry-text.ts'
import {tagLines} from './build-tags.ts'
import {isNotPullRequest} from './conditions.ts'
import {dropsCondition, isWidened, type Logins} from './logins.ts'
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

/** Finds the later steps that can use the login which a build exports; none if it exports none. */
export function loginReaders(
  model: JobModel,
  plan: BuildPlan,
  {logins, ...others}: Others & {readonly logins: Logins},
): readonly JobStep[] {
  const {build, action} = plan
  const hadLogin = [...logins.automatic, ...logins.taken].some(({index}) => index < build.index)
  if (!hadLogin || action === 'promote' || loginUsers(model, plan, others).length === 0) return []
  const {gone, plans} = others
  return model.steps.filter(
    (one) =>
      one.index > build.index && !gone.includes(one) && loginNeed(model, one, localImages(model, plans, one)) !== 'no',
  )
}

/** Finds the steps that need the login between a build and the next one. */
function loginUsers(model: JobModel, {build}: BuildPlan, {gone, plans}: Others): readonly JobStep[] {
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
  noteConditions(model, {logins, gone, plans}, remarks)
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

/** Notes the conditions of logins that are gone, with what this changes. */
function noteConditions(
  model: JobModel,
  {logins, ...others}: Others & {readonly logins: Logins},
  remarks: Remarks,
): void {
  for (const login of [...logins.automatic, ...logins.taken]) {
    const condition = conditionText(login.step.if)
    const holders = others.plans
      .filter(({build}) => build.index > login.index)
      .map((plan) => ({build: plan.build, readers: loginReaders(model, plan, {logins, ...others})}))
    const isAutomatic = logins.automatic.includes(login)
    const isDropped = isAutomatic || holders.some((holder) => dropsCondition(holder, login))
    if (condition === '' || holders.length === 0 || !isDropped) continue
    const isExported = isAutomatic && holders.some((holder) => isWidened(holder, login))
    if (!isExported && isNotPullRequest(condition)) continue
    remarks.note(
      'condition-dropped',
      login.step.if?.key ?? login.step.place,
      isExported
        ? `the condition of the login (\`${condition}\`) is gone: later steps also have the login of the job token when it does not hold`
        : `the condition of the login (\`${condition}\`) is not needed: an incomplete login counts only if the run pushes to its registry`,
    )
  }
}
