import type {GitContext} from '../context/git-context.ts'
import type {TagboatError} from '../errors/error.ts'
import type {Inputs} from '../inputs/inputs.ts'
import {formatNotice, Problems} from '../inputs/problem.ts'
import type {PublishingAction} from '../inputs/spec/action-names.ts'
import type {Io} from '../io/io.ts'
import type {Plan} from '../plan/plan.ts'
import {missingCredentials, requireCredentials, type PushQuestion} from '../plan/push-decision.ts'
import type {Signer} from '../signing/signer.ts'
import {judge, logRemarks, unpushedOutputs} from './judge-plan.ts'
import {planStep} from './plan-step.ts'
import {readStep, type StepInputs} from './read-step.ts'
import {resolveContext} from './resolve-context.ts'

export interface Prepared {
  readonly action: PublishingAction
  readonly inputs: Inputs
  readonly context: GitContext
  readonly plan: Plan
  /** Rules of the step, with which other events can be planned. */
  readonly step: Pick<StepInputs, 'writtenRules' | 'engine' | 'shortShaLength'>
  /** Time of a build with `reproducible` or SOURCE_DATE_EPOCH, in seconds; undefined for any other build. */
  readonly sourceDateEpoch: number | undefined
  /**
   * A Git context of a pull request is the tip of its branch (DOCKER_GIT_CONTEXT_PR_HEAD_REF of
   * docker/build-push-action).
   */
  readonly prefersPullHead: boolean
  /** Commits of other repositories that the build reads besides the one that is its revision. */
  readonly around: readonly string[]
  /** Reason to build and publish nothing; usually undefined. It is reported as a failure of the run. */
  readonly refusal?: TagboatError | undefined
  /** Signers of the image. Absent if it is not signed, or not published. */
  readonly signers?: readonly Signer[]
  /** Notices about valid inputs. */
  readonly notices: readonly string[]
}

/**
 * Reads the inputs and the event, and makes the plan. Nothing is changed. The only process is Git, also in a dry run: for
 * `metadata-context: git`, `version: auto` and `{{commit_date}}`, or if another commit than the event's is checked out.
 */
export async function prepare(io: Io, action: PublishingAction = 'publish'): Promise<Prepared> {
  const problems = new Problems()
  const step = await readStep(io, action, problems)
  const resolved = await resolveContext(step, io)
  const {plan, request, logins, sourceDateEpoch} = await planStep(step, resolved, io, problems)
  for (const warning of problems.warnings) io.workflow.warning(formatNotice(warning))
  const judged = judge(resolved, plan, {action, request: {...request, written: step.writtenRules}})
  const {remarks, refusal} = judged
  logRemarks(remarks, io)
  const {inputs} = step
  if (plan.skip === undefined)
    await checkCredentials(
      logins,
      {isRefused: refusal !== undefined, dryRun: inputs.publish.dryRun && !inputs.publish.readsRegistry},
      io,
    )
  const prefersPullHead = io.environment['DOCKER_GIT_CONTEXT_PR_HEAD_REF'] === 'true'
  const notices = [
    ...[...problems.notices, ...unpushedOutputs(inputs, plan)].map(formatNotice),
    ...judged.notices,
    ...remarks.flatMap(({level, text}) => (level === 'notice' ? [text] : [])),
  ]
  const {context, around} = resolved
  return {action, inputs, context, plan, step, sourceDateEpoch, prefersPullHead, around, notices, refusal}
}

/** Checks the credentials. A dry run does not log in, so it only warns about missing ones. */
async function checkCredentials(
  question: PushQuestion,
  {isRefused, dryRun}: {readonly isRefused: boolean; readonly dryRun: boolean},
  {workflow}: Io,
): Promise<void> {
  if (!dryRun) {
    if (!isRefused) await requireCredentials(question)
    return
  }
  const failure = await missingCredentials(question)
  if (failure === undefined) return
  const {errorWarning} = await import('../errors/render-error.ts')
  workflow.warning(errorWarning(failure))
}
