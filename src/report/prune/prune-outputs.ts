import {formatRepository, formatTagRef} from '../../oci/reference.ts'
import {limitLists} from './limit-lists.ts'
import type {PruneOutputName} from './prune-output-spec.ts'
import type {JudgedRepository, PruneReport} from './prune-report.ts'
import {formatRowReference, type Fate, type PruneRow} from './prune-rows.ts'
import {remainingCount, rowReason} from './prune-sentence.ts'
import {totalsOf} from './totals.ts'

/** Maximum number of entries of a list. GitHub limits the outputs of a job to 1 MB: an entry has some 300 bytes. */
const maxEntries = 1_000

/** Values of the outputs of the prune action. */
export function pruneOutputs(
  report: PruneReport,
  rows: readonly PruneRow[],
): Readonly<Record<PruneOutputName, string>> {
  const {deleted, kept, left, bytes} = totalsOf(rows)
  const list = (fates: readonly Fate[]): string =>
    JSON.stringify(
      rows
        .filter(({fate}) => fates.includes(fate))
        .slice(0, maxEntries)
        .map(entryOf),
    )
  return {
    skipped: String(report.skip !== undefined),
    deleted: list(['deleted']),
    kept: list(['kept', 'left']),
    'deleted-count': String(deleted),
    'kept-count': String(kept + left),
    bytes: String(bytes),
    remaining: String(remainingCount(rows)),
    broken: JSON.stringify(report.judged.flatMap(brokenOf).slice(0, maxEntries)),
    'lifecycle-policy': report.lifecyclePolicy ?? '',
    plan: planOutput(report),
  }
}

function entryOf(row: PruneRow): object {
  const {digest, id, reason} = row
  const {code} = reason
  return {
    reference: formatRowReference(row),
    digest,
    class: row.class,
    code,
    reason: rowReason(row),
    ...(id !== undefined && {id}),
  }
}

function brokenOf({repository, plan}: JudgedRepository): readonly object[] {
  return plan.broken.map(({digest, tags, missing}) => ({
    reference:
      tags[0] === undefined ? `${formatRepository(repository)}@${digest}` : formatTagRef({repository, tag: tags[0]}),
    digest,
    missing: missing.map(({digest: part, platform}) => ({digest: part, ...(platform !== undefined && {platform})})),
  }))
}

/** Decisions and deletions of each repository, in the format of docs/prune-plan.schema.json. */
function planOutput({dryRun, judged}: PruneReport): string {
  const repositories = judged.map(({repository, content, decisions, plan}) => ({
    repository: formatRepository(repository),
    tags: content.tags.size,
    bytes: plan.bytes,
    decisions: decisions.map(({tag, digest, class: name, verdict, reason, line}) => ({
      ...(tag !== undefined && {tag}),
      digest,
      class: name,
      verdict,
      code: reason.code,
      ...(line !== undefined && {line}),
    })),
    deletions: plan.steps,
  }))
  return limitLists({dryRun, repositories})
}
