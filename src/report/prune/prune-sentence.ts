import {formatBytes} from '../../oci/byte-size.ts'
import {formatRepository} from '../../oci/reference.ts'
import {fateReasons} from '../../reasons/prune/fate-reasons.ts'
import {pruneSkips} from '../../reasons/prune-skips.ts'
import {formatWith} from '../../reasons/reason-table.ts'
import {retentionReasons} from '../../reasons/retention-reasons.ts'
import {formatDuration} from '../duration.ts'
import type {JudgedRepository, PruneReport} from './prune-report.ts'
import type {PruneRow} from './prune-rows.ts'
import {counted, countText, kindsOf, totalsOf} from './totals.ts'

const reasons = {...retentionReasons, ...fateReasons}

/** Sentence of the reason of a row. */
export function rowReason({reason, fate}: Pick<PruneRow, 'reason' | 'fate'>): string {
  if (reason.code === 'follows-subject')
    return `it belongs to ${reason.image ?? 'an image'}, and ${fate === 'deleted' ? 'goes' : 'stays'} with it`
  return formatWith(reasons, reason)
}

/** `312 of 480 tags and 14 untagged images of ghcr.io/acme/app, 4.1 GB`; undefined if nothing is deleted. */
export function deletionText(rows: readonly PruneRow[], place: string): string | undefined {
  const {deleted, bytes} = totalsOf(rows)
  return deleted === 0 ? undefined : `${countText(rows)} of ${place}, ${formatBytes(bytes)}`
}

/** Name of the repository, or the number of several. */
export function placeName({judged, unjudged}: Pick<PruneReport, 'judged' | 'unjudged'>): string {
  const all = [...judged, ...unjudged]
  const [first] = all
  return all.length === 1 && first !== undefined ? formatRepository(first.repository) : `${all.length} repositories`
}

/** `all 480 tags stay`, for rows of which nothing is deleted. */
export function nothingText(rows: readonly PruneRow[], judged: readonly Pick<JudgedRepository, 'isMissing'>[]): string {
  if (judged.length > 0 && judged.every(({isMissing}) => isMissing))
    return judged.length === 1 ? 'the repository does not exist' : 'the repositories do not exist'
  const tags = kindsOf(rows).tags.length
  if (tags === 0) return 'there are no tags'
  return tags === 1 ? 'its tag stays' : `all ${counted(tags, 'tag')} stay`
}

/** Last line of the log: the answer of a run that succeeded. */
export function finalPruneLine(report: PruneReport, rows: readonly PruneRow[]): string {
  const {dryRun, skip, durationMs} = report
  if (skip !== undefined) return `Nothing to delete: ${formatWith(pruneSkips, skip)}`
  const place = placeName(report)
  const text = deletionText(rows, place)
  if (text === undefined)
    return `${dryRun ? 'Dry run: nothing' : 'Nothing'} to delete in ${place}: ${nothingText(rows, report.judged)}`
  if (dryRun) return `Dry run: nothing was deleted. With \`dry-run: false\`, this step deletes ${text}`
  return `Deleted ${text}, in ${formatDuration(durationMs)}${remainingText(rows)}`
}

/** Words for what is left to the next run; empty if there is nothing. */
export function remainingText(rows: readonly PruneRow[]): string {
  const count = remainingCount(rows)
  return count === 0 ? '' : `; ${counted(count, 'deletion')} left to the next run`
}

/** Number of rows that are left to the next run. */
export function remainingCount(rows: readonly PruneRow[]): number {
  return rows.filter(({reason}) => reason.code === 'remaining').length
}
