import type {IssuedWarning} from '../io/workflow.ts'
import {formatRepository} from '../oci/reference.ts'
import {code, fence, text} from './markdown.ts'
import type {Report} from './report.ts'
import {summaryHeading} from './summary-heading.ts'
import {ruleTables, tagTables} from './tag-tables.ts'

/** Job summary in GitHub-flavoured Markdown. */
export async function summary(report: Report): Promise<string> {
  const {platforms, steps} = await buildParts(report)
  return fitting([
    summaryHeading(report),
    ...(await failure(report)),
    ...warnings(report),
    ...digestLine(report),
    ...loadedLine(report),
    ...tagTables(report),
    ...platforms,
    ...pullCommand(report),
    ...steps,
    ...ruleTables(report),
  ]).join('\n\n')
}

/** Sections about the build and its image, whose code a run without both does not load. */
async function buildParts(report: Report): Promise<Readonly<Record<'platforms' | 'steps', readonly string[]>>> {
  if (report.build === undefined && report.staged === undefined) return {platforms: [], steps: []}
  const {buildSteps, callResult, platformTable} = await import('./build-section.ts')
  return {platforms: platformTable(report), steps: [...callResult(report), ...buildSteps(report)]}
}

/** GitHub accepts 1 MiB from a step, and rejects a larger summary as a whole. */
const maxBytes = 1024 * 1024
const omitted = 'Parts that do not fit into a job summary are omitted here; the log has them.'

function fitting(parts: readonly string[]): readonly string[] {
  const fits = (kept: readonly string[]): boolean => new TextEncoder().encode(kept.join('\n\n')).length < maxBytes
  if (fits(parts)) return parts
  return [
    ...parts.reduce<readonly string[]>((kept, part) => (fits([...kept, part, omitted]) ? [...kept, part] : kept), []),
    omitted,
  ]
}

async function failure({failure: error}: Report): Promise<readonly string[]> {
  if (error === undefined) return []
  const {renderError} = await import('../errors/render-error.ts')
  return [fence(renderError(error))]
}

const maxWarnings = 10

/** Warnings of the run. The result of a `call` lists those of the build already. */
function warnings({warnings: issued = [], called}: Report): readonly string[] {
  const listed = called === undefined ? issued : issued.filter(({place}) => place === undefined)
  if (listed.length === 0) return []
  const items = listed.slice(0, maxWarnings).map((warning) => `- ⚠️ ${placeOf(warning)}${text(warning.text)}`)
  const rest = listed.length - maxWarnings
  return [[...items, ...(rest > 0 ? [`- ${rest} more in the log`] : [])].join('\n')]
}

/** `Dockerfile:3` as inline code; empty for a warning without a file. */
function placeOf({place}: IssuedWarning): string {
  if (place === undefined || place.file === '') return ''
  return `${code(place.line > 0 ? `${place.file}:${place.line}` : place.file)} `
}

function digestLine({staged}: Report): readonly string[] {
  return staged === undefined ? [] : [`Digest ${code(staged.digest)}`]
}

function loadedLine({loaded}: Report): readonly string[] {
  return loaded === undefined ? [] : [text(loaded.line)]
}

/** Command that pulls the image by its digest. */
function pullCommand({plan, staged, failure: error}: Report): readonly string[] {
  const [first] = plan.tags
  if (first === undefined || staged === undefined || error !== undefined) return []
  return [fence(`docker pull ${formatRepository(first.reference.repository)}@${staged.digest}`, 'sh')]
}
