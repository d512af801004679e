import {shortDigest} from '../oci/digest.ts'
import {formatTagRef} from '../oci/reference.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import type {ExplainedRow} from '../promote/explained-rows.ts'
import {isNotCreated, type Report} from './report.ts'

/** Log line for each tag: outcome, reference, the digest that it had or keeps, and the reason. */
export function tagLines({rows = []}: Pick<Report, 'rows'>): readonly string[] {
  return rows.map((row) => `${row.outcome.padEnd(9)} ${formatTagRef(row.reference)}${digestOf(row)}: ${row.reason}`)
}

function digestOf(row: ExplainedRow): string {
  if (isNotCreated(row)) return ' is not created'
  if (row.outcome === 'kept' && row.after !== undefined) return ` at ${shortDigest(row.after)}`
  return row.outcome === 'moved' && row.before !== undefined ? ` from ${shortDigest(row.before)}` : ''
}

/** Text of the annotation on a tag that needs attention. */
export function tagNotice(row: ExplainedRow): string {
  return `${formatTagRef(row.reference)}${resultOf(row)}: ${row.reason}`
}

function resultOf(row: ExplainedRow): string {
  const {outcome, before, after} = row
  if (isNotCreated(row)) return ' is not created'
  if (outcome === 'kept' && after !== undefined) return ` stays at ${shortDigest(after)}`
  if (outcome === 'moved' && before !== undefined) return ` was moved from ${shortDigest(before)}`
  return outcome === 'new' ? ' is new' : outcome === 'unchanged' ? ' is unchanged' : ''
}

/** Last log line of a run that succeeded; undefined for a failed run, a dry run and one with nothing to publish. */
export function finalLogLine(report: Report): string | undefined {
  const {action, dryRun, plan, staged, rows, failure} = report
  if (failure !== undefined || dryRun || plan.skip !== undefined) return undefined
  if (!plan.push.do) return notPushedLine(report)
  if (staged === undefined) return undefined
  const {digest} = staged
  if (action === 'stage') return `Staged ${digest}`
  if (rows?.every(({outcome}) => outcome === 'kept') === true) {
    return `No tag was moved to ${digest}: ${countTags(rows.length)} kept`
  }
  const pointing = rows?.filter(({after}) => after === digest) ?? []
  if (pointing.length === 0) return `Staged ${digest}, but no tag points to it: see above`
  const unchanged = pointing.filter(({outcome}) => outcome === 'unchanged').length
  const given = pointing.length - unchanged
  if (given === 0) return `Already up to date: ${pointTo(unchanged)} ${digest}`
  const rest = unchanged === 0 ? '' : `; ${countTags(unchanged)} already up to date`
  return `Published ${digest} as ${countTags(given)}${rest}`
}

function notPushedLine({action, plan, build, called}: Report): string | undefined {
  if (action === 'promote') return `Not promoted: ${formatPlanReason(plan.push.reason)}`
  if (build === undefined || called !== undefined) return undefined
  return `Built ${plan.version ?? 'the image'}, not pushed: ${formatPlanReason(plan.push.reason)}`
}

function pointTo(count: number): string {
  return `${countTags(count)} ${count === 1 ? 'points' : 'point'} to`
}

function countTags(count: number): string {
  return `${count} ${count === 1 ? 'tag' : 'tags'}`
}
