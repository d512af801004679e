import {formatTagRef, writtenRepository, writtenTagRef} from '../oci/reference.ts'
import type {PlannedWork} from '../plan/explain-work.ts'
import type {Plan} from '../plan/plan.ts'
import type {ExplainedRow} from '../promote/explained-rows.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import {tagKind} from '../tags/tag-role.ts'
import {formatNotes} from '../tags/notes.ts'
import type {RuleSource} from '../tags/rules/rule.ts'
import {annotationLines, labelLines} from './lines.ts'
import {isNotCreated} from './report.ts'

/** Lists of the output `plan`, with its other fields. */
interface PlanJson extends Readonly<Record<string, unknown>> {
  readonly tags: readonly object[]
  readonly skippedRules: readonly object[]
  readonly labels: readonly string[]
  readonly annotations: readonly string[]
}

/**
 * The `plan` output: what will be, or was, done and why, for later steps and other programs. With a preview, each tag has
 * the outcome that a real run would have.
 */
export function planJson(
  plan: Plan,
  {preview = [], work}: {readonly preview?: readonly ExplainedRow[] | undefined; readonly work?: PlannedWork} = {},
): PlanJson {
  // A run that publishes nothing has neither tags nor a version.
  const named: Pick<Plan, 'version' | 'versionSource' | 'tags'> =
    plan.skip === undefined ? plan : {version: undefined, versionSource: undefined, tags: []}
  const previewed = new Map(preview.map((row) => [formatTagRef(row.reference), row]))
  return {
    version: named.version ?? null,
    versionSource: named.versionSource ?? null,
    push: plan.push.do,
    code: plan.push.reason.code,
    reason: formatPlanReason(plan.push.reason),
    images: plan.repositories.map(writtenRepository),
    tags: named.tags.map(({reference, role, source, notes}) => ({
      reference: writtenTagRef(reference),
      tag: reference.tag,
      kind: tagKind(role),
      rule: ruleJson(source),
      ...(notes.length === 0 ? {} : {note: formatNotes(notes)}),
      ...outcomeJson(previewed.get(formatTagRef(reference))),
    })),
    skippedRules: plan.skippedRules.map(({source, reason}) => ({
      rule: ruleJson(source),
      code: reason.code,
      reason: formatPlanReason(reason),
    })),
    labels: labelLines(plan),
    annotations: annotationLines(plan),
    ...work,
  }
}

function outcomeJson(row: ExplainedRow | undefined): object {
  if (row === undefined) return {}
  const {outcome, before, code, reason} = row
  return {outcome: isNotCreated(row) ? 'not-created' : outcome, before: before ?? null, code, reason}
}

function ruleJson({origin, line, text}: RuleSource): object {
  return {origin, line, text}
}
