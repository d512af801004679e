import type {Digest} from '../../oci/digest.ts'
import {formatRepository, formatTagRef, type Repository} from '../../oci/reference.ts'
import type {PlannedTag} from '../../plan/plan.ts'
import type {PromoteOutcome} from '../../promote/journal.ts'
import {formatPlanReason} from '../../reasons/plan-reasons.ts'
import {formatNotes} from '../../tags/notes.ts'
import {tagKind} from '../../tags/tag-role.ts'
import {ruleText} from '../../tags/rules/rule.ts'
import {registryName} from './facts-line.ts'
import {sharedPath, taggedRepositories} from '../image-name.ts'
import {code, details, prose, table} from './markdown.ts'
import type {ExplainedRow} from '../../promote/explained-rows.ts'
import {isNotCreated, planForLaterSteps, type Report} from '../report.ts'

/** Longer tables are folded. */
const maxOpenRows = 25

/** Table of the tags: a row for each tag, and a column for each repository with the outcome there. */
export function tagTable(report: Report, words: TagWords = outcomeWords): readonly string[] {
  const {action, plan, called, rows} = report
  if (action === 'stage' || called !== undefined) return []
  const {tags} = planForLaterSteps(plan)
  if (tags.length === 0) return []
  if (rows === undefined)
    return [...imageLine(plan), ...(report.dryRun ? folded(tags.length, plannedTable(report)) : [])]
  const repositories = taggedRepositories(plan)
  const byReference = new Map(rows.map((row) => [formatTagRef(row.reference), row]))
  const unread = new Set(report.unread?.map(({reference}) => reference))
  const names = [...new Set(tags.map(({reference}) => reference.tag))]
  const cells = names.map((tag) => [
    code(tag),
    ...repositories.map((repository) => {
      const reference = formatTagRef({repository, tag})
      const row = byReference.get(reference)
      return row === undefined ? '' : `${outcome(row, report, words)}${unread.has(reference) ? ', not read back' : ''}`
    }),
  ])
  return folded(names.length, table(['Tag', ...columns(repositories)], cells))
}

/** Line with the names of several repositories, of which the heading has only the path that they share. */
function imageLine(plan: Report['plan']): readonly string[] {
  const names = taggedRepositories(plan).map((repository) => code(formatRepository(repository)))
  return names.length < 2 ? [] : [`Images ${names.join(', ')}`]
}

function folded(count: number, markdown: string): readonly string[] {
  return [count > maxOpenRows ? details(`${count} tags`, markdown) : markdown]
}

/** Heads of the columns. The heading of the summary names the path that all repositories share. */
function columns(repositories: readonly Repository[]): readonly string[] {
  if (repositories.length === 1) return ['Outcome']
  return repositories.map(sharedPath(repositories) === undefined ? (one) => code(formatRepository(one)) : registryName)
}

/** Words for a tag. `at` shows an image. */
export type TagWords = (row: ExplainedRow, at: (digest: Digest) => string) => string

/** `🟢 moved from 1.2.3`, `🟡 kept at 2.0.0`. */
function outcome(row: ExplainedRow, {versions}: Report, words: TagWords): string {
  const at = (digest: Digest): string =>
    code(versions?.get(digest)?.split(',')[0] ?? digest.slice('sha256:'.length, 19))
  return `${icons[row.outcome]} ${words(row, at)}`.replaceAll(' ', '\u00a0')
}

const outcomeWords: TagWords = (row, at) => {
  const {outcome: result, before, after} = row
  if (isNotCreated(row)) return 'not created'
  if (result === 'moved' && before !== undefined) return `moved from ${at(before)}`
  if (result === 'kept' && after !== undefined) return `kept at ${at(after)}`
  if (result === 'restored') return after === undefined ? 'removed again' : `back at ${at(after)}`
  return result
}

const icons: Readonly<Record<PromoteOutcome, string>> = {
  new: '🟢',
  moved: '🟢',
  unchanged: '⚪',
  kept: '🟡',
  failed: '🔴',
  restored: '🟠',
}

/** Folded tables: rule and reason of each tag, and the rules that gave no tag. */
export function ruleTables(report: Report): readonly string[] {
  const {plan, called, rows, dryRun} = report
  if (plan.skip !== undefined || called !== undefined) return []
  const {tags} = planForLaterSteps(plan)
  const planned = tags.length === 0 || (dryRun && rows === undefined) ? undefined : plannedTable(report)
  const skipped = plan.skippedRules.map(({source, reason}) => [code(ruleText(source)), prose(formatPlanReason(reason))])
  return [
    ...(planned === undefined ? [] : [details(rows === undefined ? 'Tags and rules' : 'Rules and reasons', planned)]),
    ...(skipped.length === 0 ? [] : [details('Rules without a tag', table(['Rule', 'Reason'], skipped))]),
  ]
}

/** Kind, rule and reason of each tag. A reference that not all repositories have is shown whole. */
function plannedTable({plan, rows}: Report): string {
  const {tags} = planForLaterSteps(plan)
  const repositories = taggedRepositories(plan)
  const byReference = new Map(rows?.map((row) => [formatTagRef(row.reference), row]))
  const groups = [...Map.groupBy(tags, ({reference}) => reference.tag)].flatMap(([tag, group]) =>
    group.length === repositories.length
      ? [{name: tag, group}]
      : group.map((one) => ({name: formatTagRef(one.reference), group: [one]})),
  )
  const cells = groups.map(({name, group}) => {
    const found = group.flatMap(({reference}) => byReference.get(formatTagRef(reference)) ?? [])
    return [code(name), ...group.slice(0, 1).flatMap((tag) => [tagKind(tag.role), rule(tag)]), reasons(found)]
  })
  const head = ['Tag', 'Kind', 'Rule', 'Reason']
  return rows === undefined
    ? table(
        head.slice(0, -1),
        cells.map((row) => row.slice(0, -1)),
      )
    : table(head, cells)
}

/** Reason of a tag; one per repository if they differ. */
function reasons(rows: readonly ExplainedRow[]): string {
  const distinct = Map.groupBy(rows, ({reason}) => reason)
  const lines = [...distinct].map(([reason, group]) => {
    const hosts = group.map(({reference}) => registryName(reference.repository))
    return prose(distinct.size === 1 ? reason : `${hosts.join(', ')}: ${reason}`)
  })
  return lines.join('<br>')
}

function rule({source, notes}: PlannedTag): string {
  const note = formatNotes(notes)
  return note === undefined ? code(ruleText(source)) : `${code(ruleText(source))}<br>${prose(note)}`
}
