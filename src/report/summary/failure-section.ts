import type {TagboatError} from '../../errors/error.ts'
import {remedies} from '../../errors/remedies.ts'
import {errorAddress, parseRendered, type RenderedError} from '../../errors/render-error.ts'
import {code, fence, prose} from './markdown.ts'
import {changedRows, type Report} from '../report.ts'

/** Cause of a failure, the lines that show it, and the remedy. */
export function failureSection(error: TagboatError, report?: Report): readonly string[] {
  const remedy = error.remedy ?? remedies[error.code]
  const sentence = report === undefined || /\btags? (?:was|were) /.test(remedy) ? '' : unchangedTags(report)
  const {message, evidence, code: name} = error
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

/** Sentence about tags of a run that changed none; empty if that is not known. */
function unchangedTags(report: Report): string {
  const {plan, called, rows, builder} = report
  if (!plan.push.do || called !== undefined || changedRows(report).length > 0) return ''
  // Such a builder pushes the tags with the build.
  return rows === undefined && builder?.staging === 'none' ? '' : ' No tag was changed.'
}

/** Summary of a run that failed before it had a plan. */
export function failureSummary(error: TagboatError): string {
  return [`### ❌ Not started`, ...failureSection(error)].join('\n\n')
}
