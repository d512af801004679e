import {isReferrerTag} from '../../oci/referrers-tag.ts'
import {isGone} from '../../retention/deletion-step.ts'
import type {JudgedRepository} from './prune-report.ts'
import {rowClasses, type Fate, type PruneRow} from './prune-rows.ts'

type RowClass = PruneRow['class']

/** Number of rows by their fate, and the bytes that deleted ones free. */
export interface Totals extends Readonly<Record<Fate, number>> {
  readonly bytes: number
}

/** Counts rows by fate. */
export function totalsOf(rows: readonly PruneRow[]): Totals {
  const count = (fate: Fate): number => rows.filter((row) => row.fate === fate).length
  return {
    deleted: count('deleted'),
    kept: count('kept'),
    left: count('left'),
    bytes: rows.reduce((sum, {bytes}) => sum + bytes, 0),
  }
}

/** Totals of each class that has rows, in the order of the report. */
export function totalsByClass(rows: readonly PruneRow[]): ReadonlyMap<RowClass, Totals> {
  const groups = Map.groupBy(rows, (row) => row.class)
  return new Map(
    rowClasses.flatMap((name) => {
      const own = groups.get(name)
      return own === undefined ? [] : [[name, totalsOf(own)]]
    }),
  )
}

/** Names of classes for readers: of one, and of several. */
export const classNames: Readonly<Record<RowClass, {readonly one: string; readonly many: string}>> = {
  release: {one: 'release', many: 'releases'},
  prerelease: {one: 'pre-release', many: 'pre-releases'},
  floating: {one: 'floating tag', many: 'floating tags'},
  commit: {one: 'commit', many: 'commits'},
  pr: {one: 'pull request', many: 'pull requests'},
  branch: {one: 'branch', many: 'branches'},
  cache: {one: 'build cache', many: 'build caches'},
  schedule: {one: 'schedule', many: 'schedules'},
  match: {one: 'tag of a pattern', many: 'tags of patterns'},
  referrer: {one: 'referrer', many: 'referrers'},
  other: {one: 'other tag', many: 'other tags'},
  untagged: {one: 'untagged', many: 'untagged images'},
  orphan: {one: 'orphan', many: 'orphans'},
}

/**
 * Number of deleted manifests without a row: platforms, attestations and signatures that belong to deleted images.
 */
export function deletedParts({decisions, plan, results}: JudgedRepository): number {
  const decided = new Set(decisions.map(({digest}) => digest))
  const steps = results?.flatMap(({step, outcome}) => (isGone(outcome) ? [step] : [])) ?? plan.steps
  return steps.filter(({kind, digest}) => kind === 'image' && !decided.has(digest)).length
}

/**
 * `312 of 480 tags, 2 referrer tags and 14 untagged images`; empty if nothing is deleted. Tags are counted as by
 * `max-deleted`, without those of referrers.
 */
export function countText(rows: readonly PruneRow[]): string {
  const {tags, referrers, untagged} = kindsOf(rows)
  const deletedOf = (some: readonly PruneRow[]): number => totalsOf(some).deleted
  const [ofTags, ofReferrers, ofOthers] = [deletedOf(tags), deletedOf(referrers), deletedOf(untagged)]
  const parts = [
    ...(ofTags > 0 ? [`${grouped(ofTags)} of ${counted(tags.length, 'tag')}`] : []),
    ...(ofReferrers > 0 ? [counted(ofReferrers, 'referrer tag')] : []),
    ...(ofOthers > 0 ? [counted(ofOthers, 'untagged image')] : []),
  ]
  return parts.length < 3 ? parts.join(' and ') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}

/** Tags, tags of referrers such as signatures, and images without a tag. */
export function kindsOf(
  rows: readonly PruneRow[],
): Readonly<Record<'tags' | 'referrers' | 'untagged', readonly PruneRow[]>> {
  const kinds = Object.groupBy(rows, ({tag}) =>
    tag === undefined ? 'untagged' : isReferrerTag(tag) ? 'referrers' : 'tags',
  )
  return {tags: [], referrers: [], untagged: [], ...kinds}
}

/** `1 tag`, `1,240 tags`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`
}

/** Number with separators of thousands: `1,240`. */
function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
