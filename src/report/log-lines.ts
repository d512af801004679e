import {formatTagRef} from '../oci/reference.ts'
import {formatReason} from '../reasons/reason.ts'
import type {Report} from './report.ts'

/** Log line for each tag: its outcome, its reference and the reason. */
export function tagLines({rows = []}: Pick<Report, 'rows'>): readonly string[] {
  return rows.map(({reference, outcome, reason}) => `${outcome.padEnd(9)} ${formatTagRef(reference)}: ${reason}`)
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
  if (action === 'promote') return `Not promoted: ${formatReason(plan.push.reason)}`
  if (build === undefined || called !== undefined) return undefined
  return `Built ${plan.version ?? 'the image'}, not pushed: ${formatReason(plan.push.reason)}`
}

function pointTo(count: number): string {
  return `${countTags(count)} ${count === 1 ? 'points' : 'point'} to`
}

function countTags(count: number): string {
  return `${count} ${count === 1 ? 'tag' : 'tags'}`
}
