import type {TagboatError} from '../../errors/error.ts'
import {remedies} from '../../errors/remedies.ts'
import {errorAddress} from '../../errors/render-error.ts'
import type {IssuedWarning} from '../../io/workflow.ts'
import {code, fence, prose} from './markdown.ts'
import type {Report} from '../report.ts'
import {leftTagsAlone, unchangedTags} from '../unchanged-tags.ts'

/** Cause of a failure, the lines that show it, and the remedy. */
export function failureSection(error: TagboatError, report?: Report): readonly string[] {
  const sentence = report === undefined || !leftTagsAlone(report) ? '' : ` ${unchangedTags}`
  const [cause = '', ...rest] = partsOf(error)
  return [`${cause}${sentence}`, ...rest]
}

/** Cause, evidence and remedy of a warning about an error. */
export function warningParts({lead, error}: NonNullable<IssuedWarning['about']>): readonly string[] {
  return partsOf(error, lead)
}

function partsOf({message, evidence, remedy, code: name}: TagboatError, lead = ''): readonly string[] {
  return [
    `**${prose(lead === '' ? message : `${lead} ${message}`)}**`,
    ...(evidence.length === 0 ? [] : [fence(evidence.join('\n'))]),
    `**What to do:** ${prose(remedy ?? remedies[name])} ([${code(name)}](${errorAddress(name)}))`,
  ]
}

/** Summary of a run that failed before it had a plan. */
export function failureSummary(error: TagboatError): string {
  return [`### ❌ Not started`, ...failureSection(error)].join('\n\n')
}
