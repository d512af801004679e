import {formatRepository, formatTagRef} from '../oci/reference.ts'
import type {PlannedTag} from '../plan/plan.ts'
import type {PromoteOutcome} from '../promote/journal.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import {formatNotes} from '../tags/notes.ts'
import {tagKind} from '../tags/tag-role.ts'
import {ruleText} from '../tags/rules/rule.ts'
import {code, details, table, text} from './markdown.ts'
import type {ExplainedRow} from '../promote/explained-rows.ts'
import {isNotCreated, planForLaterSteps, type Report} from './report.ts'

/** Name and tags of each repository: the outcome of each tag or, in a run without a push, its rule. */
export function tagTables({action, plan, called, rows, unread}: Report): readonly string[] {
  const {tags} = planForLaterSteps(plan)
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
    tags.map((tag) => [code(tag.reference.tag), tagKind(tag.role), rule(tag)]),
  )
}

function outcomeTable(tags: readonly PlannedTag[], rows: readonly ExplainedRow[], unread: Report['unread']): string {
  const byName = new Map(rows.map((row) => [formatTagRef(row.reference), row]))
  const unreadReasons = new Map(unread?.map(({reference, reason}) => [reference, reason]))
  const cells = tags.map(({reference}) => {
    const name = formatTagRef(reference)
    const row = byName.get(name)
    const unreadReason = unreadReasons.get(name)
    const unverified = unreadReason === undefined ? undefined : `could not be read back: ${unreadReason}`
    const why = row === undefined || !isNotCreated(row) ? row?.reason : `not created: ${row.reason}`
    const reasons = [why, unverified].filter((reason) => reason !== undefined)
    const outcome = row === undefined ? '' : `${icons[row.outcome]}\u00a0${row.outcome}`
    return [code(reference.tag), outcome, digests(row), reasons.map(text).join('<br>')]
  })
  return table(['Tag', 'Outcome', 'Digest', 'Reason'], cells)
}

/** Short digest that the tag points to, after the one that it pointed to before: `276cbfbe23d7 → 9762024a9d21`. */
function digests(row: ExplainedRow | undefined): string {
  const [before, after] = [row?.before, row?.after].map((digest) =>
    digest?.slice('sha256:'.length, 'sha256:'.length + 12),
  )
  const shown = before === after ? [after] : [before, after]
  return shown
    .map((digest) => code(digest ?? ''))
    .filter((digest) => digest !== '')
    .join('\u00a0→\u00a0')
}

const icons: Readonly<Record<PromoteOutcome, string>> = {
  new: '🟢',
  moved: '🟢',
  unchanged: '⚪',
  kept: '🟡',
  failed: '🔴',
  restored: '🟠',
}

/** Kind and rule of each tag, if the tables above show outcomes instead, and the rules that gave no tag. */
export function ruleTables({action, plan, called, rows}: Report): readonly string[] {
  if (plan.skip !== undefined || called !== undefined) return []
  const {tags} = planForLaterSteps(plan)
  const planned = [...new Map(tags.map((tag) => [tag.reference.tag, tag])).values()]
  const isShown = rows === undefined && action !== 'stage'
  const skipped = plan.skippedRules.map(({source, reason}) => [code(ruleText(source)), text(formatPlanReason(reason))])
  return [
    ...(isShown || planned.length === 0 ? [] : [details('Tag rules', plannedTable(planned))]),
    ...(skipped.length === 0 ? [] : [details('Rules without a tag', table(['Rule', 'Reason'], skipped))]),
  ]
}

function rule({source, notes}: PlannedTag): string {
  const note = formatNotes(notes)
  return note === undefined ? code(ruleText(source)) : `${code(ruleText(source))}<br>${text(note)}`
}
