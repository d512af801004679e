import {formatBytes} from '../oci/byte-size.ts'
import {renderError} from '../errors/error.ts'
import {formatRepository, formatTagRef} from '../oci/reference.ts'
import type {Plan, PlannedTag} from '../plan/plan.ts'
import {kindOfLine} from '../tags/tag-role.ts'
import {cacheShare, seconds, sizeChange, slowestSteps, timeCell} from './build-parts.ts'
import {ruleText} from '../tags/rules/rule.ts'
import {offeredPlan, wasPushed, type Report} from './report.ts'
import {timeline} from './timeline.ts'

/** The job summary: GitHub-flavoured Markdown. */
export function summary(report: Report): string {
  return fitting([
    heading(report),
    ...failure(report),
    ...digestLine(report),
    ...loadedLine(report),
    ...references(report),
    ...platforms(report),
    ...pull(report),
    ...found(report),
    ...course(report),
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
  const called = calledHeading(report)
  if (called !== undefined) return called
  const {plan, dryRun, failure: error} = report
  const version = plan.version === undefined ? '' : ` ${code(plan.version)}`
  if (error !== undefined) return wasPushed(report) ? `### Published${version} in part` : `### Not published${version}`
  const done = doneHeading(report, version)
  if (done !== undefined) return done
  if (dryRun) return `### Dry run${version}\n\nNothing was built or changed. ${text(plan.push.reason)}`
  if (plan.skip !== undefined) return `### Nothing to publish\n\n${text(plan.skip)}`
  const verb = report.action === 'promote' ? 'Not promoted' : 'Built'
  return `### ${verb}${version}${verb === 'Built' ? ', not published' : ''}\n\n${text(plan.push.reason)}`
}

/** A call makes no image: it has a result, which may be that the Dockerfile is not as it should be. */
function calledHeading({called, build, dryRun, plan, failure: error}: Report): string | undefined {
  if (called === undefined || dryRun || plan.skip !== undefined) return undefined
  const hasFailed = error !== undefined && error.code !== 'checks-failed'
  if (called !== 'check') return `### ${hasFailed ? 'No result' : 'Result'} of ${code(`call: ${called}`)}`
  if (hasFailed) return '### Not checked'
  const count = build?.record?.warnings.length ?? 0
  return `### Checked: ${count === 0 ? 'no warnings' : count === 1 ? '1 warning' : `${count} warnings`}`
}

function doneHeading(report: Report, version: string): string | undefined {
  const {action, staged, rows, plan} = report
  if (rows?.every(({outcome}) => outcome === 'kept') === true)
    return `### Not published${version}\n\nEvery tag stays at what it holds.`
  if (staged === undefined && !wasPushed(report)) return undefined
  if (action === 'stage')
    return `### Staged${version}\n\nThe image is in the registry under its digest; nothing is tagged.`
  if (isReleaseKept(plan, rows)) return `### Kept${version}\n\nThe release stays at what it holds.`
  const isNew = rows?.some(({outcome}) => outcome === 'new' || outcome === 'moved') ?? true
  const isFound = staged?.existing === true && action === 'publish'
  const built = report.build === undefined ? 'nothing was built' : 'it was built for `outputs` or `cache-to` alone'
  const before = isFound ? `\n\nThe release was there already: ${built}.` : ''
  return `### Published${version}${isNew ? '' : ' before'}${before}`
}

/** The release is another build, or another commit's, than what the other tags got. */
function isReleaseKept({tags}: Plan, rows: Report['rows'] = []): boolean {
  const releases = new Set(
    tags.flatMap(({line, reference}) => (line.kind === 'release' ? formatTagRef(reference) : [])),
  )
  const outcomes = rows.filter(({reference}) => releases.has(formatTagRef(reference))).map(({outcome}) => outcome)
  return outcomes.length > 0 && outcomes.every((outcome) => outcome === 'kept')
}

function failure({failure: error}: Report): readonly string[] {
  return error === undefined ? [] : [fence(renderError(error))]
}

/** One digest for every reference: it is said once. */
function digestLine({staged}: Report): readonly string[] {
  return staged === undefined ? [] : [`Digest ${code(staged.digest)}`]
}

function loadedLine({loaded}: Report): readonly string[] {
  return loaded === undefined ? [] : [text(loaded)]
}

function references({action, plan, called, rows, unread}: Report): readonly string[] {
  const {tags} = offeredPlan(plan)
  if (tags.length === 0 || action === 'stage' || called !== undefined) return []
  if (rows !== undefined) return [outcomes(tags, rows, unread)]
  return [
    table(
      ['reference', 'kind', 'because'],
      tags.map((tag) => [code(formatTagRef(tag.reference)), kindOfLine(tag.line), why(tag)]),
    ),
  ]
}

/** What became of each reference. */
function outcomes(tags: Plan['tags'], rows: NonNullable<Report['rows']>, unread: Report['unread']): string {
  const byName = new Map(rows.map((row) => [formatTagRef(row.reference), row]))
  const unreadReasons = new Map(unread?.map(({reference, reason}) => [reference, reason]))
  const cells = tags.map((tag) => {
    const name = formatTagRef(tag.reference)
    const row = byName.get(name)
    const unreadReason = unreadReasons.get(name)
    const unproven = unreadReason === undefined ? undefined : `could not be read back: ${unreadReason}`
    const reasons = [row?.reason, unproven].filter((one) => one !== undefined)
    return [
      code(name),
      kindOfLine(tag.line),
      row?.outcome ?? '',
      shortDigest(row?.before),
      shortDigest(row?.after),
      [why(tag), ...reasons.map(text)].join('<br>'),
    ]
  })
  return table(['reference', 'kind', 'outcome', 'before', 'after', 'because'], cells)
}

function shortDigest(digest: string | undefined): string {
  return digest === undefined ? '' : code(digest.slice('sha256:'.length, 'sha256:'.length + 12))
}

function why({source, note}: PlannedTag): string {
  return note === undefined ? code(ruleText(source)) : `${code(ruleText(source))}<br>${text(note)}`
}

function platforms({staged, build, former, called}: Report): readonly string[] {
  if (called !== undefined) return []
  const images = staged?.images ?? []
  const changes = images.map((image) => sizeChange(image, former))
  const columns = [
    {head: 'platform', cells: images.map(({platform}) => code(platform))},
    {head: 'compressed size', cells: images.map(({compressedBytes}) => formatBytes(compressedBytes))},
    {head: `against ${code(former?.tag ?? '')} before`, cells: changes.map((change) => change ?? '')},
    {head: 'build time', cells: images.map(({platform}) => timeCell(build?.record, platform))},
    {head: 'digest', cells: images.map(({digest}) => code(digest))},
  ].filter(({cells}) => cells.some((cell) => cell !== ''))
  const rows = images.map((_, index) => columns.map(({cells}) => cells[index] ?? ''))
  const head = columns.map((column) => column.head)
  return [...built(build), ...(rows.length === 0 ? [] : [table(head, rows)])]
}

function built(build: Report['build']): readonly string[] {
  if (build === undefined) return []
  const by = build.builder === undefined ? '' : ` by ${code(build.builder.name)} (driver ${text(build.builder.driver)})`
  const cached = build.record === undefined ? undefined : cacheShare(build.record)
  return [`Built${by} in ${seconds(build.durationMs)}${cached === undefined ? '' : `, ${cached}`}.`]
}

/** What was asked of the build instead of an image. */
function found({build}: Report): readonly string[] {
  const lines = build?.found?.trim() ?? ''
  return lines === '' ? [] : [fence(lines)]
}

function course({build, called}: Report): readonly string[] {
  if (build?.record === undefined || called !== undefined) return []
  const chart = timeline(build.record)
  const slowest = slowestSteps(build.record).map(({name, platform, durationMs}) => [
    code(name.length > maxName ? `${name.slice(0, maxName)}…` : name),
    code(platform ?? ''),
    seconds(durationMs),
  ])
  return [
    ...(chart === undefined ? [] : [fence(chart, 'mermaid')]),
    ...(slowest.length === 0 ? [] : [table(['slowest steps', 'platform', 'time'], slowest)]),
  ]
}

/** A command of a step can be as long as a script. */
const maxName = 120

/** A tag is named only where it holds that digest. */
function pull({action, plan, staged, rows, failure: error}: Report): readonly string[] {
  const [first] = plan.tags
  if (first === undefined || staged === undefined || error !== undefined) return []
  const holders = new Set(
    rows?.flatMap(({reference, after}) => (after === staged.digest ? formatTagRef(reference) : [])),
  )
  const names = plan.tags.map(({reference}) => formatTagRef(reference))
  const tagged = action === 'stage' ? undefined : rows === undefined ? names[0] : names.find((one) => holders.has(one))
  const name = tagged ?? formatRepository(first.reference.repository)
  return [fence(`docker pull ${name}@${staged.digest}`, 'sh')]
}

function skipped({plan, called}: Report): readonly string[] {
  if (plan.skip !== undefined || called !== undefined) return []
  const rows = plan.skippedRules.map(({source, reason}) => [code(ruleText(source)), text(reason)])
  if (rows.length === 0) return []
  return [`<details><summary>Rules that gave no tag</summary>\n\n${table(['rule', 'reason'], rows)}\n\n</details>`]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/**
 * Text that may come from a ref or a label: nothing in it is Markdown or a link, and nothing in it ends a table's cell. Words that
 * GitHub makes a link or a mention of are code: a backslash does not stop that (https://github.github.com/gfm/#autolinks-extension-).
 */
function text(value: string): string {
  const words = value.replace(/\s+/g, ' ').split(' ')
  return words.map((word) => (linked.test(word) ? code(word) : plain(word))).join(' ')
}

const linked = /@|www\.|:\/\//i

function plain(word: string): string {
  return word.replace(/[\\`*_{}[\]<>#|!~&]/g, '\\$&')
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
