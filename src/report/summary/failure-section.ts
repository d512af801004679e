import type {TagboatError} from '../../errors/error.ts'
import {remedies} from '../../errors/remedies.ts'
import {errorAddress, parseRendered, type RenderedError} from '../../errors/render-error.ts'
import {code, fence, prose} from './markdown.ts'
import type {Report} from '../report.ts'
import {leftTagsAlone, unchangedTags} from '../unchanged-tags.ts'

/** Cause of a failure, the lines that show it, and the remedy. */
export function failureSection(error: TagboatError, report?: Report): readonly string[] {
  const sentence = report === undefined || !leftTagsAlone(report) ? '' : ` ${unchangedTags}`
  const {message, evidence, code: name} = error
  const remedy = error.remedy ?? remedies[name]
  const [cause = '', ...rest] = partsOf({message, evidence, remedy, code: name, address: errorAddress(name)})
  return [`${cause}${sentence}`, ...rest]
}

/** Cause, evidence and remedy of the error at the end of a warning; undefined for a warning without an error. */
export function errorParts(warning: string): readonly string[] | undefined {
  const rendered = parseRendered(warning)
  return rendered && partsOf(rendered)
}

function partsOf({message, evidence, remedy, code: name, address}: RenderedError): readonly string[] {
  return [
    `**${prose(message)}**`,
    ...(evidence.length === 0 ? [] : [fence(evidence.join('\n'))]),
    `**What to do:** ${prose(remedy)} ([${code(name)}](${address}))`,
  ]
}

/** Summary of a run that failed before it had a plan. */
export function failureSummary(error: TagboatError): string {
  return [`### ❌ Not started`, ...failureSection(error)].join('\n\n')
}
