import {TagboatError} from '../../errors/error.ts'
import type {Digest} from '../../oci/digest.ts'
import {formatTagRef} from '../../oci/reference.ts'
import {targetOf} from '../target.ts'
import type {PromoteRequest} from '../transaction.ts'
import {decideFloating} from './decide-floating.ts'
import type {ExistingRelease} from './decide-release.ts'
import type {RepositoryState} from './registry-state.ts'
import {tagStateOf, type RunFacts, type TagDecision, type TargetTag} from './tag-decision.ts'

interface JudgedRequest extends Pick<PromoteRequest, 'tags' | 'content' | 'policy'> {
  readonly judged: ReadonlySet<Digest>
  readonly thisRun: RunFacts
  readonly existing: ExistingRelease | undefined
  /** Decisions about the exact tags. */
  readonly decisions: readonly TagDecision[]
  /** Reads the state of all tags, with the list of tags of each repository. */
  readonly read: () => Promise<readonly RepositoryState[]>
}

/**
 * Refuses to move a tag to a build that has not passed the gates of the run: a registry may have another build of the
 * release than the one that they have judged. Nothing is pushed yet.
 * @throws TagboatError `build-not-judged`, with one line of evidence per tag; `tag-stale`
 */
export async function requireJudged(request: JudgedRequest): Promise<void> {
  const {tags, content, policy, judged, existing, decisions} = request
  const builds = new Set([content.digest, ...(existing?.byRepository.values() ?? [])])
  if ([...builds].every((digest) => judged.has(digest))) return
  const states = await request.read()
  const target = (tag: TargetTag): Digest =>
    targetOf(tag, {tags, states, existing, digest: content.digest, ifExists: policy.ifExists})
  const all = [...decisions, ...decideFloating({...request, states, target})]
  const wrong = all.filter(({tag, action}) => {
    const digest = target(tag)
    return action === 'put' && !judged.has(digest) && tagStateOf(states, tag.reference)?.digest !== digest
  })
  if (wrong.length === 0) return
  throw new TagboatError('build-not-judged', {
    evidence: wrong.map(({tag}) => `${formatTagRef(tag.reference)} would point to ${target(tag)}`),
  })
}
