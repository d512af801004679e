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
  referrer: {one: 'for signatures', many: 'for signatures'},
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

/** `312 of 480 tags, 14 untagged images`; empty if there are no rows. */
export function countText(rows: readonly PruneRow[]): string {
  const tags = rows.filter(({tag}) => tag !== undefined)
  const others = rows.filter(({tag}) => tag === undefined)
  const [ofTags, ofOthers] = [totalsOf(tags), totalsOf(others)]
  const parts = [
    ...(ofTags.deleted > 0 ? [`${grouped(ofTags.deleted)} of ${counted(tags.length, 'tag')}`] : []),
    ...(ofOthers.deleted > 0 ? [counted(ofOthers.deleted, 'untagged image')] : []),
  ]
  return parts.join(' and ')
}

/** `1 tag`, `1,240 tags`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`
}

/** Number with separators of thousands: `1,240`. */
function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
