import {digestOf, type Digest} from '../../oci/digest.ts'
import {factAnnotations, noFacts, type ImageFacts} from '../../oci/image-facts.ts'
import type {ManifestContent} from '../../oci/manifest.ts'
import {formatRepository, parseRepository, type Repository} from '../../oci/reference.ts'
import type {PlannedTag} from '../../plan/plan.ts'
import {identifies} from '../../tags/tag-role.ts'
import type {HeldTag, RegistryContents} from './registry-contents.ts'

const indexType = 'application/vnd.oci.image.index.v1+json'

/** Image of the simulated registries. */
interface MemoryImage extends ManifestContent {
  /** Name for an image whose digest is made up: its version, its commit or its tag. Undefined if its digest is given. */
  readonly known: string | undefined
  /** Whether the image counts as that of the commit of the run only because its commit is not given. */
  readonly isAssumed: boolean
  /** Whether nothing is given about the image. */
  readonly isNameless: boolean
}

/** Facts of a run that complete what is given about the images. */
export interface DescribingRun {
  /** Commit of the run. */
  readonly sha: string
  readonly tags: readonly PlannedTag[]
  /** Facts that an image of this run states. */
  readonly stated: Pick<ImageFacts, 'build' | 'tags'>
  /** Whether a release tag without a commit counts as one of this run. */
  readonly assumesCommit: boolean
}

/** A tag with its facts, those of its name and those that are assumed. */
interface DescribedTag extends HeldTag {
  /** Whether the image is the release of the run: it states the build of the run. */
  readonly isRelease: boolean
  readonly isAssumed: boolean
}

/**
 * Manifests of a repository by tag, with annotations that state what is known about each image. An image of the commit of
 * the run with a tag that identifies its release counts as published from the same inputs.
 */
export function imagesOf(
  {tags}: RegistryContents,
  repository: Repository,
  run: DescribingRun,
): ReadonlyMap<string, MemoryImage> {
  const planned = run.tags.filter(({reference}) => isSame(reference.repository, repository))
  const own = tags.filter((one) => isIn(one, repository)).map((one) => describe(one, planned, run))
  return new Map(own.map((one) => [one.tag, manifestOf(sameImage(one, own), run)]))
}

function isIn({repository}: HeldTag, wanted: Repository): boolean {
  if (repository === undefined) return true
  const parsed = parseRepository(repository)
  return parsed.ok && isSame(parsed.value, wanted)
}

function isSame(one: Repository, other: Repository): boolean {
  return formatRepository(one) === formatRepository(other)
}

/** Completes a tag with the facts in its name, a short commit that is that of the run, and the facts of a release. */
function describe(held: HeldTag, planned: readonly PlannedTag[], run: DescribingRun): DescribedTag {
  const {tag, commit = commitIn(tag)} = held
  const {sha} = run
  const isOwn = commit !== undefined && sha.startsWith(commit.toLowerCase())
  const release = planned.find(({reference, role}) => reference.tag === tag && identifies(role, planned))
  const isAssumed = commit === undefined && release?.role.kind === 'release' && run.assumesCommit && sha !== ''
  const isRelease = release !== undefined && (isOwn || isAssumed)
  const version = held.version ?? (isRelease ? versionOf(planned) : undefined) ?? versionIn(tag)
  return {...held, version, commit: isOwn || isAssumed ? sha : commit, isRelease, isAssumed}
}

/** Version of the release tags of a run. */
function versionOf(planned: readonly PlannedTag[]): string | undefined {
  return planned.flatMap(({role}) => (role.kind === 'release' ? [role.version] : []))[0]
}

/** Full version that a tag names, such as `1.2.3-rc.1`. */
function versionIn(tag: string): string | undefined {
  return /^v?(\d+\.\d+\.\d+(?:-[\w.-]+)?)$/.exec(tag)?.[1]
}

function commitIn(tag: string): string | undefined {
  return /^sha-([0-9a-f]{7,64})$/.exec(tag)?.[1]
}

/** Tag with the facts of another tag of the same image: `latest 1.2.2` is the image of the tag `1.2.2`. */
function sameImage(held: DescribedTag, all: readonly DescribedTag[]): DescribedTag {
  if (held.digest !== undefined) return held
  const agrees = (one: string | undefined, other: string | undefined): boolean =>
    one === undefined || other === undefined || one === other
  const others = all.filter(
    (other) =>
      agrees(held.version, other.version) &&
      agrees(held.commit, other.commit) &&
      ((held.version !== undefined && held.version === other.version) ||
        (held.commit !== undefined && held.commit === other.commit && !other.isAssumed)),
  )
  const known = <K extends 'version' | 'commit' | 'digest' | 'date'>(fact: K): DescribedTag[K] =>
    held[fact] ?? others.find((other) => other[fact] !== undefined)?.[fact]
  const isRelease = held.isRelease || others.some((other) => other.isRelease)
  const facts = {version: known('version'), commit: known('commit'), digest: known('digest'), date: known('date')}
  return {...held, ...facts, isRelease}
}

function manifestOf(
  {tag, version, commit, date, digest, isRelease, isAssumed}: DescribedTag,
  {stated}: DescribingRun,
): MemoryImage {
  const facts = {...noFacts, version, revision: commit, commitDate: date, ...(isRelease && stated)}
  // Images of the same date can differ.
  const isNameless = version === undefined && commit === undefined
  const annotations = {...factAnnotations(facts, true), ...(isNameless && {tag})}
  const text = JSON.stringify({schemaVersion: 2, mediaType: indexType, manifests: [], annotations})
  const bytes = new TextEncoder().encode(text)
  const named = version ?? (commit === undefined ? `the image of ${tag}` : `commit ${commit.slice(0, 12)}`)
  return {
    digest: digest ?? digestOf(bytes),
    mediaType: indexType,
    bytes,
    known: digest === undefined ? named : undefined,
    isAssumed,
    isNameless: isNameless && digest === undefined,
  }
}

/** Digest that a promoted image gets, if the inputs do not name one. */
export function digestOfText(text: string): Digest {
  return digestOf(new TextEncoder().encode(text))
}
