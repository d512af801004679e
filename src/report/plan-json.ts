import {writtenRepository, writtenTagRef} from '../oci/reference.ts'
import type {Plan} from '../plan/plan.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import {tagKind} from '../tags/tag-role.ts'
import {formatNotes} from '../tags/notes.ts'
import type {RuleSource} from '../tags/rules/rule.ts'
import {annotationLines, labelLines} from './lines.ts'

/** Lists of the output `plan`, with its other fields. */
interface PlanJson extends Readonly<Record<string, unknown>> {
  readonly tags: readonly object[]
  readonly skippedRules: readonly object[]
  readonly labels: readonly string[]
  readonly annotations: readonly string[]
}

/** The `plan` output: what will be, or was, done and why, for later steps and other programs. */
export function planJson(plan: Plan): PlanJson {
  return {
    version: plan.version ?? null,
    versionSource: plan.versionSource ?? null,
    push: plan.push.do,
    code: plan.push.reason.code,
    reason: formatPlanReason(plan.push.reason),
    images: plan.repositories.map(writtenRepository),
    tags: plan.tags.map(({reference, role, source, notes}) => ({
      reference: writtenTagRef(reference),
      tag: reference.tag,
      kind: tagKind(role),
      rule: ruleJson(source),
      ...(notes.length === 0 ? {} : {note: formatNotes(notes)}),
    })),
    skippedRules: plan.skippedRules.map(({source, reason}) => ({
      rule: ruleJson(source),
      code: reason.code,
      reason: formatPlanReason(reason),
    })),
    labels: labelLines(plan),
    annotations: annotationLines(plan),
  }
}

function ruleJson({origin, line, text}: RuleSource): object {
  return {origin, line, text}
}
