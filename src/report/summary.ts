import {renderError} from '../errors/error.ts'
import {formatTagRef} from '../oci/reference.ts'
import {ruleText} from '../plan/explain.ts'
import type {PlannedTag} from '../plan/plan.ts'
import {offeredPlan, wasPushed, type Report} from './report.ts'

/** The job summary: GitHub-flavoured Markdown. */
export function summary(report: Report): string {
  return fitting([
    heading(report),
    ...failure(report),
    ...digestLine(report),
    ...references(report),
    ...platforms(report),
    ...pull(report),
    ...skipped(report),
  ]).join('\n\n')
}

/** GitHub takes 1 MiB from a step, and nothing of a summary that is larger. */
const maxBytes = 1024 * 1024
const leftOut = 'What does not fit into a job summary is left out here; the log has it.'

function fitting(parts: readonly string[]): readonly string[] {
  const fits = (kept: readonly string[]): boolean => new TextEncoder().encode(kept.join('\n\n')).length < maxBytes
  if (fits(parts)) return parts
  return [
    ...parts.reduce<readonly string[]>((kept, part) => (fits([...kept, part, leftOut]) ? [...kept, part] : kept), []),
    leftOut,
  ]
}

function heading(report: Report): string {
  const {plan, published, dryRun, failure: error} = report
  const version = plan.version === undefined ? '' : ` ${code(plan.version)}`
  if (error !== undefined) {
    return wasPushed(report) ? `### Pushed${version}, but not verified` : `### Not published${version}`
  }
  if (published !== undefined) return `### Published${version}`
  if (dryRun) return `### Dry run${version}\n\nNothing was built or changed. ${text(plan.push.reason)}`
  return plan.skip === undefined
    ? `### Built${version}, not published\n\n${text(plan.push.reason)}`
    : `### Nothing to publish\n\n${text(plan.skip)}`
}

function failure({failure: error}: Report): readonly string[] {
  return error === undefined ? [] : [fence(renderError(error))]
}

/** One digest for every reference: it is said once. What holds another one is told by the failure. */
function digestLine(report: Report): readonly string[] {
  const digest = report.build?.metadata?.digest
  return digest === undefined || !wasPushed(report) ? [] : [`Digest ${code(digest)}`]
}

function references({plan, published}: Report): readonly string[] {
  const {tags} = offeredPlan(plan)
  if (tags.length === 0) return []
  const reasons = new Map(published?.unread.map(({reference, reason}) => [reference, reason]))
  const states = tags.map(({reference}) => readBackState(reasons.get(formatTagRef(reference))))
  const hasState = states.some((state) => state !== '')
  const rows = tags.map((tag, index) => [
    code(formatTagRef(tag.reference)),
    tag.kind,
    ...(hasState ? [states[index] ?? ''] : []),
    why(tag),
  ])
  return [table(['reference', 'kind', ...(hasState ? ['read back'] : []), 'because'], rows)]
}

function readBackState(unreadReason: string | undefined): string {
  return unreadReason === undefined ? '' : `pushed, not read back: ${text(unreadReason)}`
}

function why({source, note}: PlannedTag): string {
  return note === undefined ? code(ruleText(source)) : `${code(ruleText(source))}<br>${text(note)}`
}

function platforms({published, build}: Report): readonly string[] {
  const images = published?.images ?? []
  if (build === undefined) return []
  const seconds = (build.durationMs / 1000).toFixed(1)
  const by = build.builder === undefined ? '' : ` by ${code(build.builder.name)} (driver ${text(build.builder.driver)})`
  const builder = `Built${by} in ${seconds} s.`
  if (images.length === 0) return [builder]
  const rows = images.map(({platform, digest, compressedBytes}) => [
    code(platform),
    formatBytes(compressedBytes),
    code(digest),
  ])
  return [builder, table(['platform', 'compressed size', 'digest'], rows)]
}

function pull({plan, published, build}: Report): readonly string[] {
  const digest = build?.metadata?.digest
  const [first] = plan.tags
  if (published === undefined || first === undefined || digest === undefined) return []
  return [fence(`docker pull ${formatTagRef(first.reference)}@${digest}`, 'sh')]
}

function skipped({plan}: Report): readonly string[] {
  if (plan.skip !== undefined) return []
  const rows = plan.skippedRules.map(({source, reason}) => [code(ruleText(source)), text(reason)])
  if (rows.length === 0) return []
  return [`<details><summary>Rules that gave no tag</summary>\n\n${table(['rule', 'reason'], rows)}\n\n</details>`]
}

/** `1.4 MB`: powers of 1000, as registries show sizes. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${units[power] ?? 'B'}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** Text that may come from a ref or a label: nothing in it is Markdown or a link, and nothing in it ends a table's cell. */
function text(value: string): string {
  return value.replace(/[\\`*_{}[\]<>#|!~&@]|:(?=\/\/)|(?<=\bwww)\./gi, '\\$&').replace(/\s+/g, ' ')
}

/** Inline code holds no back-tick, and in a table a bar has to be escaped even there. */
function code(value: string): string {
  return value === '' ? '' : `\`${value.replaceAll('`', "'").replaceAll('|', '\\|').replace(/\s+/g, ' ')}\``
}

function fence(value: string, language = ''): string {
  const longest = Math.max(2, ...[...value.matchAll(/`+/g)].map(([run]) => run.length))
  const marks = '`'.repeat(longest + 1)
  return `${marks}${language}\n${value}\n${marks}`
}
