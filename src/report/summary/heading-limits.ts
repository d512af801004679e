import {formatRepository} from '../../oci/reference.ts'
import {code} from './markdown.ts'
import type {Report} from '../report.ts'

/** Limits of the success of a run: the end of the heading, and paragraphs below it. */
export interface HeadingLimits {
  readonly suffix: string
  readonly lines: string
}

/** Limits of a run with a withdrawn version, of one that could not publish everywhere, and of a promote. */
export function headingLimits(report: Report): HeadingLimits {
  const isWithdrawn = report.withdrawn !== undefined
  return {
    suffix: `${isWithdrawn ? ', which is withdrawn' : ''}${missingIn(report)}`,
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
  const count = rows.filter(({outcome}) => outcome === 'kept').length
  const isMoved = rows.some(({outcome}) => outcome === 'new' || outcome === 'moved')
  if (action !== 'promote' || count === 0 || isMoved) return ''
  return `\n\nNo tag was moved; ${count === 1 ? '1 tag was kept at the image that it points' : `${count} tags were kept at the images that they point`} to.`
}
