import {errorMessage, TagboatError} from '../errors/error.ts'
import type {TagPolicy} from '../inputs/inputs.ts'
import type {Attached} from '../oci/attestations.ts'
import type {Digest} from '../oci/digest.ts'
import {formatRepository, type Repository} from '../oci/reference.ts'
import {compareCommits} from './decide/compare-commits.ts'
import type {ExistingRelease} from './decide/decide-release.ts'
import type {RepositoryState} from './decide/registry-state.ts'
import {tagStateOf, type TargetTag, type RunFacts} from './decide/tag-decision.ts'
import type {RegistryClients, RepositoryClient} from '../registry/repository-client.ts'
import type {ManifestContent} from '../oci/manifest.ts'
import {entryOf, isOutdated, newJournal, type Entry, type Journal} from './journal.ts'
import {Backoff, type Sleep} from './backoff.ts'
import type {StateReader} from './read-state.ts'
import {requireWhole} from './require-whole.ts'
import {targetOf} from './target.ts'

export interface PromoteRequest {
  readonly tags: readonly TargetTag[]
  readonly thisRun: Omit<RunFacts, 'digest'>
  /** Manifest or index to tag. Every repository of the tags has it by its digest. */
  readonly content: ManifestContent
  /** Manifests below it that this run has pushed. */
  readonly parts?: readonly ManifestContent[] | undefined
  /** Referrers of these manifests that this run has pushed. */
  readonly attached?: readonly Attached[] | undefined
  /** Settles when every registry shows the content by its digest. Undefined if they all do already. */
  readonly shown?: Promise<unknown> | undefined
  /** Set if this run pushed the image. An older image has other tags, which a registry may delete with a new one. */
  readonly isNewImage: boolean
  readonly policy: TagPolicy
  /** State of the tags in the preflight of this run. */
  readonly preflightStates?: readonly RepositoryState[]
  /** Repositories that have the content, if others have another build of the same release. */
  readonly repositories?: readonly Repository[]
  /** Images that have passed the gates of the run. No tag is moved to another one. Undefined without gates. */
  readonly judged?: ReadonlySet<Digest>
}

export interface PromoteIo {
  /** Clients whose requests may be cancelled by the signal. */
  readonly clients: RegistryClients
  /** Returns clients for the rollback, which the signal does not cancel. They have their own time limit. */
  readonly undoClients: () => RegistryClients
  readonly reader: StateReader
  readonly sleep: Sleep
  readonly signal: AbortSignal
}

/** PUT of a tag. */
export interface TagPut {
  readonly entry: Entry
  readonly digest: Digest
  /** Digest of the tag at the time of the decision; undefined if it did not exist. */
  readonly expected: Digest | undefined
}

/** State of one promote while it runs. */
export class Transaction {
  readonly request: PromoteRequest
  readonly journal: Journal
  /** The release that is already published. It is known after the exact tags are read. */
  existing: ExistingRelease | undefined
  readonly #io: PromoteIo
  readonly #contents = new Map<string, Promise<ManifestContent>>()

  constructor(request: PromoteRequest, io: PromoteIo) {
    this.request = request
    this.journal = newJournal(request.tags)
    this.#io = io
  }

  /** Facts of this run. They have no digest if the run found a published release: its tags may keep another build. */
  get thisRun(): RunFacts {
    const {thisRun, content, isNewImage, preflightStates} = this.request
    const isExisting = preflightStates !== undefined && !isNewImage
    return {...thisRun, digest: isExisting ? undefined : content.digest}
  }

  isCancelled(): boolean {
    return this.#io.signal.aborted
  }

  throwIfCancelled(): void {
    if (this.isCancelled()) throw new TagboatError('cancelled')
  }

  client(repository: Repository): RepositoryClient {
    return this.#clients().repository(repository)
  }

  /**
   * Reads the state of these tags, with the list of tags of each repository. If a registry does not show a PUT of this
   * run yet, the read is repeated after growing delays.
   */
  async read(tags: readonly TargetTag[]): Promise<readonly RepositoryState[]> {
    const backoff = new Backoff(this.#sleep)
    const readsContent = (tag: TargetTag): boolean => entryOf(this.journal, tag).pushed.size > 0
    for (;;) {
      const states = await this.#io.reader.read(tags, this.#clients(), readsContent)
      const isBehind =
        states.some((state) => state.isBehind === true) ||
        tags.some((tag) => isOutdated(entryOf(this.journal, tag), tagStateOf(states, tag.reference)?.digest))
      this.recordNewerCommits(states)
      if (!isBehind || this.isCancelled() || !(await backoff.wait())) return states
    }
  }

  /** Records which tags for commits point to a newer commit than that of this run. */
  recordNewerCommits(states: readonly RepositoryState[]): void {
    const {floating, onStale} = this.request.policy
    if (floating !== 'auto' || onStale === 'overwrite') return
    for (const entry of this.journal.filter(({tag}) => tag.role.kind === 'newest-commit')) {
      const current = tagStateOf(states, entry.tag.reference)
      if (current === undefined || entry.pushed.has(current.digest)) continue
      if (compareCommits(current, this.thisRun).order === 'older') entry.newerCommit = current.digest
    }
  }

  /** Reads the digest of one tag. An outdated read is repeated after growing delays. */
  async readDigest(entry: Entry): Promise<Digest | undefined> {
    const backoff = new Backoff(this.#sleep)
    for (;;) {
      const current = await this.#io.reader.readDigest(entry.tag, this.#clients())
      if (!isOutdated(entry, current) || this.isCancelled() || !(await backoff.wait())) return current
    }
  }

  /** Reads tags ahead of their PUTs. A read that fails is repeated right before the PUT. */
  async readAhead(puts: readonly TagPut[]): Promise<void> {
    const {reader} = this.#io
    await Promise.allSettled(puts.map(async ({entry}) => reader.readDigest(entry.tag, this.#clients())))
  }

  /** Rejects when the run is cancelled. */
  readonly #sleep: Sleep = async (ms) => {
    this.throwIfCancelled()
    await this.#io.sleep(ms)
  }

  /** Reads the state of these tags, without the list of tags. */
  async readTagStates(tags: readonly TargetTag[]): Promise<readonly RepositoryState[]> {
    return this.#io.reader.readTagStates(tags, this.#clients())
  }

  /** Digest that a tag should point to. */
  targetOf(tag: TargetTag, states: readonly RepositoryState[]): Digest {
    const {tags, content, policy} = this.request
    return targetOf(tag, {tags, states, existing: this.existing, digest: content.digest, ifExists: policy.ifExists})
  }

  /**
   * Pushes tags in parallel, with one PUT each. Nothing is pushed if one of the manifests cannot be read. A tag that
   * does not point to the expected digest any more is left unchanged, and its entry is marked as overtaken.
   * @throws TagboatError if some of the PUTs failed, after all have ended.
   */
  async put(puts: readonly TagPut[]): Promise<void> {
    const ready = await Promise.all(
      puts.map(async (one) => ({
        ...one,
        content: await this.content(one.entry.tag.reference.repository, one.digest),
      })),
    )
    for (const {entry} of ready) entry.overtaken = false
    const results = await Promise.allSettled(ready.map(async (one) => this.#putOne(one)))
    const failures = results.filter((result) => result.status === 'rejected')
    if (failures.length === 0) return
    const {combined} = await import('./promote-failure.ts')
    throw combined(failures.map(({reason}): unknown => reason))
  }

  async #putOne({entry, content, expected}: TagPut & {readonly content: ManifestContent}): Promise<void> {
    const {repository, tag} = entry.tag.reference
    const {digest} = content
    try {
      const proceed = this.#proceed({entry, digest, expected})
      const isSent = await this.client(repository).putManifest(tag, content, proceed)
      if (!isSent && entry.overtaken) return
    } catch (error) {
      entry.outcome = 'failed'
      entry.reason = {code: 'push-failed', message: errorMessage(error)}
      throw error
    }
    entry.accepted = digest
    entry.after = digest
    entry.outcome = entry.before === undefined ? 'new' : entry.before === digest ? 'unchanged' : 'moved'
  }

  /**
   * Returns a function that is called before each attempt of a PUT, and reports whether to send it: only if the tag
   * still points to the expected digest. The first attempt does not read the tag if the last read is fresh. If an
   * earlier attempt took effect and its response was lost, the PUT is not repeated.
   */
  #proceed({entry, digest, expected}: TagPut): () => Promise<boolean> {
    let isFirst = true
    return async () => {
      const mustRead = !isFirst || !this.#io.reader.isFresh(entry.tag)
      isFirst = false
      if (mustRead) {
        const current = await this.#io.reader.readDigest(entry.tag, this.#clients())
        if (current === digest) return false
        if (current !== expected) {
          entry.overtaken = true
          return false
        }
      }
      entry.pushed.add(digest)
      if (expected !== undefined) entry.replaced.add(expected)
      return true
    }
  }

  /** @throws TagboatError `publish-unverified` if a repository lacks a part of the content. */
  async requireWhole(): Promise<void> {
    const {content, tags, parts = [], attached, shown} = this.request
    const repositories = this.request.repositories ?? tags.map(({reference}) => reference.repository)
    const clients = new Set(repositories.map((repository) => this.client(repository)))
    await requireWhole({content, parts, attached, shown}, [...clients], this.#sleep)
  }

  /** Reads the manifest of a digest. @throws TagboatError `source-missing` if the repository does not have it. */
  async content(repository: Repository, digest: Digest): Promise<ManifestContent> {
    if (digest === this.request.content.digest) return this.request.content
    const name = `${formatRepository(repository)}@${digest}`
    const content = this.#contents.get(name) ?? this.#fetch(repository, digest)
    this.#contents.set(name, content)
    return content
  }

  async #fetch(repository: Repository, digest: Digest): Promise<ManifestContent> {
    const content = await this.client(repository).manifest(digest)
    if (content !== undefined) return content
    throw new TagboatError('source-missing', {evidence: [`${formatRepository(repository)} does not have ${digest}`]})
  }

  #clients(): RegistryClients {
    return this.isCancelled() ? this.#io.undoClients() : this.#io.clients
  }
}
