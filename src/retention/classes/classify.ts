import {isReferrerTag} from '../../oci/referrers-tag.ts'
import type {ImageFacts} from '../../oci/image-facts.ts'
import type {PlannedName, TagPlanner} from '../../plan/tag-planner.ts'
import {parseStatedVersions} from '../../tags/versions/version-order.ts'
import type {LiveRefs} from '../live-refs.ts'
import type {RepositoryContent} from '../repository-content.ts'
import type {ClassifiedTag} from '../tag-decision.ts'
import {cacheBranches, cacheOwner, isCacheTag} from './cache-tags.ts'
import {tagFrames, type TagFrames} from './frames.ts'
import {factsOf, manifestsOf, variantIn} from './image-statement.ts'
import {parseRef, tagsOfRef, type NamedRef} from './ref-tags.ts'
import {readTemplate} from './template.ts'
import {isOfVersionLine, versionTag} from './version-tags.ts'

/** Rules of a step, and the refs that exist. */
export interface ClassRequest {
  readonly content: Pick<RepositoryContent, 'tags' | 'manifests'>
  readonly planner: TagPlanner
  readonly component: string | undefined
  readonly refs: LiveRefs
}

/** Class of a tag without its name and digest. */
type Class = Omit<ClassifiedTag, 'tag' | 'digest'>

/**
 * Sorts each tag into the first class that fits, in the order of `docs/retention.md`. A tag is of a class because the rules of
 * the step give it for an event that fits the image. If the image states another branch, commit or version, it is not.
 */
export function classifyTags(request: ClassRequest): readonly ClassifiedTag[] {
  const classifier = new Classifier(request)
  return [...request.content.tags].map(([tag, digest]) => ({tag, digest, ...classifier.classOf(tag, digest)}))
}

class Classifier {
  readonly #content: ClassRequest['content']
  readonly #refs: LiveRefs
  readonly #planner: TagPlanner
  readonly #frames: TagFrames
  #cacheBranches: ReturnType<typeof cacheBranches> | undefined
  #branchTags: ReadonlyMap<string, BranchTag> | undefined

  constructor({content, planner, component, refs}: ClassRequest) {
    this.#content = content
    this.#refs = refs
    this.#planner = memoized(planner)
    this.#frames = tagFrames(this.#planner, {component, defaultBranch: refs.defaultBranch})
  }

  classOf(tag: string, digest: string): Class {
    if (isReferrerTag(tag)) return {class: 'referrer'}
    const facts = factsOf(this.#content, digest)
    const ref = facts.ref === undefined ? undefined : parseRef(facts.ref)
    const variant = variantIn(facts)
    // A step plans the tags of one variant. Those of others have its name at their end, or before the environment.
    const names = variant === undefined ? [tag] : [tag, tag.replace(`-${variant}`, '')]
    const found = names.map((name) => this.#classOf(name, {facts, ref, digest})).find((one) => one !== undefined)
    return found ?? {class: 'other'}
  }

  #classOf(tag: string, image: Image): Class | undefined {
    return (
      this.#fixed(tag) ??
      this.#dated(tag, image) ??
      this.#version(tag, image) ??
      this.#commit(tag, image) ??
      this.#pull(tag, image) ??
      this.#branch(tag, image) ??
      this.#cache(tag, image)
    )
  }

  /** Tags that the rules give for each event, or for the default branch. */
  #fixed(tag: string): Class | undefined {
    const name = this.#frames.fixed.get(tag)
    if (name !== undefined && name.role.kind !== 'release') return this.#ofDefaultBranch(tag) ?? {class: 'floating'}
    const isOfQueue = this.#frames.queues.some((template) => readTemplate(template, tag) !== undefined)
    return isOfQueue ? {class: 'floating'} : undefined
  }

  /** Tag that has the name of the default branch. */
  #ofDefaultBranch(tag: string): Class | undefined {
    const {defaultBranch: branch} = this.#refs
    if (branch === undefined) return undefined
    const names = tagsOfRef({kind: 'branch', branch}, undefined, this.#planner)
    const isOwn = names.some((name) => name.tag === tag && name.rule === 'ref')
    return isOwn ? {class: 'branch', owner: {kind: 'branch', branch}} : undefined
  }

  /** Tags of schedules that contain the time, which the image states as its date. */
  #dated(tag: string, {facts: {created, version}}: Image): Class | undefined {
    const at = new Date(created ?? '')
    if (!this.#frames.hasDatedSchedule || version !== undefined || Number.isNaN(at.getTime())) return undefined
    const names = this.#planner({kind: 'schedule', at})
    return names.some((name) => name.tag === tag && name.rule === 'schedule') ? {class: 'schedule'} : undefined
  }

  #version(tag: string, {facts, ref}: Image): Class | undefined {
    const rules = {frames: this.#frames, planner: this.#planner}
    const stated = versionTag(tag, facts, rules)
    if (stated !== undefined && stated !== 'contradicted' && isStated(stated, facts)) return stated
    const role = ref?.kind === 'tag' ? this.#nameOf(tag, ref, facts)?.role : undefined
    if (role?.kind === 'version-line' || isOfVersionLine(tag, rules)) return {class: 'floating'}
    if (stated === 'contradicted') return {class: 'other'}
    if (stated !== undefined) return stated
    return role?.kind === 'release'
      ? {class: 'release', version: {scheme: role.scheme, version: role.version}, affixes: {prefix: '', suffix: ''}}
      : undefined
  }

  #commit(tag: string, {facts: {revision}}: Image): Class | undefined {
    for (const template of this.#frames.commits) {
      const commit = readTemplate(template, tag)?.get('commit')
      // Any word of hex digits has the form of a commit, so without other text only the image shows that it is one.
      const isClear = template.literalLength > 0 && template.holes.length === 1
      if (commit !== undefined && (revision === undefined ? isClear : revision.startsWith(commit)))
        return {class: 'commit', commit}
    }
    return undefined
  }

  #pull(tag: string, {facts, ref}: Image): Class | undefined {
    // A branch may be named like the tag of a pull request.
    const isOther = ref === undefined ? this.#tagsOfBranches().has(tag) : ref.kind !== 'pull'
    if (isOther) return undefined
    const isConfirmed = ref?.kind === 'pull'
    for (const template of this.#frames.pulls) {
      const number = Number(readTemplate(template, tag)?.get('number'))
      // Any number has the form of that of a pull request, so without other text only the image shows that it is one.
      if (Number.isSafeInteger(number) && (isConfirmed ? ref.number === number : template.literalLength > 0))
        return {class: 'pr', owner: {kind: 'pull', number}}
    }
    return isConfirmed && this.#nameOf(tag, ref, facts) !== undefined ? {class: 'pr', owner: ref} : undefined
  }

  #branch(tag: string, {facts, ref}: Image): Class | undefined {
    const own = ref?.kind === 'branch' ? this.#nameOf(tag, ref, facts) : undefined
    const live = this.#tagsOfBranches().get(tag)
    if (own?.rule === 'edge' || live?.rule === 'edge') return {class: 'floating'}
    if (ref !== undefined && own === undefined) return undefined
    const owner = live ?? (ref?.kind === 'branch' ? ref : undefined)
    return owner && {class: 'branch', owner: {kind: 'branch', branch: owner.branch}}
  }

  /** Build caches. An image that runs is not one, whatever its tag is. */
  #cache(tag: string, {digest}: Image): Class | undefined {
    const [own] = manifestsOf(this.#content, digest)
    if (!isCacheTag(tag) || (own !== undefined && runnable.test(own.artifactType ?? ''))) return undefined
    this.#cacheBranches ??= cacheBranches(this.#refs.branches ?? [])
    const owner = cacheOwner(tag, this.#cacheBranches)
    return owner === undefined ? {class: 'cache'} : {class: 'cache', owner}
  }

  /** Name that the rules give for the ref of the image, if it is this tag. */
  #nameOf(tag: string, ref: NamedRef, {revision}: ImageFacts): PlannedName | undefined {
    const named = (commit?: string): PlannedName | undefined =>
      tagsOfRef(ref, commit, this.#planner).find((name) => name.tag === tag)
    return named() ?? (revision !== undefined && tag.includes(revision.slice(0, 4)) ? named(revision) : undefined)
  }

  /** Existing branch of each tag that names one. */
  #tagsOfBranches(): ReadonlyMap<string, BranchTag> {
    this.#branchTags ??= new Map(
      [...(this.#refs.branches ?? [])].flatMap((branch) =>
        tagsOfRef({kind: 'branch', branch}, undefined, this.#planner).map(({tag, rule}): [string, BranchTag] => [
          tag,
          {branch, rule},
        ]),
      ),
    )
    return this.#branchTags
  }
}

interface BranchTag extends Pick<PlannedName, 'rule'> {
  readonly branch: string
}

interface Image {
  readonly digest: string
  readonly facts: ImageFacts
  /** Ref that the image states. */
  readonly ref: NamedRef | undefined
}

/** Reports whether the image states the version of its tag. */
function isStated({version}: Class, facts: ImageFacts): boolean {
  return parseStatedVersions(facts.version ?? '').some((one) => one.version === version?.version)
}

/** Media types of the configuration of images that run: of OCI and of Docker. */
const runnable = /^application\/vnd\.(?:oci\.image\.config|docker\.container\.image)\.v1\+json$/

/** Planner that computes each event once. */
function memoized(planner: TagPlanner): TagPlanner {
  const known = new Map<string, readonly PlannedName[]>()
  return (event) => {
    const key = JSON.stringify(event)
    const names = known.get(key) ?? planner(event)
    known.set(key, names)
    return names
  }
}
