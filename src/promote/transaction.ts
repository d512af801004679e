import {errorMessage, TagboatError} from '../errors/error.ts'
import type {TagPolicy} from '../inputs/inputs.ts'
import type {Digest} from '../oci/digest.ts'
import {formatRepository, type Repository} from '../oci/reference.ts'
import {compareCommits} from './decide/compare-commits.ts'
import type {ExistingRelease} from './decide/decide-release.ts'
import type {RepositoryState} from './decide/registry-state.ts'
import {tagStateOf, type TargetTag, type RunFacts} from './decide/tag-decision.ts'
import type {RegistryClients, RepositoryClient} from '../registry/repository-client.ts'
import type {ManifestContent} from '../oci/manifest.ts'
import {combined, entryOf, isOutdated, newJournal, type Entry, type Journal} from './journal.ts'
import {Backoff, type Sleep} from './backoff.ts'
import type {StateReader} from './read-state.ts'
import {requireWhole} from './require-whole.ts'
import {targetOf} from './target.ts'

export interface PromoteRequest {
  readonly tags: readonly TargetTag[]
  readonly thisRun: Omit<RunFacts, 'digest'>
  /** What is tagged; every repository of the tags holds it by its digest. */
  readonly content: ManifestContent
  /** Manifests below it, where this run has made them. */
  readonly parts?: readonly ManifestContent[] | undefined
  /** Settles when every registry shows the content by its digest; undefined where they do already. */
  readonly shown?: Promise<unknown> | undefined
  /** Whether this run brought it: what was there before has tags of its own, which a registry may remove with it. */
  readonly isNewImage: boolean
  readonly policy: TagPolicy
  /** What the tags held when this run looked ahead, where it did. */
  readonly preflightStates?: readonly RepositoryState[]
  /** The repositories that hold the content, where others of the tags hold another build of the same release. */
  readonly repositories?: readonly Repository[]
}

export interface PromoteIo {
  /** Their requests may end when the signal is aborted. */
  readonly clients: RegistryClients
  /** Clients that outlive the signal, with a time limit of their own: they take back what is half done. Asked again, the same ones. */
  readonly undoClients: () => RegistryClients
  readonly reader: StateReader
  readonly sleep: Sleep
  readonly signal: AbortSignal
}

/** A tag that is to hold another digest. */
export interface TagPut {
  readonly entry: Entry
  readonly digest: Digest
  /** What the tag held when that was decided; undefined: it did not exist. */
  readonly expected: Digest | undefined
}

/** One promote, while it runs. */
export class Transaction {
  readonly request: PromoteRequest
  readonly journal: Journal
  /** What is there already of this release; known after the exact tags were looked at. */
  existing: ExistingRelease | undefined
  readonly #io: PromoteIo
  readonly #contents = new Map<string, Promise<ManifestContent>>()

  constructor(request: PromoteRequest, io: PromoteIo) {
    this.request = request
    this.journal = newJournal(request.tags)
    this.#io = io
  }

  /** A release that this run found says nothing of what the run would publish: it may be kept whatever it holds. */
  get thisRun(): RunFacts {
    const {thisRun, content, isNewImage, preflightStates} = this.request
    const isFound = preflightStates !== undefined && !isNewImage
    return {...thisRun, digest: isFound ? undefined : content.digest}
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
   * What the registries hold of these tags, and the names of all their tags. Where a registry does not show yet what this run
   * has put, it is read again, with growing waits.
   */
  async read(tags: readonly TargetTag[]): Promise<readonly RepositoryState[]> {
    const backoff = new Backoff(this.#sleep)
    const closely = (tag: TargetTag): boolean => entryOf(this.journal, tag).written.size > 0
    for (;;) {
      const states = await this.#io.reader.read(tags, this.#clients(), closely)
      const isBehind =
        states.some((state) => state.isBehind === true) ||
        tags.some((tag) => isOutdated(entryOf(this.journal, tag), tagStateOf(states, tag.reference)?.digest))
      this.recordNewerCommits(states)
      if (!isBehind || this.isCancelled() || !(await backoff.wait())) return states
    }
  }

  /** Notes the tags of commits that show a newer one than this run's. */
  recordNewerCommits(states: readonly RepositoryState[]): void {
    const {floating, onStale} = this.request.policy
    if (floating !== 'auto' || onStale === 'overwrite') return
    for (const entry of this.journal.filter(({tag}) => tag.role.kind === 'newest-commit')) {
      const current = tagStateOf(states, entry.tag.reference)
      if (current === undefined || entry.written.has(current.digest)) continue
      if (compareCommits(current, this.thisRun).order === 'older') entry.newer = current.digest
    }
  }

  /** What one tag holds; with the same backoff. */
  async look(entry: Entry): Promise<Digest | undefined> {
    const backoff = new Backoff(this.#sleep)
    for (;;) {
      const held = await this.#io.reader.look(entry.tag, this.#clients())
      if (!isOutdated(entry, held) || this.isCancelled() || !(await backoff.wait())) return held
    }
  }

  /** Looks at tags ahead of their PUT. A look that fails is repeated right before the PUT. */
  async lookAhead(puts: readonly TagPut[]): Promise<void> {
    const {reader} = this.#io
    await Promise.allSettled(puts.map(async ({entry}) => reader.look(entry.tag, this.#clients())))
  }

  /** Ends with the run when it is cancelled. */
  readonly #sleep: Sleep = async (ms) => {
    this.throwIfCancelled()
    await this.#io.sleep(ms)
  }

  /** The same without the names. */
  async readTagStates(tags: readonly TargetTag[]): Promise<readonly RepositoryState[]> {
    return this.#io.reader.readTagStates(tags, this.#clients())
  }

  /** What a tag is to hold. */
  targetOf(tag: TargetTag, states: readonly RepositoryState[]): Digest {
    const {tags, content, policy} = this.request
    return targetOf(tag, {tags, states, existing: this.existing, brought: content.digest, ifExists: policy.ifExists})
  }

  /**
   * Gives tags their digests, side by side, one PUT each; nothing is put when one of the manifests cannot be had. A tag that
   * does not hold any more what was expected is left as it is, and its entry noted as overtaken.
   * @throws TagboatError when one could not be given; the others were.
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
    if (failures.length > 0) throw combined(failures.map(({reason}): unknown => reason))
  }

  async #putOne({entry, content, expected}: TagPut & {readonly content: ManifestContent}): Promise<void> {
    const {repository, tag} = entry.tag.reference
    const {digest} = content
    try {
      const isSent = await this.client(repository).putManifest(tag, content, this.#leave({entry, digest, expected}))
      if (!isSent && entry.overtaken) return
    } catch (error) {
      entry.outcome = 'failed'
      entry.reason = {code: 'push-failed', message: errorMessage(error)}
      throw error
    }
    entry.put = digest
    entry.after = digest
    entry.outcome = entry.before === undefined ? 'new' : entry.before === digest ? 'unchanged' : 'moved'
  }

  /**
   * Leave for each try of a PUT: the tag holds what was expected. The first try needs no look where nothing but the last one
   * came before it. What this run has put by an earlier try, whose response was lost, need not be put again.
   */
  #leave({entry, digest, expected}: TagPut): () => Promise<boolean> {
    let isFirst = true
    return async () => {
      const looks = !isFirst || !this.#io.reader.isFresh(entry.tag)
      isFirst = false
      if (looks) {
        const held = await this.#io.reader.look(entry.tag, this.#clients())
        if (held === digest) return false
        if (held !== expected) {
          entry.overtaken = true
          return false
        }
      }
      entry.written.add(digest)
      if (expected !== undefined) entry.replaced.add(expected)
      return true
    }
  }

  /** @throws TagboatError `publish-unverified` where a repository lacks a part of the content. */
  async requireWhole(): Promise<void> {
    const {content, tags, parts = [], shown} = this.request
    const repositories = this.request.repositories ?? tags.map(({reference}) => reference.repository)
    const clients = new Set(repositories.map((repository) => this.client(repository)))
    await requireWhole({content, parts, shown}, [...clients], this.#sleep)
  }

  /** The manifest of a digest. @throws TagboatError `source-missing` when the repository does not have it. */
  async content(repository: Repository, digest: Digest): Promise<ManifestContent> {
    if (digest === this.request.content.digest) return this.request.content
    const name = `${formatRepository(repository)}@${digest}`
    const found = this.#contents.get(name) ?? this.#fetch(repository, digest)
    this.#contents.set(name, found)
    return found
  }

  async #fetch(repository: Repository, digest: Digest): Promise<ManifestContent> {
    const content = await this.client(repository).manifest(digest)
    if (content !== undefined) return content
    throw new TagboatError('source-missing', {evidence: [`${formatRepository(repository)} does not hold ${digest}`]})
  }

  #clients(): RegistryClients {
    return this.isCancelled() ? this.#io.undoClients() : this.#io.clients
  }
}
