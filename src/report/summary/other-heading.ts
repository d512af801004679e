import {formatPlanReason} from '../../reasons/plan-reasons.ts'
import {code, text} from './markdown.ts'
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
  const reason = text(formatPlanReason(plan.push.reason))
  if (dryRun) return dryHeading(report, version, reason)
  if (failure !== undefined)
    return `### ❌ ${wasPushed(report) ? `${words.partly}${version}${missing}` : `${words.not}${version}`}`
  if (plan.skip !== undefined) return `### Nothing to publish\n\n${text(formatPlanReason(plan.skip))}`
  return action === 'promote'
    ? `### Not promoted${version}\n\n${reason}`
    : `### ✅ Built${version}, not pushed\n\n${reason}`
}

function dryHeading({failure}: Report, version: string, reason: string): string {
  const unchanged = 'Nothing was built or changed.'
  return failure === undefined
    ? `### Dry run${version}\n\n${unchanged} ${reason}`
    : `### ❌ Dry run${version}\n\n${unchanged} A real run fails:`
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
