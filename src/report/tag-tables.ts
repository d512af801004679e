import {formatRepository, formatTagRef} from '../oci/reference.ts'
import type {PlannedTag} from '../plan/plan.ts'
import type {PromoteOutcome, PromoteRow} from '../promote/journal.ts'
import {formatReason} from '../reasons/reason.ts'
import {formatNotes} from '../tags/notes.ts'
import {kindOfLine} from '../tags/tag-role.ts'
import {ruleText} from '../tags/rules/rule.ts'
import {code, details, table, text} from './markdown.ts'
import {offeredPlan, type Report} from './report.ts'

/** For each repository its name and a table of its tags: what happened to each, or, without a push, the rule that gave it. */
export function tagTables({action, plan, called, rows, unread}: Report): readonly string[] {
  const {tags} = offeredPlan(plan)
  if (action === 'stage' || called !== undefined) return []
  const byRepository = Map.groupBy(tags, ({reference}) => formatRepository(reference.repository))
  return [...byRepository].map(([name, planned]) => {
    const lines = rows === undefined ? plannedTable(planned) : outcomeTable(planned, rows, unread)
    return `${code(name)}\n\n${lines}`
  })
}

function plannedTable(tags: readonly PlannedTag[]): string {
  return table(
    ['Tag', 'Kind', 'Rule'],
    tags.map((tag) => [code(tag.reference.tag), kindOfLine(tag.line), rule(tag)]),
  )
}

function outcomeTable(tags: readonly PlannedTag[], rows: readonly PromoteRow[], unread: Report['unread']): string {
  const byName = new Map(rows.map((row) => [formatTagRef(row.reference), row]))
  const unreadReasons = new Map(unread?.map(({reference, reason}) => [reference, reason]))
  const cells = tags.map(({reference, line}) => {
    const name = formatTagRef(reference)
    const row = byName.get(name)
    const unreadReason = unreadReasons.get(name)
    const unverified = unreadReason === undefined ? undefined : `could not be read back: ${unreadReason}`
    const reasons = [row?.reason, unverified].filter((reason) => reason !== undefined)
    const outcome = row === undefined ? '' : `${icons[row.outcome]} ${row.outcome}`
    return [code(reference.tag), kindOfLine(line), outcome, reasons.map(text).join('<br>')]
  })
  return table(['Tag', 'Kind', 'Outcome', 'Reason'], cells)
}

const icons: Readonly<Record<PromoteOutcome, string>> = {
  new: '🟢',
  moved: '🟢',
  unchanged: '⚪',
  kept: '🟡',
  failed: '🔴',
  restored: '🟠',
}

/** The rule behind each tag, where the tables above show outcomes instead, and each rule that gave no tag. */
export function ruleTables({action, plan, called, rows}: Report): readonly string[] {
  if (plan.skip !== undefined || called !== undefined) return []
  const {tags} = offeredPlan(plan)
  const byTag = new Map(tags.map((tag) => [tag.reference.tag, [code(tag.reference.tag), rule(tag)]]))
  const isShown = rows === undefined && action !== 'stage'
  const skipped = plan.skippedRules.map(({source, reason}) => [code(ruleText(source)), text(formatReason(reason))])
  return [
    ...(isShown || byTag.size === 0 ? [] : [details('Tag rules', table(['Tag', 'Rule'], [...byTag.values()]))]),
    ...(skipped.length === 0 ? [] : [details('Rules without a tag', table(['Rule', 'Reason'], skipped))]),
  ]
}

function rule({source, notes}: PlannedTag): string {
  const note = formatNotes(notes)
  return note === undefined ? code(ruleText(source)) : `${code(ruleText(source))}<br>${text(note)}`
}
