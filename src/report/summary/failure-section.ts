import type {TagboatError} from '../../errors/error.ts'
import {remedies} from '../../errors/remedies.ts'
import {errorAddress} from '../../errors/render-error.ts'
import {code, fence, prose} from './markdown.ts'
import {changedRows, type Report} from '../report.ts'

/** Cause of a failure, the lines that show it, and the remedy. */
export function failureSection(error: TagboatError, report?: Report): readonly string[] {
  const remedy = error.remedy ?? remedies[error.code]
  const sentence = report === undefined || /\btags? (?:was|were) /.test(remedy) ? '' : unchangedTags(report)
  return [
    `**${prose(error.message)}**${sentence}`,
    ...(error.evidence.length === 0 ? [] : [fence(error.evidence.join('\n'))]),
    `**What to do:** ${prose(remedy)} ([${code(error.code)}](${errorAddress(error.code)}))`,
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
