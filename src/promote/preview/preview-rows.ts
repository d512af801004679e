import {toTagboatError, type TagboatError} from '../../errors/error.ts'
import type {TagPolicy} from '../../inputs/inputs.ts'
import type {Digest} from '../../oci/digest.ts'
import {formatRepository, formatTagRef} from '../../oci/reference.ts'
import type {PlannedTag} from '../../plan/plan.ts'
import type {RegistryClients} from '../../registry/repository-client.ts'
import {decideFloating} from '../decide/decide-floating.ts'
import {decideRelease, type ExistingRelease} from '../decide/decide-release.ts'
import type {RepositoryState} from '../decide/registry-state.ts'
import {refusalError} from '../decide/taken-tags.ts'
import type {RunFacts, TagDecision} from '../decide/tag-decision.ts'
import type {PromoteRow, RowReason} from '../journal.ts'
import {includesTag, readRelease} from '../listed-release.ts'
import {targetOf} from '../target.ts'

/** Tags of a run, and the state of the registries. */
interface PreviewQuestion {
  readonly tags: readonly PlannedTag[]
  readonly states: readonly RepositoryState[]
  readonly thisRun: RunFacts
  readonly policy: TagPolicy
  /** Clients that read the release of a higher version. */
  readonly clients: Pick<RegistryClients, 'repository'>
  /** Checks whether the registries accept what was decided. @throws TagboatError if not. */
  readonly check?: (decided: DecidedTags) => void
}

/** Decisions on the tags of a run. */
interface DecidedTags {
  readonly decisions: readonly TagDecision[]
  /** Digest that a tag would point to; undefined before a build. */
  readonly target: (tag: TagDecision['tag']) => Digest | undefined
  /** Whether a real run would build. */
  readonly builds: boolean
}

/** Rows of a run that has not happened. */
interface PreviewedTags {
  readonly rows: readonly PromoteRow[]
  /** Error of a real run; undefined if it would publish. */
  readonly failure: TagboatError | undefined
  /** Release that a real run would use again. */
  readonly existing?: ExistingRelease | undefined
}

/** Decides about each tag as a real run would, and describes the outcome that the tag would have. */
export async function previewRows(question: PreviewQuestion): Promise<PreviewedTags> {
  const {tags, states, thisRun, policy, check} = question
  const request = {tags, states, thisRun, policy}
  const {decisions, existing, refusal} = decideRelease(request)
  if (refusal !== undefined) {
    const refused = refusal.tags.map(({tag}) => formatTagRef(tag.reference))
    return refusedBy(refusalError(refusal, thisRun), {tags, states, isRefused: (name) => refused.includes(name)})
  }
  const target = (tag: TagDecision['tag']): Digest | undefined =>
    thisRun.digest === undefined
      ? existing?.digest
      : targetOf(tag, {tags, states, existing, digest: thisRun.digest, ifExists: policy.ifExists})
  try {
    const floating = decideFloating({...request, existing, target})
    const all = [...decisions, ...floating]
    check?.({decisions: all, target, builds: existing === undefined && thisRun.digest === undefined})
    return {
      rows: await Promise.all(all.map(async (one) => rowOf(one, target(one.tag), question))),
      failure: undefined,
      existing,
    }
  } catch (error) {
    const failure = toTagboatError(error)
    const isNamed = (name: string): boolean => failure.evidence.some((line) => line.startsWith(`${name}: `))
    // The refusal of a push is about all tags, and names none.
    const namesTags = tags.some(({reference}) => isNamed(formatTagRef(reference)))
    const isRefused = (name: string): boolean => !namesTags || isNamed(name)
    return refusedBy(failure, {tags, states, isRefused})
  }
}

async function rowOf(
  decision: TagDecision,
  target: Digest | undefined,
  {clients}: PreviewQuestion,
): Promise<PromoteRow> {
  const {tag, before, action, reason, level} = decision
  const {reference} = tag
  if (action === 'put') {
    const outcome = before === undefined ? 'new' : before === target ? 'unchanged' : 'moved'
    return {reference, before, after: target, outcome, reason, level}
  }
  const highest = await movedToHighest(decision, clients)
  if (highest !== undefined) return highest
  const isUnchanged = before !== undefined && (before === target || reason.code === 'up-to-date')
  return {reference, before, after: before, outcome: isUnchanged ? 'unchanged' : 'kept', reason, level}
}

/** Row of a tag that a real run would move to a higher version than its own; undefined for any other. */
async function movedToHighest(
  {tag, before, higher, level}: TagDecision,
  clients: PreviewQuestion['clients'],
): Promise<PromoteRow | undefined> {
  if (higher === undefined) return undefined
  const {reference} = tag
  const release = await readRelease(clients.repository(reference.repository), higher)
  if (release === undefined || release.digest === before || !includesTag(release, higher.tag, tag)) return undefined
  const repository = formatRepository(reference.repository)
  const reason = {code: 'moved-to-highest', version: higher.version, repository} as const
  return {reference, before, after: release.digest, outcome: 'moved', reason, level}
}

interface Refused extends Pick<PreviewQuestion, 'tags' | 'states'> {
  /** Reports whether the run is refused because of this tag. */
  readonly isRefused: (name: string) => boolean
}

/** Rows of tags that stay, because a real run would be refused. */
export function refusedBy(failure: TagboatError, {tags, states, isRefused}: Refused): PreviewedTags {
  const rows = tags.map(({reference}): PromoteRow => {
    const name = formatRepository(reference.repository)
    const state = states.find((one) => formatRepository(one.repository) === name)
    const before = state?.tagStates.get(reference.tag)?.digest
    const isCause = isRefused(formatTagRef(reference))
    const reason: RowReason = isCause ? {code: 'image-failed', message: failure.message} : {code: 'others-failed'}
    return {reference, before, after: before, outcome: isCause ? 'failed' : 'kept', reason, level: 'info'}
  })
  return {rows, failure}
}
