import type {TagRef} from '../../src/oci/reference.ts'
import {parseManifest, images} from '../../src/oci/manifest.ts'
import type {Digest} from '../../src/oci/digest.ts'
import {tagKind} from '../../src/tags/tag-role.ts'
import type {Read, TagName, Write} from './history.ts'
import {short} from './network.ts'
import type {EndedRun, RunResult} from './run.ts'
import {compareVersions, floatingOf} from './subject.ts'
import {paths, type World} from './world.ts'

export const invariants = [
  'exact tags do not change',
  'exact tags are read before each PUT',
  'a run whose exact tag was replaced reports it',
  'exact tags are not lost',
  'version tags point to the highest version',
  'a successful run has read back its tags',
  'branch tags point to the newest commit',
  'an older commit does not replace a newer one',
  'a rollback changes only tags of its run',
  'a run without faults succeeds',
  'images of tags are complete',
] as const
export type Invariant = (typeof invariants)[number]

export interface Violation {
  readonly invariant: Invariant
  readonly text: string
}

/** Results of the checks of a round. */
export class Verdict {
  readonly violations: Violation[] = []
  readonly checks = new Map<Invariant, number>()
  /** Exact tags that were written by another run between the last read of a run and the effect of its PUT. */
  readonly races: {readonly ms: number; readonly isReported: boolean}[] = []

  /** Counts a check. `violation` describes the violation, if there is one. */
  check(invariant: Invariant, violation: string | undefined): void {
    this.checks.set(invariant, (this.checks.get(invariant) ?? 0) + 1)
    if (violation !== undefined) this.violations.push({invariant, text: violation})
  }
}

export function isExact(name: TagName): boolean {
  return /:(?:\d+\.\d+\.\d+|sha-)/.test(name)
}

function nameOf({reference: {repository, tag}}: {readonly reference: TagRef}): TagName {
  return `${repository.path}:${tag}`
}

/** Returns the last read of a tag whose answer a client had received at a time. */
function lastRead({history}: World, client: string, tag: TagName, until: number): Read | undefined {
  return history.reads.findLast(
    (read) => read.client === client && read.tag === tag && read.deliveredAt !== undefined && read.deliveredAt <= until,
  )
}

function isClaimed({outcome}: RunResult['rows'][number]): boolean {
  return outcome === 'new' || outcome === 'moved' || outcome === 'unchanged'
}

function successes(world: World): readonly EndedRun[] {
  return world.endedRuns.filter(({result}) => result !== undefined && result.failure === undefined)
}

/** Invariant: an exact tag never changes, except in a race that no run could see. */
export function checkExact(world: World, verdict: Verdict): void {
  for (const write of world.history.writes) {
    if (isExact(write.tag) && write.to !== undefined) checkExactPut(world, verdict, write)
  }
}

function checkExactPut(world: World, verdict: Verdict, write: Write): void {
  const {client, tag, from, to, sentAt} = write
  const isReplaced = from !== undefined && from !== to
  const replaced = describe(write)
  const read = lastRead(world, client, tag, sentAt)
  const earlier = world.history.writes.findLast(
    (one) => one.client === client && one.tag === tag && one.sentAt < sentAt,
  )
  const lastLook = read !== undefined && read.at > (earlier?.sentAt ?? -1) ? read : undefined
  verdict.check(
    'exact tags are read before each PUT',
    isReplaced && lastLook === undefined ? `${replaced} without another read` : undefined,
  )
  if (lastLook === undefined) return
  verdict.check(
    'exact tags do not change',
    isReplaced && lastLook.seen === from ? `${replaced}, which it had seen` : undefined,
  )
  if (isReplaced) checkReported(world, verdict, {write, read: lastLook, replaced})
}

function describe({client, tag, from, to, at}: Write): string {
  return `at ${at} ms ${client} replaced ${tag}: ${short(from)} by ${short(to)}`
}

/** Invariant: of two runs that wrote the same exact tag, one that could see the write of the other does not succeed. */
function checkReported(
  world: World,
  verdict: Verdict,
  {write, read, replaced}: {readonly write: Write; readonly read: Read; readonly replaced: string},
): void {
  const claims = (digest: Digest | undefined): readonly EndedRun[] =>
    successes(world).filter(({result}) =>
      result?.rows.some((row) => nameOf(row) === write.tag && isClaimed(row) && row.after === digest),
    )
  const replacedRuns = claims(write.from)
  const unaware = replacedRuns.filter(({planned: {client}}) => {
    const last = lastRead(world, client, write.tag, Number.POSITIVE_INFINITY)
    return last !== undefined && last.seen === write.to
  })
  verdict.check(
    'a run whose exact tag was replaced reports it',
    unaware.length > 0
      ? `${replaced}; ${unaware.map(({planned}) => planned.client).join()} saw it and succeeded`
      : undefined,
  )
  const isReported = replacedRuns.length === 0 || claims(write.to).length === 0
  verdict.races.push({ms: write.at - read.at, isReported})
}

/**
 * Invariant: a successful run has read back each reported digest after its last write, and has not read another digest
 * later. Exceptions: a registry may return an earlier digest again, and a floating tag may have moved forward.
 */
export function checkReadBack(world: World, verdict: Verdict): void {
  for (const {planned, result} of successes(world)) {
    for (const row of result?.rows ?? []) {
      if (isClaimed(row)) {
        verdict.check('a successful run has read back its tags', missingReadBack(world, planned.client, row))
      }
    }
  }
}

function missingReadBack(world: World, client: string, row: RunResult['rows'][number]): string | undefined {
  const {history} = world
  const tag = nameOf(row)
  const claim = `${client} reports that ${tag} points to ${short(row.after)}, and`
  const reads = history.reads.filter(
    (read) => read.client === client && read.tag === tag && read.deliveredAt !== undefined,
  )
  const lastWrite = history.writes.findLast((one) => one.client === client && one.tag === tag)
  const proof = reads.findLast(({seen, at}) => seen === row.after && at >= (lastWrite?.at ?? 0))
  if (proof === undefined) return `${claim} did not read that back; it saw ${short(reads.at(-1)?.seen)}`
  const position = (seen: Digest | undefined, until: number): number =>
    history.writes.findLastIndex((one) => one.tag === tag && one.to === seen && one.at <= until)
  const later = reads.find(
    ({seen, at}) =>
      at > proof.at &&
      seen !== row.after &&
      position(seen, at) > position(row.after, proof.at) &&
      (isExact(tag) || !isAtLeast(world, seen, row.after)),
  )
  return later === undefined ? undefined : `${claim} saw ${short(later.seen)} later, at ${later.at} ms`
}

/** Whether the version or commit of an image is equal to or higher than that of another. */
function isAtLeast({endedRuns}: World, digest: Digest | undefined, other: Digest | undefined): boolean {
  const [one, two] = [digest, other].map(
    (wanted) => endedRuns.find(({image}) => image.digest === wanted)?.planned.subject,
  )
  if (one === undefined || two === undefined) return false
  if (one.kind === 'release' && two.kind === 'release') return compareVersions(one.version, two.version) >= 0
  return one.kind === 'commit' && two.kind === 'commit' && one.number >= two.number
}

/** Invariant: an exact tag that a successful run has written exists. */
export function checkNotLost(world: World, verdict: Verdict): void {
  for (const {planned, result} of successes(world)) {
    for (const row of result?.rows ?? []) {
      const tag = nameOf(row)
      if (!isClaimed(row) || !isExact(tag)) continue
      const exists = world.history.current(tag) !== undefined
      verdict.check('exact tags are not lost', exists ? undefined : `${tag} of ${planned.client} does not exist`)
    }
  }
}

/** Invariant: no manifest or blob of a tagged image is missing. */
export function checkComplete(world: World, verdict: Verdict): void {
  for (const path of paths) {
    for (const [tag, digest] of Object.entries(world.registry.tagsOf(path))) {
      const missing = missingParts(world, path, digest).map((part) => `${path}:${tag} lacks ${part}`)
      verdict.check('images of tags are complete', missing[0])
    }
  }
}

function missingParts(world: World, path: string, digest: Digest): readonly string[] {
  const stored = world.registry.manifest(path, digest)
  if (stored === undefined) return [digest]
  const document = parseManifest(stored.bytes)
  if (document === undefined) return [`a manifest in ${digest}`]
  if (document.kind === 'index') return images(document).flatMap((child) => missingParts(world, path, child.digest))
  return [document.config, ...document.layers].flatMap((one) =>
    world.registry.blob(path, one.digest) === undefined ? [one.digest] : [],
  )
}

/**
 * Invariant: these version tags point to the highest exact tag of their version line. With `mayLack`, a tag may be missing,
 * because a run of a lower version leaves it to the run of the highest version.
 */
export function checkVersions(
  world: World,
  verdict: Verdict,
  names: ReadonlySet<string>,
  {mayLack = false}: {readonly mayLack?: boolean} = {},
): void {
  for (const path of paths) {
    const tags = world.registry.tagsOf(path)
    for (const [floating, exact] of highest(Object.keys(tags))) {
      if (!names.has(`${path}:${floating}`) || (mayLack && tags[floating] === undefined)) continue
      const digest = tags[floating]
      const isHighest = digest !== undefined && (digest === tags[exact] || isFormer(world, `${path}:${exact}`, digest))
      const current = Object.keys(tags).find((tag) => isExact(`:${tag}`) && tags[tag] === digest) ?? 'nothing'
      verdict.check(
        'version tags point to the highest version',
        isHighest ? undefined : `${path}:${floating} points to ${current}, not to ${exact}`,
      )
    }
  }
}

/** Whether an exact tag pointed to this digest before it was replaced in a race. */
function isFormer({history}: World, exact: TagName, digest: Digest): boolean {
  return history.writes.some(({tag, from, to}) => tag === exact && from === digest && to !== undefined && to !== from)
}

function highest(tags: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const tag of tags) {
    const [, version = '', suffix = ''] = /^(\d+\.\d+\.\d+)(-alpine)?$/.exec(tag) ?? []
    if (version === '') continue
    for (const floating of floatingOf(version, suffix)) {
      const highestSoFar = found.get(floating)?.replace('-alpine', '')
      if (highestSoFar === undefined || compareVersions(version, highestSoFar) > 0) found.set(floating, tag)
    }
  }
  return found
}

/** Invariant: after a run of the newest commit without faults, the branch tags point to it. */
export function checkNewest(verdict: Verdict, world: World, run: EndedRun): void {
  for (const {reference, role} of run.tags) {
    if (role.kind !== 'newest-commit') continue
    const current = world.registry.tagsOf(reference.repository.path)[reference.tag]
    const isNewest = world.endedRuns.some(
      ({image, planned}) => image.digest === current && planned.subject.revision === run.planned.subject.revision,
    )
    verdict.check(
      'branch tags point to the newest commit',
      isNewest ? undefined : `${nameOf({reference})} points to ${short(current)}`,
    )
  }
}

/** Invariants of every PUT that changes a floating tag. */
export function checkFloating(world: World, verdict: Verdict): void {
  for (const write of world.history.writes) {
    if (!isExact(write.tag) && write.from !== undefined && write.from !== write.to) checkMove(world, verdict, write)
  }
}

function checkMove(world: World, verdict: Verdict, write: Write): void {
  const run = world.endedRuns.find(({planned}) => planned.client === write.client)
  if (run?.planned.subject.kind !== 'commit') return
  const hadSeen = lastRead(world, write.client, write.tag, write.sentAt)?.seen === write.from
  const {number} = run.planned.subject
  if (write.to === run.image.digest) {
    const replaced = numberOf(world, write.from)
    const isOlder = hadSeen && replaced !== undefined && number < replaced
    verdict.check(
      'an older commit does not replace a newer one',
      isOlder ? `${describe(write)}, which is newer and which it had seen` : undefined,
    )
    return
  }
  const isOwn = world.history.writes.some(
    (one) => one.client === write.client && one.to === write.from && one.at <= write.at,
  )
  verdict.check(
    'a rollback changes only tags of its run',
    hadSeen && !isOwn ? `${describe(write)}, which another run had written` : undefined,
  )
}

/** Number of the commit that an image was built from. */
function numberOf({endedRuns}: World, digest: Digest | undefined): number | undefined {
  const subject = endedRuns.find(({image}) => image.digest === digest)?.planned.subject
  return subject?.kind === 'commit' ? subject.number : undefined
}

export function floatingNames(run: EndedRun): ReadonlySet<TagName> {
  return new Set(run.tags.filter(({role}) => tagKind(role) === 'floating').map(nameOf))
}
