import {code} from './markdown.ts'
import {headingName} from '../image-name.ts'
import {publishedWords} from '../outcome-words.ts'
import {countLeft, planForLaterSteps, wasPushed, type Report} from '../report.ts'
import type {HeadingLimits} from './heading-limits.ts'

/** Heading of the job summary and the sentence below it: what the run did, and why it did nothing else. */
export async function summaryHeading(report: Report): Promise<string> {
  const {plan, called, dryRun, failure} = report
  const limits = await limitsOf(report)
  const name = headingName(planForLaterSteps(plan))
  const version = `${name === '' ? '' : ` ${code(name)}`}${limits.suffix}`
  const isPlain = called === undefined && !dryRun && failure === undefined
  const published = isPlain ? publishedHeading(report, version, limits) : undefined
  if (published !== undefined) return published
  const {otherHeading} = await import('./other-heading.ts')
  return otherHeading(report, version, limits.missing)
}

const noLimits: HeadingLimits = {suffix: '', missing: '', existing: '', lines: '', isReleaseKept: false}

/** Limits of the success of a run. Few runs have any. */
async function limitsOf(report: Report): Promise<HeadingLimits> {
  const {action, withdrawn, unpublished = [], staged, rows = []} = report
  const isOrdinary = action === 'publish' && staged?.existing !== true && rows.every(({outcome}) => outcome !== 'kept')
  if (isOrdinary && withdrawn === undefined && unpublished.length === 0) return noLimits
  const {headingLimits} = await import('./heading-limits.ts')
  return headingLimits(report)
}

/** Heading of a run that pushed something or found the release; undefined for any other. */
function publishedHeading(report: Report, version: string, limits: HeadingLimits): string | undefined {
  const {action, staged, rows, words = publishedWords} = report
  const {suffix, missing, existing, lines, isReleaseKept} = limits
  if (rows?.every(({outcome}) => outcome === 'kept') === true) {
    return `### 🟡 ${words.not}${version}\n\n${leftSentence(rows)}`
  }
  if (staged === undefined && !wasPushed(report)) return undefined
  if (action === 'stage' && staged?.existing !== true)
    return `### ✅ Staged${version}\n\nThe image was pushed by its digest. It has no tags yet.`
  if (isReleaseKept) {
    return `### 🟡 Kept${version}\n\nThe release tag still points to the image that was published before.`
  }
  const isNew = rows?.some(({outcome}) => outcome === 'new' || outcome === 'moved') ?? action !== 'stage'
  const icon = `${suffix}${missing}${lines}` === '' ? '✅' : '🟡'
  return `### ${icon} ${isNew ? words.done : words.already}${version}${missing}${existing}${lines}`
}

/** Sentence on tags that a run left alone. */
function leftSentence(rows: NonNullable<Report['rows']>): string {
  const {kept, notCreated} = countLeft(rows)
  if (notCreated === 0) return 'Every tag was kept at the image that it points to.'
  return `No tag was ${kept === 0 ? 'created' : 'moved or created'}.`
}
