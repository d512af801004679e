import {shortDigest, type Digest} from '../oci/digest.ts'
import {formatRepository, formatTagRef} from '../oci/reference.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import type {ExplainedRow} from '../promote/explained-rows.ts'
import {formatDuration} from './duration.ts'
import {logName} from './image-name.ts'
import {publishedWords} from './outcome-words.ts'
import {countLeft, countTags, isNotCreated, type Report} from './report.ts'

/** Log line for each tag: outcome, reference, the image that it had or keeps, and the reason. */
export function tagLines({rows = [], versions}: Pick<Report, 'rows' | 'versions'>): readonly string[] {
  const width = rows.some(isNotCreated) ? 'not created'.length : 'unchanged'.length
  return rows.map(
    (row) => `${(isNotCreated(row) ? 'not created' : row.outcome).padEnd(width)} ${tagText(row, versions)}`,
  )
}

/** Reference of a tag with the image that it had or keeps, and the reason. */
export function tagText(row: ExplainedRow, versions: Report['versions']): string {
  const reason = row.outcome === 'new' && row.code === 'new-tag' ? '' : `: ${row.reason}`
  return `${formatTagRef(row.reference)}${imageOf(row, versions)}${reason}`
}

function imageOf(row: ExplainedRow, versions: Report['versions']): string {
  if (row.outcome === 'kept' && row.after !== undefined) return ` at ${namedImage(row.after, versions)}`
  return row.outcome === 'moved' && row.before !== undefined ? ` from ${namedImage(row.before, versions)}` : ''
}

/** Version of an image with its digest, or the digest alone. */
export function namedImage(digest: Digest, versions: Report['versions']): string {
  const version = versions?.get(digest)?.split(',')[0]
  return version === undefined ? shortDigest(digest) : `${version} (${shortDigest(digest)})`
}

/** First log line of a run: what it is going to do. */
export function firstLogLine(
  report: Pick<Report, 'action' | 'plan' | 'dryRun' | 'called' | 'platforms' | 'withdrawn'>,
): string {
  const {action, plan, dryRun, called, platforms = []} = report
  if (plan.skip !== undefined) {
    return `${dryRun ? 'Dry run: nothing' : 'Nothing'} to publish: ${formatPlanReason(plan.skip)}`
  }
  const name = imageName(report)
  const reason = formatPlanReason(plan.push.reason)
  const image = `${name}${action === 'stage' ? '' : ` with ${countTags(plan.tags.length)}`}${forPlatforms(platforms)}`
  if (dryRun)
    return `Dry run: nothing is built or changed. A real run would ${plan.push.do ? `${action} ${image}` : `not push ${name}: ${reason}`}`
  if (called !== undefined) return `Build of ${name} with call: ${called}`
  if (plan.push.do) return `${starting[action]} ${image}`
  return action === 'promote'
    ? `Not promoting ${name}: ${reason}`
    : `Building ${name}${forPlatforms(platforms)} without a push (${reason})`
}

/** Name of the image, and whether its version is withdrawn. */
function imageName({plan, withdrawn}: Pick<Report, 'plan' | 'withdrawn'>): string {
  return `${logName(plan)}${withdrawn === undefined ? '' : ' (withdrawn)'}`
}

const starting = {publish: 'Publishing', stage: 'Staging', promote: 'Promoting'} as const

/**
 * Last log line of a run that succeeded: what it did, with the digest. Undefined for a failed run, one with nothing to
 * publish, and a dry run, whose line `finalDryLine` returns.
 */
export function finalLogLine(report: Report): string | undefined {
  const {action, dryRun, plan, staged, rows, failure} = report
  if (failure !== undefined || dryRun || plan.skip !== undefined) return undefined
  if (!plan.push.do) return notPushedLine(report)
  if (staged === undefined) return undefined
  const name = imageName(report)
  const built = forPlatforms(staged.images.map(({platform}) => platform))
  const rest = `${built}${inTime(report)}: ${staged.digest}`
  if (action === 'stage') return `${staged.existing ? 'Nothing to stage, already published' : 'Staged'} ${name}${rest}`
  const elsewhere = missingIn(report)
  if (rows?.every(({outcome}) => outcome === 'kept') === true) {
    const [stay, point] = leftTags(rows)
    return `${(report.words ?? publishedWords).not} ${name}, since ${stay}${listed(elsewhere)}. ${point} to the image${built}: ${staged.digest}`
  }
  const pointing = rows?.filter(({after}) => after === staged.digest) ?? []
  if (pointing.length === 0) return `Staged ${name}, but no tag points to it, see above${listed(elsewhere)}${rest}`
  return `${taggedLine(name, pointing, report)}${rest}`
}

/** Clause on tags that a run left alone, and the start of a sentence on the image that they do not point to. */
function leftTags(rows: readonly ExplainedRow[]): readonly [string, string] {
  const {kept, notCreated} = countLeft(rows)
  const isOne = rows.length === 1
  if (notCreated === 0)
    return isOne
      ? ['its tag stays where it is', 'It does not point']
      : [`its ${kept} tags stay where they are`, 'They do not point']
  if (kept === 0)
    return [isOne ? 'its tag is not created' : `its ${notCreated} tags are not created`, 'No tag of this run points']
  return [
    `${countTags(kept)} ${kept === 1 ? 'stays where it is' : 'stay where they are'} and ${notCreated} ${notCreated === 1 ? 'is' : 'are'} not created`,
    'No tag of this run points',
  ]
}

/** `Published NAME with 4 tags (1 kept, 1 not created)` */
function taggedLine(name: string, pointing: readonly ExplainedRow[], report: Report): string {
  const {rows = [], words: {done, already} = publishedWords} = report
  const unchanged = pointing.filter(({outcome}) => outcome === 'unchanged').length
  const given = pointing.length - unchanged
  const {kept, notCreated} = countLeft(rows)
  const failed = rows.filter(({outcome}) => outcome === 'failed').length
  const ends = {kept, 'not created': notCreated, failed}
  const counts = Object.entries(ends).flatMap(([name, count]) => (count === 0 ? [] : [`${count} ${name}`]))
  const missing = missingIn(report)
  if (given === 0) return `${already} ${name} with ${countTags(unchanged)}${listed([...counts, ...missing])}`
  const upToDate = unchanged > 0 ? [`${unchanged} up to date`] : []
  return `${done} ${name} with ${countTags(given)}${listed([...counts, ...upToDate, ...missing])}`
}

/** `not at quay.io/acme/app`, for each repository that is not required and could not be published to. */
function missingIn({unpublished = []}: Report): readonly string[] {
  return unpublished.map((repository) => `not at ${formatRepository(repository)}`)
}

function listed(texts: readonly string[]): string {
  return texts.length === 0 ? '' : ` (${texts.join(', ')})`
}

function notPushedLine(report: Report): string | undefined {
  const {action, plan, build, called, platforms = []} = report
  const reason = formatPlanReason(plan.push.reason)
  if (action === 'promote') return `Not promoted: ${reason}`
  if (build === undefined || called !== undefined) return undefined
  return `Built ${imageName(report)}${forPlatforms(platforms)}${inTime(report)}, not pushed: ${reason}`
}

function forPlatforms(platforms: readonly string[]): string {
  return platforms.length === 0 ? '' : ` for ${platforms.join(', ')}`
}

function inTime({durationMs}: Report): string {
  return durationMs === undefined ? '' : ` in ${formatDuration(durationMs)}`
}
