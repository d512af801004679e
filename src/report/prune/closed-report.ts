import {closedSkips, type ClosedSkip} from '../../reasons/closed-skips.ts'
import {formatWith} from '../../reasons/reason-table.ts'
import {shortDigest} from '../../oci/digest.ts'
import type {ClosedRef} from '../../retention/closed/closed-ref.ts'
import {failureSection} from '../summary/failure-section.ts'
import {fitting} from '../summary/fitting.ts'
import {code, prose, table} from '../summary/markdown.ts'
import type {PruneReport} from './prune-report.ts'
import {finalRows, formatRowReference, type Fate, type PruneRow} from './prune-rows.ts'
import {placeName, rowReason} from './prune-sentence.ts'
import {counted, kindsOf} from './totals.ts'

/** Result of `closed: delete` after a pull request was closed or a branch was deleted. */
export interface ClosedReport extends Pick<PruneReport, 'dryRun' | 'judged' | 'unjudged'> {
  readonly closed: ClosedRef
  /** Reason why nothing was to be deleted. */
  readonly skip?: ClosedSkip
  /** Tags that a dry run without requests would delete if they exist. */
  readonly planned?: readonly string[]
}

/** `pull request 12`, `the branch feature/a`. */
function nameOf(closed: ClosedRef): string {
  return closed.kind === 'pull' ? `pull request ${closed.number}` : `the branch ${closed.branch}`
}

/** Last line of the log, and heading of the summary. */
export function closedSentence(report: ClosedReport): string {
  const {closed, skip, planned, dryRun} = report
  const name = nameOf(closed)
  if (skip !== undefined) return `Nothing to delete of ${name}: ${formatWith(closedSkips, skip)}`
  if (planned !== undefined)
    return `Dry run: would delete of ${name}, if they exist: ${planned.join(', ') || 'no tags'}`
  const rows = finalRows(report.judged)
  const {deleted = [], left = []} = Object.groupBy(rows, ({fate}) => fate)
  const problems = [
    ...(left.length === 0 ? [] : [`${tagCount(left)} could not be deleted`]),
    ...(report.unjudged.length === 0 ? [] : [unreadText(report.unjudged)]),
  ]
  if (deleted.length > 0)
    return `${dryRun ? 'Dry run: would delete' : 'Deleted'} ${tagCount(deleted)} of ${name}${problems.map((text) => `; ${text}`).join('')}`
  if (problems.length > 0)
    return `${dryRun ? 'Dry run: nothing would be' : 'Nothing was'} deleted of ${name}: ${problems.join('; ')}`
  if (rows.length === 0) return `Nothing to delete of ${name}: its tags do not exist`
  return `${dryRun ? 'Dry run: nothing' : 'Nothing'} to delete of ${name}: ${tagCount(rows)} ${rows.length === 1 ? 'stays' : 'stay'}`
}

/** `1 tag`, `2 tags and 1 referrer tag`. */
function tagCount(rows: readonly PruneRow[]): string {
  const {tags, referrers} = kindsOf(rows)
  return [
    ...(tags.length > 0 ? [counted(tags.length, 'tag')] : []),
    ...(referrers.length > 0 ? [counted(referrers.length, 'referrer tag')] : []),
  ].join(' and ')
}

/** `registry.example/acme/app could not be read`. */
function unreadText(unjudged: ClosedReport['unjudged']): string {
  return `${placeName({judged: [], unjudged})} could not be read`
}

const verbs: Readonly<Record<Fate, string>> = {deleted: 'deleted', left: 'not deleted', kept: 'kept'}

/** Table of the tags with what happened to each, and the failures. */
export function closedSummary(report: ClosedReport): string {
  const {judged, unjudged} = report
  const failures = [...judged, ...unjudged].flatMap(({failure}) => failure ?? [])
  const rows = finalRows(judged)
  return fitting([
    `### ${failures.length > 0 ? '❌ ' : ''}${prose(closedSentence(report))}`,
    ...failures.flatMap((failure) => failureSection(failure)),
    ...(rows.length === 0
      ? []
      : [
          table(
            ['Tag', 'Digest', 'Result'],
            rows.map((row) => cells(row, report)),
          ),
        ]),
  ]).join('\n\n')
}

function cells(row: PruneRow, {dryRun}: ClosedReport): readonly string[] {
  const verb = dryRun && row.fate === 'deleted' ? 'would be deleted' : verbs[row.fate]
  return [code(formatRowReference(row)), code(shortDigest(row.digest)), prose(`${verb}: ${rowReason(row)}`)]
}
