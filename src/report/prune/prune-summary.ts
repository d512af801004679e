import type {IssuedWarning} from '../../io/workflow.ts'
import {formatRepository} from '../../oci/reference.ts'
import {pruneSkips} from '../../reasons/prune-skips.ts'
import {formatWith} from '../../reasons/reason-table.ts'
import {failureSection} from '../summary/failure-section.ts'
import {fitting} from '../summary/fitting.ts'
import {code, prose} from '../summary/markdown.ts'
import {warningList} from '../summary/warnings.ts'
import {isRefused, type PruneReport} from './prune-report.ts'
import {finalRows, rowsOf} from './prune-rows.ts'
import {deletionText, nothingText, placeName, remainingText} from './prune-sentence.ts'
import {repositorySection} from './repository-section.ts'

/** Job summary of a run of the prune action, in GitHub-flavoured Markdown. */
export async function pruneSummary(report: PruneReport, warnings: readonly IssuedWarning[] = []): Promise<string> {
  const {judged, unjudged, skip, dryRun} = report
  if (skip !== undefined) return `### Nothing to delete\n\n${prose(formatWith(pruneSkips, skip))}`
  const isAlone = judged.length + unjudged.length === 1
  const title = ({repository}: Pick<(typeof judged)[number], 'repository'>): readonly string[] =>
    isAlone ? [] : [`#### ${code(formatRepository(repository))}`]
  return fitting([
    ...heading(report),
    ...judged.flatMap((one) => [...title(one), ...repositorySection(one, dryRun)]),
    ...unjudged.flatMap((one) => [...title(one), ...failureSection(one.failure)]),
    ...(await warningList({warnings})),
  ]).join('\n\n')
}

/** Heading with the answer, and the sentence below it. */
function heading(report: PruneReport): readonly string[] {
  const {dryRun, judged, unjudged} = report
  const rows = finalRows(judged)
  const place = code(placeName(report))
  const text = deletionText(rows, place)
  const hasFailed = [...judged, ...unjudged].some(({failure, isBestEffort}) => failure !== undefined && !isBestEffort)
  const mark = hasFailed ? '❌ ' : ''
  if (text === undefined) {
    const refused = deletionText(judged.filter(isRefused).flatMap(rowsOf), place)
    if (refused !== undefined) return refusedHeading(refused, dryRun)
    if (hasFailed) return [`### ❌ ${dryRun ? 'Would delete' : 'Deleted'} nothing of ${place}`]
    return [
      `### Nothing to delete in ${place}`,
      `${nothingText(rows, judged).replace(/^./, (first) => first.toUpperCase())}.`,
    ]
  }
  if (!dryRun) return [`### ${mark === '' ? '✅ ' : mark}Deleted ${text}${remainingText(rows)}`]
  return [
    `### ${mark}Would delete ${text}`,
    prose('Nothing was deleted. With `dry-run: false`, this step deletes them.'),
  ]
}

/** Heading of a run that deletes nothing, because it refuses to delete so much. */
function refusedHeading(refused: string, dryRun: boolean): readonly string[] {
  return [
    `### ❌ ${dryRun ? 'A real run would refuse' : 'Refused'} to delete ${refused}`,
    'Nothing was deleted. The tables show what the policy deletes.',
  ]
}
