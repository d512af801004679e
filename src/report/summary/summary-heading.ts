import {formatRepository, formatTagRef} from '../../oci/reference.ts'
import type {Plan} from '../../plan/plan.ts'
import {formatPlanReason} from '../../reasons/plan-reasons.ts'
import {code, text} from './markdown.ts'
import {headingName} from '../image-name.ts'
import {outcomeWords} from '../outcome.ts'
import {planForLaterSteps, wasPushed, type Report} from '../report.ts'

/** Heading of the job summary and the sentence below it: what the run did, and why it did nothing else. */
export function summaryHeading(report: Report): string {
  const called = callHeading(report)
  if (called !== undefined) return called
  const {plan, dryRun, failure, withdrawn} = report
  const words = outcomeWords(report)
  const name = headingName(planForLaterSteps(plan))
  const version = `${name === '' ? '' : ` ${code(name)}`}${withdrawn === undefined ? '' : ', which is withdrawn'}${missingIn(report)}`
  const reason = text(formatPlanReason(plan.push.reason))
  if (dryRun) return dryHeading(report, version, reason)
  if (failure !== undefined) return `### ❌ ${wasPushed(report) ? words.partly : words.not}${version}`
  const published = publishedHeading(report, version)
  if (published !== undefined) return published
  if (plan.skip !== undefined) return `### Nothing to publish\n\n${text(formatPlanReason(plan.skip))}`
  return report.action === 'promote'
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

/** Heading of a run that pushed something or found the release; undefined for any other. */
function publishedHeading(report: Report, version: string): string | undefined {
  const {action, staged, rows, plan} = report
  const words = outcomeWords(report)
  if (rows?.every(({outcome}) => outcome === 'kept') === true) {
    return `### 🟡 ${words.not}${version}\n\nEvery tag was kept at the image that it points to.`
  }
  if (staged === undefined && !wasPushed(report)) return undefined
  if (action === 'stage' && staged?.existing !== true)
    return `### ✅ Staged${version}\n\nThe image was pushed by its digest. It has no tags yet.`
  if (isReleaseKept(plan, rows)) {
    return `### 🟡 Kept${version}\n\nThe release tag still points to the image that was published before.`
  }
  const isNew = rows?.some(({outcome}) => outcome === 'new' || outcome === 'moved') ?? action !== 'stage'
  const limits = `${withdrawnLine(report)}${isNew ? '' : keptTagsLine(report)}`
  const icon = limits === '' && missingIn(report) === '' ? '✅' : '🟡'
  return `### ${icon} ${isNew ? words.done : words.already}${version}${existingLine(report)}${limits}`
}

/** Paragraph about a release that a run with a build found; empty for any other. */
function existingLine({action, staged, build}: Report): string {
  if (staged?.existing !== true || action === 'promote') return ''
  const built = build === undefined ? 'nothing was built' : 'only `outputs` and `cache-to` were built'
  return `\n\nThe release already exists: ${built}.`
}

/** Repositories that are not required, and could not be published to; empty if there are none. */
function missingIn({unpublished = []}: Report): string {
  const names = unpublished.map((repository) => code(formatRepository(repository)))
  return names.length === 0 ? '' : `, but not at ${names.join(', ')}`
}

/** Paragraph about a withdrawn version; empty for any other. */
function withdrawnLine({withdrawn}: Report): string {
  return withdrawn === undefined ? '' : '\n\nNo floating tag is moved to it.'
}

/** Paragraph about a promote that moved nothing, although some tags point elsewhere; empty for any other run. */
function keptTagsLine({action, rows = []}: Report): string {
  const count = rows.filter(({outcome}) => outcome === 'kept').length
  if (action !== 'promote' || count === 0) return ''
  return `\n\nNo tag was moved; ${count === 1 ? '1 tag was kept at the image that it points' : `${count} tags were kept at the images that they point`} to.`
}

/** Whether every release tag was kept at another image, built before or from another commit. */
function isReleaseKept({tags}: Plan, rows: Report['rows'] = []): boolean {
  const releases = new Set(
    tags.flatMap(({role, reference}) => (role.kind === 'release' ? formatTagRef(reference) : [])),
  )
  const outcomes = rows.filter(({reference}) => releases.has(formatTagRef(reference))).map(({outcome}) => outcome)
  return outcomes.length > 0 && outcomes.every((outcome) => outcome === 'kept')
}
