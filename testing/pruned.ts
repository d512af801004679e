import type {DeletionPlan} from '../src/retention/plan-deletion.ts'
import {planDeletion} from '../src/retention/plan-deletion.ts'
import type {RetentionDecision} from '../src/retention/tag-decision.ts'
import type {JudgedRepository, PruneReport} from '../src/report/prune/prune-report.ts'
import {decide, testContent, type TestRepository} from './retention.ts'

/** Judged repository of a test, with the names of tags and manifests to delete. */
export function judgedOf(
  repository: TestRepository,
  deletes: readonly string[],
  changes: Partial<JudgedRepository> = {},
): JudgedRepository {
  const content = changes.content ?? testContent(repository)
  const decisions: readonly RetentionDecision[] = changes.decisions ?? decide(content, deletes)
  const plan: DeletionPlan = planDeletion({content, decisions, keptBesides: new Set()})
  return {repository: content.repository, isBestEffort: false, content, decisions, plan, ...changes}
}

/** Report of a test. Default: a dry run that took a second. */
export function pruneReport(judged: readonly JudgedRepository[], changes: Partial<PruneReport> = {}): PruneReport {
  return {dryRun: true, judged, unjudged: [], durationMs: 1_000, ...changes}
}
