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
  'exact tags stay',
  'exact tags are looked at before each PUT',
  'a replaced run notices',
  'exact tags are not lost',
  'version tags end highest',
  'success is read back',
  'branch tags end newest',
  'an older commit gives way',
  'taking back touches own work only',
  'a clean run is green',
  'tags are whole',
] as const
export type Invariant = (typeof invariants)[number]

export interface Violation {
  readonly invariant: Invariant
  readonly text: string
}

/** What was checked in a round, and what could be measured beside it. */
export class Verdict {
  readonly violations: Violation[] = []
  readonly checks = new Map<Invariant, number>()
  /** Exact tags that were replaced between the last look of a run and the effect of its PUT. */
  readonly windows: {readonly ms: number; readonly isNoticed: boolean}[] = []

  /** `wrong` says what is not as it has to be. */
  check(invariant: Invariant, wrong: string | undefined): void {
    this.checks.set(invariant, (this.checks.get(invariant) ?? 0) + 1)
    if (wrong !== undefined) this.violations.push({invariant, text: wrong})
  }
}

export function isExact(name: TagName): boolean {
  return /:(?:\d+\.\d+\.\d+|sha-)/.test(name)
}

function nameOf({reference: {repository, tag}}: {readonly reference: TagRef}): TagName {
  return `${repository.path}:${tag}`
}

/** The last answer about a tag that a run had when it sent something. */
function lastRead({history}: World, client: string, tag: TagName, until: number): Read | undefined {
  return history.reads.findLast(
    (read) => read.client === client && read.tag === tag && read.deliveredAt !== undefined && read.deliveredAt <= until,
  )
}

function isClaimed({outcome}: RunResult['rows'][number]): boolean {
  return outcome === 'new' || outcome === 'moved' || outcome === 'unchanged'
}

function successes(world: World): readonly EndedRun[] {
  return world.ended.filter(({result}) => result !== undefined && result.failure === undefined)
}

/** Invariant: an exact tag never changes content, but for what no run could see. */
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
  const looked = read !== undefined && read.at > (earlier?.sentAt ?? -1) ? read : undefined
  verdict.check(
    'exact tags are looked at before each PUT',
    isReplaced && looked === undefined ? `${replaced} without another look` : undefined,
  )
  if (looked === undefined) return
  verdict.check('exact tags stay', isReplaced && looked.seen === from ? `${replaced}, which it had seen` : undefined)
  if (isReplaced) checkNoticed(world, verdict, {write, read: looked, replaced})
}

function describe({client, tag, from, to, at}: Write): string {
  return `at ${at} ms ${client} replaced ${tag}: ${short(from)} by ${short(to)}`
}

/** Two runs that both published an exact tag do not both say so, where one of them could see the other's. */
function checkNoticed(
  world: World,
  verdict: Verdict,
  {write, read, replaced}: {readonly write: Write; readonly read: Read; readonly replaced: string},
): void {
  const claims = (digest: Digest | undefined): readonly EndedRun[] =>
    successes(world).filter(({result}) =>
      result?.rows.some((row) => nameOf(row) === write.tag && isClaimed(row) && row.after === digest),
    )
  const losers = claims(write.from)
  const unaware = losers.filter(({planned: {client}}) => {
    const last = lastRead(world, client, write.tag, Number.POSITIVE_INFINITY)
    return last !== undefined && last.seen === write.to
  })
  verdict.check(
    'a replaced run notices',
    unaware.length > 0
      ? `${replaced}; ${unaware.map(({planned}) => planned.client).join()} saw it and claims success`
      : undefined,
  )
  verdict.windows.push({ms: write.at - read.at, isNoticed: losers.length === 0 || claims(write.to).length === 0})
}

/**
 * Invariant: a run that ended with success has read back what it says after its last write, and did not see later that it
 * was replaced. A registry may show again what was there before, and a floating tag may have moved on.
 */
export function checkReadBack(world: World, verdict: Verdict): void {
  for (const {planned, result} of successes(world)) {
    for (const row of result?.rows ?? []) {
      if (isClaimed(row)) verdict.check('success is read back', unproven(world, planned.client, row))
    }
  }
}

function unproven(world: World, client: string, row: RunResult['rows'][number]): string | undefined {
  const {history} = world
  const tag = nameOf(row)
  const says = `${client} says that ${tag} holds ${short(row.after)}, and`
  const reads = history.reads.filter(
    (read) => read.client === client && read.tag === tag && read.deliveredAt !== undefined,
  )
  const written = history.writes.findLast((one) => one.client === client && one.tag === tag)
  const proof = reads.findLast(({seen, at}) => seen === row.after && at >= (written?.at ?? 0))
  if (proof === undefined) return `${says} did not read that back; it saw ${short(reads.at(-1)?.seen)}`
  const place = (seen: Digest | undefined, until: number): number =>
    history.writes.findLastIndex((one) => one.tag === tag && one.to === seen && one.at <= until)
  const later = reads.find(
    ({seen, at}) =>
      at > proof.at &&
      seen !== row.after &&
      place(seen, at) > place(row.after, proof.at) &&
      (isExact(tag) || !isAtLeast(world, seen, row.after)),
  )
  return later === undefined ? undefined : `${says} saw ${short(later.seen)} later, at ${later.at} ms`
}

/** Whether an image is of a version or commit that is not lower than that of another. */
function isAtLeast({ended}: World, digest: Digest | undefined, other: Digest | undefined): boolean {
  const [one, two] = [digest, other].map((wanted) => ended.find(({image}) => image.digest === wanted)?.planned.subject)
  if (one === undefined || two === undefined) return false
  if (one.kind === 'release' && two.kind === 'release') return compareVersions(one.version, two.version) >= 0
  return one.kind === 'commit' && two.kind === 'commit' && one.number >= two.number
}

/** Invariant: an exact tag that a run has given with success is there. */
export function checkNotLost(world: World, verdict: Verdict): void {
  for (const {planned, result} of successes(world)) {
    for (const row of result?.rows ?? []) {
      const tag = nameOf(row)
      if (!isClaimed(row) || !isExact(tag)) continue
      const isThere = world.history.held(tag) !== undefined
      verdict.check('exact tags are not lost', isThere ? undefined : `${tag} of ${planned.client} is gone`)
    }
  }
}

/** Invariant: every tag is whole. */
export function checkWhole(world: World, verdict: Verdict): void {
  for (const path of paths) {
    for (const [tag, digest] of Object.entries(world.registry.tagsOf(path))) {
      verdict.check('tags are whole', lacking(world, path, digest).map((what) => `${path}:${tag} lacks ${what}`)[0])
    }
  }
}

function lacking(world: World, path: string, digest: Digest): readonly string[] {
  const stored = world.registry.manifest(path, digest)
  if (stored === undefined) return [digest]
  const document = parseManifest(stored.bytes)
  if (document === undefined) return [`a manifest in ${digest}`]
  if (document.kind === 'index') return images(document).flatMap((child) => lacking(world, path, child.digest))
  return [document.config, ...document.layers].flatMap((one) =>
    world.registry.blob(path, one.digest) === undefined ? [one.digest] : [],
  )
}

/**
 * Invariant: these version tags hold the highest exact tag of their line. A tag that a run of a lower version does not find
 * may be left to the run of the highest.
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
      const isRight = digest !== undefined && (digest === tags[exact] || isFormer(world, `${path}:${exact}`, digest))
      const held = Object.keys(tags).find((tag) => isExact(`:${tag}`) && tags[tag] === digest) ?? 'nothing'
      verdict.check('version tags end highest', isRight ? undefined : `${path}:${floating} holds ${held}, not ${exact}`)
    }
  }
}

/** Whether an exact tag held this before it was replaced, which no run could see. */
function isFormer({history}: World, exact: TagName, digest: Digest): boolean {
  return history.writes.some(({tag, from, to}) => tag === exact && from === digest && to !== undefined && to !== from)
}

function highest(tags: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const tag of tags) {
    const [, version = '', suffix = ''] = /^(\d+\.\d+\.\d+)(-alpine)?$/.exec(tag) ?? []
    if (version === '') continue
    for (const floating of floatingOf(version, suffix)) {
      const held = found.get(floating)?.replace('-alpine', '')
      if (held === undefined || compareVersions(version, held) > 0) found.set(floating, tag)
    }
  }
  return found
}

/** Invariant: after a clean run of the newest commit, the branch tags hold it. */
export function checkNewest(verdict: Verdict, world: World, run: EndedRun): void {
  for (const {reference, role} of run.tags) {
    if (role.kind !== 'newest-commit') continue
    const held = world.registry.tagsOf(reference.repository.path)[reference.tag]
    const isOurs = world.ended.some(
      ({image, planned}) => image.digest === held && planned.subject.revision === run.planned.subject.revision,
    )
    verdict.check('branch tags end newest', isOurs ? undefined : `${nameOf({reference})} holds ${short(held)}`)
  }
}

/** Invariants of every PUT of a floating tag that replaces something. */
export function checkFloating(world: World, verdict: Verdict): void {
  for (const write of world.history.writes) {
    if (!isExact(write.tag) && write.from !== undefined && write.from !== write.to) checkMove(world, verdict, write)
  }
}

function checkMove(world: World, verdict: Verdict, write: Write): void {
  const run = world.ended.find(({planned}) => planned.client === write.client)
  if (run?.planned.subject.kind !== 'commit') return
  const hadSeen = lastRead(world, write.client, write.tag, write.sentAt)?.seen === write.from
  const {number} = run.planned.subject
  if (write.to === run.image.digest) {
    const theirs = numberOf(world, write.from)
    const isOlder = hadSeen && theirs !== undefined && number < theirs
    verdict.check(
      'an older commit gives way',
      isOlder ? `${describe(write)}, which is newer and which it had seen` : undefined,
    )
    return
  }
  const isOwn = world.history.writes.some(
    (one) => one.client === write.client && one.to === write.from && one.at <= write.at,
  )
  verdict.check(
    'taking back touches own work only',
    hadSeen && !isOwn ? `${describe(write)}, which another run put` : undefined,
  )
}

/** Of the commit that an image is of. */
function numberOf({ended}: World, digest: Digest | undefined): number | undefined {
  const subject = ended.find(({image}) => image.digest === digest)?.planned.subject
  return subject?.kind === 'commit' ? subject.number : undefined
}

export function floatingNames(run: EndedRun): ReadonlySet<TagName> {
  return new Set(run.tags.filter(({role}) => tagKind(role) === 'floating').map(nameOf))
}
