import type {Digest} from '../src/oci/digest.ts'
import {noFacts} from '../src/oci/image-facts.ts'
import {parseRepository, type Repository} from '../src/oci/reference.ts'
import type {TagState, RepositoryState} from '../src/promote/decide/registry-state.ts'
import type {RunFacts} from '../src/promote/decide/tag-decision.ts'

/** A digest that a reader can tell from others. */
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

/** What tags hold; the other facts are unknown unless given. */
export type TagStates = Readonly<Record<string, Partial<Omit<TagState, 'reference'>> & {readonly digest: Digest}>>

export function state(
  name: string,
  held: TagStates,
  listed: {readonly tags?: readonly string[] | undefined; readonly unlistedReason?: string} = {},
): RepositoryState {
  const there = repository(name)
  const tagStates = Object.entries(held).map(([tag, facts]): [string, TagState] => [
    tag,
    {
      reference: {repository: there, tag},
      ...noFacts,
      relation: 'unknown',
      ...facts,
    },
  ])
  const tags = 'tags' in listed ? listed.tags : Object.keys(held)
  return {repository: there, tags, unlistedReason: listed.unlistedReason, tagStates: new Map(tagStates)}
}
