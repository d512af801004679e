import type {Digest} from '../src/oci/digest.ts'
import {noFacts} from '../src/oci/image-facts.ts'
import {parseRepository, type Repository} from '../src/oci/reference.ts'
import type {TagState, RepositoryState} from '../src/promote/decide/registry-state.ts'
import type {RunFacts} from '../src/promote/decide/tag-decision.ts'

/** Digest of a repeated digit, which is easy to distinguish. */
export function digest(letter: string): Digest {
  return `sha256:${letter.repeat(64)}`
}

export function repository(name: string): Repository {
  const parsed = parseRepository(name)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.value
}

export const runRevision = '860c1904a1ce19322e91ac35af1ab07466440c37'

export const runFacts: RunFacts = {
  revision: runRevision,
  commitDate: '2026-01-02T00:00:00Z',
  runId: '1000',
  digest: undefined,
  tags: undefined,
  build: undefined,
}

/** Digests and facts by tag. Default: the facts are unknown. */
export type TagStates = Readonly<Record<string, Partial<Omit<TagState, 'reference'>> & {readonly digest: Digest}>>

export function state(
  name: string,
  tagStates: TagStates,
  listed: {readonly tags?: readonly string[] | undefined; readonly unlistedReason?: string} = {},
): RepositoryState {
  const target = repository(name)
  const entries = Object.entries(tagStates).map(([tag, facts]): [string, TagState] => [
    tag,
    {
      reference: {repository: target, tag},
      ...noFacts,
      relation: 'unknown',
      ...facts,
    },
  ])
  const tags = 'tags' in listed ? listed.tags : Object.keys(tagStates)
  return {repository: target, tags, unlistedReason: listed.unlistedReason, tagStates: new Map(entries)}
}
