import type {Remark} from '../context/built-commit.ts'
import type {TagboatError} from '../errors/error.ts'
import type {Inputs} from '../inputs/inputs.ts'
import type {Notice} from '../inputs/problem.ts'
import type {PublishingAction} from '../inputs/spec/action-names.ts'
import {nothingToTag} from '../plan/make-plan.ts'
import type {Plan} from '../plan/plan.ts'
import type {PushDecision} from '../plan/push-decision.ts'
import {refParts, tagElsewhere, type RefQuestion} from '../plan/ref-parts.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import {remarkOnPush, type BuiltContext} from './built-commit.ts'
import type {Io} from '../io/io.ts'

interface Judged {
  readonly refusal: TagboatError | undefined
  readonly remarks: readonly Remark[]
  readonly notices: readonly string[]
}

/**
 * Remarks on the commit that is built, and the reason to refuse the run, if any. A dry run without tags is not refused,
 * because its other outputs may be what a workflow needs.
 */
export function judge(
  built: BuiltContext,
  plan: Plan,
  {action, request}: {readonly action: PublishingAction; readonly request: RefQuestion},
): Judged {
  const {context, inputs, push} = request
  const is = built.remark?.ref
  const ofRef = is === undefined ? [] : refParts(request)
  const elsewhere = is === 'elsewhere' && plan.push.do ? tagElsewhere(context, ofRef) : undefined
  const untagged = nothingToTag(plan, inputs.publish.push, context)
  const {publish} = inputs
  const dryRun = publish.dryRun && !publish.readsRegistry
  return {
    remarks: plan.skip === undefined ? remarksOn(built, {action, push, ofRef}) : [],
    refusal: elsewhere ?? (dryRun ? undefined : untagged),
    notices: dryRun && untagged !== undefined ? [`${untagged.message} A real run fails ([${untagged.code}]).`] : [],
  }
}

/** Logs warnings and lines; notices are logged with the plan. */
export function logRemarks(remarks: readonly Remark[], {workflow}: Io): void {
  for (const {level, text} of remarks) {
    if (level === 'warning') workflow.warning(text)
    if (level === 'info') workflow.info(text)
  }
}

interface RemarkQuestion {
  readonly action: PublishingAction
  readonly push: PushDecision
  /** Parts of the plan that depend on the ref of the event. */
  readonly ofRef: readonly string[]
}

/** Remarks on the built commit and the push. A ref that does not affect the plan gets only a line in the log. */
function remarksOn(built: BuiltContext, {action, push, ofRef}: RemarkQuestion): readonly Remark[] {
  if (action === 'promote') return []
  const {remark} = built
  const isUnused = remark?.ref !== undefined && ofRef.length === 0
  const text = remarkOnPush(built, push)
  const ofPush: readonly Remark[] = text === undefined ? [] : [{level: 'warning', text}]
  return [...(remark === undefined ? [] : [isUnused ? {...remark, level: 'info' as const} : remark]), ...ofPush]
}

const unpushedText =
  'it stays in the builder or engine and is not pushed; add push=true, or put the name in `images` (push=false removes this notice)'

/** Notices about `outputs` and `sign`, which have no effect in a run that does not push. */
export function unpushedOutputs({build, sign, publish}: Inputs, {push, skip}: Plan): readonly Notice[] {
  if (skip !== undefined) return []
  if (!push.do && sign !== undefined && !publish.dryRun) return [...unpushing({build}, push), unsigned(push)]
  return unpushing({build}, push)
}

function unsigned(push: PushDecision): Notice {
  return {input: 'sign', message: `nothing is signed in this run (${formatPlanReason(push.reason)})`}
}

function unpushing({build}: Pick<Inputs, 'build'>, push: PushDecision): readonly Notice[] {
  if (push.do) return build.image.unpushedLines.map((line) => ({input: 'outputs', line, message: unpushedText}))
  const message = `it pushes nothing in this run (${formatPlanReason(push.reason)})`
  return build.image.pushingLines.map((line) => ({input: 'outputs', line, message}))
}
