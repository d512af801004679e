import {TextLines} from '../../buildx/progress/text-lines.ts'

/** What went wrong with a cache, in BuildKit's words but on one line and without what an address may hide. */
export interface CacheTrouble {
  /** `import`: it could not be read; `export`: it could not be written. */
  readonly kind: 'import' | 'export'
  readonly reason: string
}

interface CacheStep {
  readonly kind: CacheTrouble['kind']
  /** Of the cache that is read; undefined of one that is written. */
  readonly name: string | undefined
  isOpen: boolean
  error: string | undefined
}

/**
 * Recognises in the progress of a build, as it is printed, the steps that read and write caches:
 *
 *     #4 importing cache manifest from ghcr.io/team/app:buildcache-main-1a2b3c4
 *     #4 ERROR: failed to configure registry cache importer: …: not found
 *     #11 exporting cache to registry
 *     #12 exporting to GitHub Actions Cache
 *
 * What a step of the Dockerfile prints has its seconds behind the number, and so is never taken for one of these.
 */
export class CacheWatch {
  readonly #steps = new Map<string, CacheStep>()
  readonly #unended = new TextLines()
  /** The sentence with which Buildx ended. */
  #ending = ''

  /** Takes what is printed, in any pieces. */
  take(chunk: string): void {
    for (const line of this.#unended.take(chunk)) this.#line(line)
  }

  /** What is being done with a cache at this moment; undefined: nothing. */
  get open(): CacheTrouble['kind'] | undefined {
    return [...this.#steps.values()].find(({isOpen}) => isOpen)?.kind
  }

  /**
   * Of a build that went on without its cache. A cache that is not there yet, or that this run may not read, is no trouble:
   * the first run of every branch finds none.
   */
  get troubles(): readonly CacheTrouble[] {
    return [...this.#steps.values()].flatMap(({kind, error}) => {
      if (error === undefined || (kind === 'import' && absent.test(error))) return []
      return [{kind, reason: shortened(error)}]
    })
  }

  /** Why a build that failed did so for its cache alone; undefined: it was something else. */
  get fault(): CacheTrouble | undefined {
    const [, kind] = /failed to configure \S+ cache (importer|exporter)/.exec(this.#ending) ?? []
    if (kind !== undefined) return {kind: kind === 'importer' ? 'import' : 'export', reason: shortened(this.#ending)}
    const {open} = this
    if (open !== undefined && interrupted.test(this.#ending)) return {kind: open, reason: shortened(this.#ending)}
    return this.#isGone() ? {kind: 'import', reason: shortened(this.#ending)} : undefined
  }

  /**
   * `failed to load cache key` is what BuildKit says of every source, be it a file of `ADD` or a Git repository: it was the cache
   * if a layer is named, or the cache itself.
   */
  #isGone(): boolean {
    if (this.#ending.includes('did not complete')) return false
    if (blobGone.test(this.#ending)) return true
    const [, cause = ''] = /failed to load cache key: (.*)/i.exec(this.#ending) ?? []
    const names = [...this.#steps.values()].flatMap(({name}) => name ?? [])
    return namesLayer.test(cause) || names.some((name) => cause.includes(name))
  }

  #line(line: string): void {
    if (/^ERROR: /i.test(line)) this.#ending = line
    const [, number = '', text = ''] = /^#(\d+) (.*)$/.exec(line) ?? []
    const step = this.#steps.get(number)
    if (step === undefined) {
      const kind = kindOf(text)
      const [, name] = importing.exec(text) ?? []
      if (kind !== undefined) this.#steps.set(number, {kind, name, isOpen: true, error: undefined})
      return
    }
    const [, error] = /^ERROR: (.*)$/.exec(text) ?? []
    if (error !== undefined) step.error = error
    if (error !== undefined || /^(?:DONE|CACHED|CANCELED|no cache yet)\b/.test(text)) step.isOpen = false
  }
}

const importing = /^importing cache manifest from (\S+)/

function kindOf(name: string): CacheTrouble['kind'] | undefined {
  if (importing.test(name)) return 'import'
  return /^exporting (?:cache to \S+|to GitHub Actions Cache)/.test(name) ? 'export' : undefined
}

/** What registries answer for a cache that is not there, or not for this login: many do not tell the two apart. */
const absent =
  /\bnot found\b|name unknown|manifest unknown|\b(?:denied|unauthorized|forbidden|insufficient_scope)\b|\b40[134]\b/i
const interrupted = /context cancell?ed|deadline exceeded|timed? ?out/i
/** The cache named a layer that the registry, or GitHub, has thrown away since. */
const blobGone = /could not fetch content descriptor|\bblob (?:sha256:[0-9a-f]+ )?not found|\bActions Cache\b/i
/** A digest that is not that of an image (`name@sha256:…`), nor the checksum of a file of `ADD`. */
const namesLayer = /^(?!.*digest mismatch).*(?<!@)\bsha256:[0-9a-f]+/i

const maxReason = 200

/** Queries are left out: the addresses of GitHub's cache are signed in theirs. What is at fault stands at the end. */
function shortened(error: string): string {
  const text = error
    .replace(/^ERROR: (?:failed to build: )?(?:failed to solve: )?/i, '')
    .replace(/\?[^\s"']*/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  return text.length <= maxReason ? text : `…${text.slice(1 - maxReason)}`
}
