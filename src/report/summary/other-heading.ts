import {formatPlanReason} from '../../reasons/plan-reasons.ts'
import {code, prose} from './markdown.ts'
import {dryHeading} from '../dry-run.ts'
import {publishedWords} from '../outcome-words.ts'
import {wasPushed, type Report} from '../report.ts'

/**
 * Heading of a run that did not publish an image, or only a part of it. `version` is the name of the image, and `missing`
 * names the registries without it.
 */
export function otherHeading(report: Report, version: string, missing: string): string {
  const {plan, dryRun, failure, action, words = publishedWords} = report
  const called = callHeading(report)
  if (called !== undefined) return called
  const reason = prose(formatPlanReason(plan.skip ?? plan.push.reason))
  const title = {name: version, reason}
  if (dryRun) return failure === undefined ? dryHeading(report, title) : `### ❌ Dry run${version}\n\n${dryFailure}`
  if (failure !== undefined)
    return wasPushed(report) ? `### ❌ ${words.partly}${version}${missing}` : failedHeading(report, title)
  if (plan.skip !== undefined) return `### Nothing to publish\n\n${reason}`
  return action === 'promote'
    ? `### Not promoted${version}\n\n${reason}`
    : `### ✅ Built${version}, not pushed\n\n${reason}`
}

const dryFailure = 'Nothing was built or changed. A real run would fail:'

/** Heading of a failed run: what it was to do. */
function failedHeading(
  {action, plan, build, failure, words = publishedWords}: Report,
  {name, reason}: {readonly name: string; readonly reason: string},
): string {
  if (plan.push.do) return `### ❌ ${action === 'stage' ? 'Not staged' : words.not}${name}`
  if (action === 'promote') return `### ❌ Not promoted${name}\n\n${reason}`
  if (build === undefined) return `### ❌ Not built${name}\n\n${reason}`
  return `### ❌ Built${name}, ${failure?.code === 'test-failed' ? 'test failed' : 'then failed'}\n\n${reason}`
}

/** A build with `call` produces a result instead of an image; that of `check` may be a list of warnings. */
function callHeading({called, build, dryRun, plan, failure}: Report): string | undefined {
  if (called === undefined || dryRun || plan.skip !== undefined) return undefined
  const hasFailed = failure !== undefined && failure.code !== 'checks-failed'
  if (called !== 'check') return `### ${hasFailed ? '❌ No result' : 'Result'} of ${code(`call: ${called}`)}`
  if (hasFailed) return '### ❌ Not checked'
  const count = build?.record?.warnings.length ?? 0
  return `### Checked: ${count === 0 ? 'no warnings' : count === 1 ? '1 warning' : `${count} warnings`}`
}
