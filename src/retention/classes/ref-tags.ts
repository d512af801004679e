import type {PlannedEvent, PlannedName, TagPlanner} from '../../plan/tag-planner.ts'
import {sampleBranches} from './samples.ts'

/** Branch, pull request or Git tag in the full name of a ref; undefined for any other name. */
export type NamedRef =
  | {readonly kind: 'branch'; readonly branch: string}
  | {readonly kind: 'pull'; readonly number: number}
  | {readonly kind: 'tag'; readonly tag: string}

/** Parses `refs/heads/feature/a`, `refs/pull/12/merge` and `refs/tags/v1.2.3`. */
export function parseRef(ref: string): NamedRef | undefined {
  const [, kind, name = ''] = /^refs\/(heads|pull|tags)\/(.+)$/s.exec(ref) ?? []
  if (kind === 'heads') return {kind: 'branch', branch: name}
  if (kind === 'tags') return {kind: 'tag', tag: name}
  const [, number] = /^([1-9]\d{0,14})(?:\/(?:merge|head))?$/.exec(name) ?? []
  return kind === 'pull' && number !== undefined ? {kind: 'pull', number: Number(number)} : undefined
}

/**
 * Tags that the rules give for a ref, and not for another one of its kind. A tag for all refs, such as
 * `sha-860c190`, belongs to none of them.
 */
export function tagsOfRef(ref: NamedRef, commit: string | undefined, planner: TagPlanner): readonly PlannedName[] {
  const sha = commit === undefined ? {} : {sha: commit}
  const other = new Set(planner({...otherRef(ref), ...sha}).map(({tag}) => tag))
  return planner({...ref, ...sha}).filter(({tag}) => !other.has(tag))
}

/** Ref of the same kind that no repository has. */
function otherRef({kind}: NamedRef): PlannedEvent {
  switch (kind) {
    case 'branch':
      return {kind, branch: sampleBranches[0]}
    case 'pull':
      return {kind, number: 918_273_645}
    case 'tag':
      return {kind, tag: 'zq7k-unplanned-tag'}
  }
}
