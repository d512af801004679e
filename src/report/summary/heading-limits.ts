import {formatRepository, formatTagRef} from '../../oci/reference.ts'
import type {Plan} from '../../plan/plan.ts'
import {code} from './markdown.ts'
import {countLeft, type Report} from '../report.ts'

/** Limits of the success of a run: ends of the heading, and paragraphs below it. */
export interface HeadingLimits {
  /** End of each heading. */
  readonly suffix: string
  /** End of a heading that says that something was published. */
  readonly missing: string
  /** Paragraph about a release that existed before. */
  readonly existing: string
  readonly lines: string
  /** Whether every release tag was kept at another image. */
  readonly isReleaseKept: boolean
}

/** Limits of a run with a withdrawn version, of one that could not publish everywhere, and of a promote. */
export function headingLimits(report: Report): HeadingLimits {
  const isWithdrawn = report.withdrawn !== undefined
  return {
    existing: existingLine(report),
    isReleaseKept: isReleaseKept(report.plan, report.rows),
    suffix: isWithdrawn ? ', which is withdrawn' : '',
    missing: missingIn(report),
    lines: `${isWithdrawn ? '\n\nNo floating tag is moved to it.' : ''}${keptTagsLine(report)}`,
  }
}

/** Repositories that are not required, and could not be published to; empty if there are none. */
function missingIn({unpublished = []}: Report): string {
  const names = unpublished.map((repository) => code(formatRepository(repository)))
  return names.length === 0 ? '' : `, but not at ${names.join(', ')}`
}

/** Paragraph about a promote that moved nothing, although some tags point elsewhere; empty for any other run. */
function keptTagsLine({action, rows = []}: Report): string {
  const {kept, notCreated} = countLeft(rows)
  const isMoved = rows.some(({outcome}) => outcome === 'new' || outcome === 'moved')
  if (action !== 'promote' || kept + notCreated === 0 || isMoved) return ''
  const keptWords =
    kept === 1 ? '1 tag was kept at the image that it points' : `${kept} tags were kept at the images that they point`
  const parts = [
    'No tag was moved',
    ...(kept === 0 ? [] : [`${keptWords} to`]),
    ...(notCreated === 0 ? [] : [notCreated === 1 ? '1 tag was not created' : `${notCreated} tags were not created`]),
  ]
  return `\n\n${parts.join('; ')}.`
}

/** Paragraph about a release that a run with a build found; empty for any other. */
function existingLine({action, staged, build}: Report): string {
  if (staged?.existing !== true || action === 'promote') return ''
  const built = build === undefined ? 'nothing was built' : 'only `outputs` and `cache-to` were built'
  return `\n\nThe release already exists: ${built}.`
}

/** Whether every release tag was kept at another image, built before or from another commit. */
function isReleaseKept({tags}: Plan, rows: Report['rows'] = []): boolean {
  const releases = new Set(
    tags.flatMap(({role, reference}) => (role.kind === 'release' ? formatTagRef(reference) : [])),
  )
  const outcomes = rows.filter(({reference}) => releases.has(formatTagRef(reference))).map(({outcome}) => outcome)
  return outcomes.length > 0 && outcomes.every((outcome) => outcome === 'kept')
}
