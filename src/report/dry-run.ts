import type {Digest} from '../oci/digest.ts'
import type {ExplainedRow} from '../promote/explained-rows.ts'
import type {PromoteOutcome} from '../promote/journal.ts'
import {countTags, isNotCreated, type Report} from './report.ts'

/** Name of the image, and why a run pushes or does not. The files that log and summary share give them. */
interface Words {
  readonly name: string
  readonly reason: string
}

/**
 * Log line for each tag: what a real run would do with it, and why. A stage moves no tag: its promote would. `describe`
 * returns the reference with the image and the reason.
 */
export function previewLines(
  {action, preview = []}: Report,
  describe: (row: ExplainedRow) => string,
): readonly string[] {
  const rows = preview.map((row) => ({row, verb: `${action === 'stage' ? 'a promote would' : 'would'} ${verbOf(row)}`}))
  const width = Math.max(0, ...rows.map(({verb}) => verb.length))
  return rows.map(({row, verb}) => `${verb.padEnd(width)} ${describe(row)}`)
}

/** Last log line of a dry run. Undefined if a real run would fail, or would have nothing to publish. */
export function finalDryLine(report: Report, {name, reason}: Words): string | undefined {
  const {plan, failure} = report
  if (failure !== undefined || plan.skip !== undefined) return undefined
  const why = plan.push.do ? '' : `: ${reason}`
  return `Dry run of ${name}: nothing was built or changed. A real run would ${intention(report)}${why}`
}

/** Heading of the job summary of a dry run, and what a real run would do. */
export function dryHeading(report: Report, {name, reason}: Words): string {
  const would =
    report.plan.skip === undefined
      ? `A real run would ${intention(report)} (${reason}).`
      : `Nothing to publish: ${reason}`
  return `### Dry run${name}\n\nNothing was built or changed. ${would}`
}

/** Verbs for a real run: `create 2 tags, move 1 tag, keep 1 tag, and sign the image`. */
function intention(report: Report): string {
  const {plan, preview, work} = report
  const tags = tagIntention(report)
  if (!plan.push.do || work?.sign === undefined) return tags
  const isNew = preview === undefined || preview.some(({outcome}) => outcome === 'new')
  return `${tags}, and sign ${isNew ? 'the image' : 'what is not signed yet'}`
}

function tagIntention({action, plan, preview}: Report): string {
  if (!plan.push.do) return action === 'promote' ? 'promote nothing' : 'not push'
  if (action === 'stage') return 'push an untagged image'
  if (preview === undefined) return `publish ${countTags(plan.tags.length)}`
  const counts = [...Map.groupBy(preview, verbOf)].map(([verb, {length}]) => `${verb} ${countTags(length)}`)
  return counts.join(', ')
}

/** Cell of the job summary: what a real run would do with a tag. `at` shows an image. */
export function previewCell(row: ExplainedRow, at: (digest: Digest) => string): string {
  const {outcome, before, after} = row
  const verb = `would ${verbOf(row)}`
  if (outcome === 'moved' && before !== undefined) return `${verb} from ${at(before)}`
  return outcome === 'kept' && after !== undefined ? `${verb} at ${at(after)}` : verb
}

function verbOf(row: ExplainedRow): string {
  return isNotCreated(row) ? 'not create' : verbs[row.outcome]
}

/** Verbs for the outcomes that the tags would have. */
const verbs: Readonly<Record<PromoteOutcome, string>> = {
  new: 'create',
  moved: 'move',
  unchanged: 'not change',
  kept: 'keep',
  failed: 'refuse',
  restored: 'restore',
}
