import {formatBytes} from '../../oci/byte-size.ts'
import {shortDigest} from '../../oci/digest.ts'
import {failureSection} from '../summary/failure-section.ts'
import {code, details, prose, table, text} from '../summary/markdown.ts'
import {leftManifests} from './left-manifests.ts'
import {missingText} from './prune-lines.ts'
import {isRefused, type JudgedRepository} from './prune-report.ts'
import {rowsOf, type Fate, type PruneRow} from './prune-rows.ts'
import {rowReason} from './prune-sentence.ts'
import {classNames, counted, deletedParts, totalsByClass, totalsOf, type Totals} from './totals.ts'

/** Maximum number of rows of a table. The log has all. */
const maxRows = 1_000

/** Part of the summary about one repository. After a refusal, it says what would be deleted without it. */
export function repositorySection(judged: JudgedRepository, isDryRun: boolean): readonly string[] {
  const {failure} = judged
  const isWithheld = isRefused(judged)
  const dryRun = isDryRun || isWithheld
  const rows = rowsOf(judged)
  return [
    ...(failure === undefined ? [] : failureSection(failure)),
    ...classTable(rows, isWithheld ? 'Policy deletes' : dryRun ? 'Delete' : 'Deleted'),
    ...partsLine(judged, dryRun),
    ...leftLine(judged),
    ...brokenList(judged),
    ...rowTable('deleted', rows, deletedTitle(isWithheld, dryRun), dryRun ? finalNote(judged) : ''),
    ...rowTable('left', rows, 'Not deleted, although the policy deletes it'),
    ...rowTable('kept', rows, 'Kept'),
    ...restoreLines(judged, dryRun),
  ]
}

/** Table with a row for each class and one for all, each with a bar for the share that is deleted. */
function classTable(rows: readonly PruneRow[], deleted: string): readonly string[] {
  if (rows.length === 0) return []
  const classes = [...totalsByClass(rows)]
  const hasLeft = rows.some(({fate}) => fate === 'left')
  const line = (name: string, totals: Totals): readonly string[] => [
    name,
    String(totals.deleted),
    String(totals.kept),
    ...(hasLeft ? [String(totals.left)] : []),
    totals.bytes === 0 ? '' : formatBytes(totals.bytes),
    code(bar(totals)),
  ]
  const all = classes.length > 1 ? [line('**all**', totalsOf(rows))] : []
  const kept = deleted === 'Deleted' ? 'Kept' : 'Keep'
  const head = ['Class', deleted, kept, ...(hasLeft ? ['Left'] : []), 'Size', 'Share']
  const numbers = head.map((_, index) => (index > 0 && index < head.length - 1 ? 'right' : 'left'))
  return [table(head, [...classes.map(([name, totals]) => line(classNames[name].many, totals)), ...all], numbers)]
}

const barCells = 20

/** Bar of the deleted share. Any deletion has a cell, and so has anything that stays. */
function bar({deleted, kept, left}: Totals): string {
  const total = deleted + kept + left
  const least = deleted === 0 ? 0 : 1
  const most = deleted === total ? barCells : barCells - 1
  const filled = Math.min(most, Math.max(least, Math.round((barCells * deleted) / total)))
  return `${'█'.repeat(filled)}${'░'.repeat(barCells - filled)}`
}

function partsLine(judged: JudgedRepository, dryRun: boolean): readonly string[] {
  const parts = deletedParts(judged)
  if (parts === 0) return []
  const verb = dryRun ? 'would be deleted' : parts === 1 ? 'was deleted' : 'were deleted'
  return [
    `${counted(parts, 'platform, attestation or signature', 'platforms, attestations and signatures')} of these images ${verb} too.`,
  ]
}

/** Sentence about manifests that nothing needs any more, and that only the registry itself removes. */
function leftLine(judged: JudgedRepository): readonly string[] {
  const left = leftManifests(judged)
  if (left.length === 0) return []
  const what = counted(left.length, 'manifest without a tag', 'manifests without a tag')
  return [
    `${what} of these images ${left.length === 1 ? 'stays' : 'stay'} until the garbage collection of the registry, which does not list them.`,
  ]
}

function brokenList({plan}: JudgedRepository): readonly string[] {
  if (plan.broken.length === 0) return []
  const items = plan.broken.slice(0, maxRows).map((image) => {
    const {tags, digest} = image
    const names = tags.length === 0 ? code(shortDigest(digest)) : tags.map(code).join(', ')
    return `- ⚠️ ${names} lacks ${text(missingText(image))}`
  })
  return [[`Images that stay and were broken before this run:`, '', ...items].join('\n')]
}

function deletedTitle(isWithheld: boolean, dryRun: boolean): string {
  if (isWithheld) return 'Refused: the policy deletes'
  return dryRun ? 'Would be deleted' : 'Deleted'
}

/** Sentence about deletions that nothing restores. */
function finalNote({restorableUntil}: JudgedRepository): string {
  return restorableUntil === undefined
    ? 'This step cannot restore what it deletes. Name in `exclude-tags` what should stay.\n\n'
    : ''
}

function rowTable(fate: Fate, rows: readonly PruneRow[], title: string, note = ''): readonly string[] {
  const own = rows.filter((row) => row.fate === fate)
  if (own.length === 0) return []
  const hasIds = own.some(({id}) => id !== undefined)
  const hasRules = own.some(({rule}) => rule !== undefined)
  const lines = own
    .slice(0, maxRows)
    .map((row) => [
      row.tag === undefined ? '' : code(row.tag),
      code(shortDigest(row.digest)),
      ...(hasIds ? [text(row.id ?? '')] : []),
      classNames[row.class].one,
      prose(rowReason(row)),
      ...(hasRules ? [code(row.rule ?? '')] : []),
    ])
  const rest = own.length - lines.length
  const more = rest > 0 ? `\n\n${counted(rest, 'row')} more in the log.` : ''
  const head = ['Tag', 'Digest', ...(hasIds ? ['Version'] : []), 'Class', 'Reason', ...(hasRules ? ['Rule'] : [])]
  return [details(`${title}: ${own.length}`, `${note}${table(head, lines)}${more}`)]
}

/** Instructions to restore deleted package versions of GitHub. */
function restoreLines(
  {repository, restorableUntil, results = []}: JudgedRepository,
  dryRun: boolean,
): readonly string[] {
  const isDeleted = results.some(({step, outcome}) => step.kind === 'image' && outcome.kind === 'deleted')
  if (restorableUntil === undefined || dryRun || !isDeleted) return []
  const day = restorableUntil.toISOString().slice(0, 10)
  const [owner = '', ...name] = repository.path.split('/')
  const path = `/orgs/${owner}/packages/container/${encodeURIComponent(name.join('/'))}/versions/VERSION/restore`
  return [
    `Until ${day}, GitHub restores a deleted version: \`gh api --method POST ${path}\`, with \`/users/\` instead of \`/orgs/\` for a user. Give it its tags again with \`docker buildx imagetools create --tag\`.`,
  ]
}
