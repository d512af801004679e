import {formatRepository, formatTagRef, type Repository} from '../../oci/reference.ts'
import type {ExecutedStep, StepOutcome} from '../../prune/execution/execution.ts'
import type {FateReason} from '../../reasons/prune/fate-reasons.ts'
import type {RetentionReason} from '../../reasons/retention-reasons.ts'
import type {Root} from '../../retention/reach.ts'
import {isGone} from '../../retention/deletion-step.ts'
import {tagClasses, type RetentionDecision} from '../../retention/tag-decision.ts'
import {isRefused, type JudgedRepository} from './prune-report.ts'

/** Classes in the order of the report. */
export const rowClasses: readonly PruneRow['class'][] = [...tagClasses, 'untagged', 'orphan']

/**
 * Fate of a tag, or of an image without a tag. `deleted`: this run deletes it, or a real run would. `kept`: the policy keeps
 * it. `left`: the policy deletes it, but it stays.
 */
export type Fate = 'deleted' | 'kept' | 'left'

/** Decision with the fate that follows from it. */
export interface PruneRow extends Pick<RetentionDecision, 'tag' | 'digest' | 'class'> {
  readonly repository: Repository
  /** Text of the line of the policy that decided; undefined if none did. */
  readonly rule: string | undefined
  readonly fate: Fate
  readonly reason: RetentionReason | FateReason
  /** Size of the blobs that the deletion frees; 0 for every tag of an image but the first. */
  readonly bytes: number
  /** Identifier of the image in the API of its registry; undefined for a tag that is removed alone. */
  readonly id: string | undefined
}

/** Rows of all repositories. A repository in which the run refuses to delete anything has no deleted rows. */
export function finalRows(judged: readonly JudgedRepository[]): readonly PruneRow[] {
  return judged.flatMap((one) => {
    const rows = rowsOf(one)
    return isRefused(one) ? rows.map(refusedRow) : rows
  })
}

function refusedRow(row: PruneRow): PruneRow {
  return row.fate === 'deleted' ? {...row, fate: 'left', reason: {code: 'refused'}, bytes: 0} : row
}

/** Rows of a repository, by class and name. After a refusal, they say what would be deleted without it. */
export function rowsOf(judged: JudgedRepository): readonly PruneRow[] {
  const {repository, content, decisions, plan, lines} = judged
  const find = resultFinder(judged)
  const sources = {...judged, untried: untriedReason(judged.results)}
  const counted = new Set<string>()
  return decisions.toSorted(byName()).map((decision): PruneRow => {
    const {tag, digest, class: name, line} = decision
    const done = find(decision)
    const {fate, reason} = fateOf(decision, done, sources)
    const isGoneImage = done?.step.kind === 'image' && isGone(done.outcome)
    const frees = fate === 'deleted' && isGoneImage && !counted.has(digest)
    if (frees) counted.add(digest)
    return {
      repository,
      tag,
      digest,
      class: name,
      rule: line === undefined ? undefined : lines?.get(line),
      fate,
      reason,
      bytes: frees ? (plan.freedBytes.get(digest) ?? 0) : 0,
      // A tag that was removed alone does not come back with the image, which stays.
      id: fate === 'deleted' && !isGoneImage ? undefined : content.ids.get(digest),
    }
  })
}

/**
 * Compares by class, in the order of the report, and by tag: `pr-9` is before `pr-12`. Tags of commits do not show their
 * order, so the newest is first.
 */
function byName(): (a: RetentionDecision, b: RetentionDecision) => number {
  const {compare} = new Intl.Collator('en', {numeric: true})
  const order = new Map(rowClasses.map((name, index) => [name, index]))
  const place = ({class: name}: RetentionDecision): number => order.get(name) ?? order.size
  const age = ({class: name, date}: RetentionDecision): number => (name === 'commit' ? -(date ?? Infinity) : 0)
  const byAge = (a: RetentionDecision, b: RetentionDecision): number => (age(a) === age(b) ? 0 : age(a) - age(b))
  return (a, b) =>
    place(a) - place(b) || byAge(a, b) || compare(a.tag ?? '', b.tag ?? '') || compare(a.digest, b.digest)
}

/** `ghcr.io/acme/app:pr-12`, or `ghcr.io/acme/app@sha256:…` for an image without a tag. */
export function formatRowReference({repository, tag, digest}: Pick<PruneRow, 'repository' | 'tag' | 'digest'>): string {
  return tag === undefined ? `${formatRepository(repository)}@${digest}` : formatTagRef({repository, tag})
}

/** Returns a function that finds the step of a decision. In a dry run, all steps would succeed. */
function resultFinder({
  plan,
  results,
}: JudgedRepository): (decision: Pick<RetentionDecision, 'tag' | 'digest'>) => ExecutedStep | undefined {
  const all = results ?? plan.steps.map((step): ExecutedStep => ({step, outcome: {kind: 'deleted'}}))
  const images = new Map(all.map((one) => [one.step.kind === 'image' ? one.step.digest : '', one]))
  const tags = new Map(all.map((one) => [one.step.kind === 'tag' ? one.step.tag : '', one]))
  return ({tag, digest}) => (tag === undefined ? undefined : tags.get(tag)) ?? images.get(digest)
}

interface FateSources extends JudgedRepository {
  /** Reason of the deletions that were not tried, if the next run would not do them either. */
  readonly untried: FateReason | undefined
}

function fateOf(
  decision: RetentionDecision,
  done: ExecutedStep | undefined,
  judged: FateSources,
): Pick<PruneRow, 'fate' | 'reason'> {
  const {verdict, reason} = decision
  if (done !== undefined) {
    const isRemoved = decision.tag !== undefined && done.removedTags?.includes(decision.tag) === true
    if (isRemoved) return {fate: 'deleted', reason}
    const refusal = refusalOf(done.outcome, judged.untried)
    return refusal === undefined ? {fate: 'deleted', reason} : {fate: 'left', reason: refusal}
  }
  return verdict === 'keep' ? {fate: 'kept', reason} : {fate: 'left', reason: reasonToStay(decision, judged)}
}

/** Reason of a deletion that did not happen. */
function refusalOf(outcome: StepOutcome, untried: FateReason | undefined): FateReason | undefined {
  switch (outcome.kind) {
    case 'deleted':
    case 'gone':
      return undefined
    case 'changed':
    case 'spared':
      return {code: outcome.kind}
    case 'remaining':
      return untried ?? {code: 'remaining'}
    case 'kept':
      return {code: `registry-${outcome.reason}`, answer: outcome.answer}
    case 'denied':
    case 'unsupported':
    case 'failed':
      return {code: `registry-${outcome.kind}`, answer: outcome.answer}
  }
}

/** Reason not to try a deletion that the next run would not do either: the registry refused all that were tried. */
function untriedReason(results: readonly ExecutedStep[] = []): FateReason | undefined {
  if (results.some(({outcome, removedTags}) => isGone(outcome) || removedTags !== undefined)) return undefined
  const cause = (['unsupported', 'denied'] as const).find((kind) => results.some(({outcome}) => outcome.kind === kind))
  return cause && {code: 'untried', cause}
}

/** Reason why the plan has no step for something that the policy deletes. */
function reasonToStay({tag, digest}: RetentionDecision, {plan, content, repository}: JudgedRepository): FateReason {
  if (content.manifests.get(digest)?.kind === 'unreadable') return {code: 'cannot-be-read'}
  const root = plan.kept.get(digest)
  if (root === undefined) return {code: 'not-listed'}
  const others = [...content.tags].flatMap(([name, one]) => (one === digest && name !== tag ? [name] : []))
  if (tag !== undefined && root.digest === digest && root.cause.kind === 'tag')
    return {code: 'shares-image', tags: others}
  return rootReason(root, digest, repository)
}

function rootReason({digest: from, cause}: Root, digest: string, repository: Repository): FateReason {
  if (cause.kind === 'tag') return {code: 'needed-by', reference: formatTagRef({repository, tag: cause.tag})}
  if (from !== digest) return {code: 'needed-by', reference: `${formatRepository(repository)}@${from}`}
  switch (cause.kind) {
    case 'locked':
      return {code: 'registry-locked', answer: 'it is locked'}
    case 'contains-itself':
      return {code: 'contains-itself'}
    case 'unreadable':
      return {code: 'cannot-be-read'}
    case 'besides':
    case 'untagged':
    case 'undecided':
      return {code: 'protected'}
  }
}
