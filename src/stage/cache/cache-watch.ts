import {TextLines} from '../../buildx/progress/text-lines.ts'

/** Fault of a cache: the error of BuildKit, on one line and without the query of an address, which may contain a secret. */
export interface CacheFault {
  /** `import` if the cache could not be read, `export` if it could not be written. */
  readonly kind: 'import' | 'export'
  readonly reason: string
}

interface CacheStep {
  readonly kind: CacheFault['kind']
  /** Reference of the imported cache; undefined for an export. */
  readonly name: string | undefined
  isOpen: boolean
  error: string | undefined
}

/**
 * Recognises the steps that read and write caches in the plain progress of a build:
 *
 *     #4 importing cache manifest from ghcr.io/team/app:buildcache-main-1a2b3c4
 *     #4 ERROR: failed to configure registry cache importer: …: not found
 *     #11 exporting cache to registry
 *     #12 exporting to GitHub Actions Cache
 *
 * Output of a Dockerfile step has the time after the step number, and so does not match.
 */
export class CacheWatch {
  readonly #steps = new Map<string, CacheStep>()
  readonly #partialLine = new TextLines()
  /** Last error that Buildx printed. */
  #lastError = ''

  /** Processes a chunk of output, which may end within a line. */
  take(chunk: string): void {
    for (const line of this.#partialLine.take(chunk)) this.#line(line)
  }

  /** Kind of the cache step that is in progress, if any. */
  get openStep(): CacheFault['kind'] | undefined {
    return [...this.#steps.values()].find(({isOpen}) => isOpen)?.kind
  }

  /**
   * Faults that the build survived. A cache that does not exist or that this run may not read is not a fault: the first
   * run of each branch finds none.
   */
  get faults(): readonly CacheFault[] {
    return [...this.#steps.values()].flatMap(({kind, error}) => {
      if (error === undefined || (kind === 'import' && absent.test(error))) return []
      return [{kind, reason: shortened(error)}]
    })
  }

  /** Cache fault that ended the build; undefined if the build ended for another reason. */
  get fatalFault(): CacheFault | undefined {
    const [, kind] = /failed to configure \S+ cache (importer|exporter)/.exec(this.#lastError) ?? []
    if (kind !== undefined) return {kind: kind === 'importer' ? 'import' : 'export', reason: shortened(this.#lastError)}
    const {openStep} = this
    if (openStep !== undefined && interrupted.test(this.#lastError))
      return {kind: openStep, reason: shortened(this.#lastError)}
    return this.#isLayerMissing() ? {kind: 'import', reason: shortened(this.#lastError)} : undefined
  }

  /**
   * Reports whether a layer of the cache is missing. BuildKit prints `failed to load cache key` for every source, also
   * for a file of `ADD` or a Git repository. It is the cache if the error names a layer or the cache.
   */
  #isLayerMissing(): boolean {
    if (this.#lastError.includes('did not complete')) return false
    if (missingBlob.test(this.#lastError)) return true
    const [, cause = ''] = /failed to load cache key: (.*)/i.exec(this.#lastError) ?? []
    const names = [...this.#steps.values()].flatMap(({name}) => name ?? [])
    return namesLayer.test(cause) || names.some((name) => cause.includes(name))
  }

  #line(line: string): void {
    if (/^ERROR: /i.test(line)) this.#lastError = line
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

function kindOf(name: string): CacheFault['kind'] | undefined {
  if (importing.test(name)) return 'import'
  return /^exporting (?:cache to \S+|to GitHub Actions Cache)/.test(name) ? 'export' : undefined
}

/** Errors for a cache that does not exist or may not be read. Many registries do not distinguish the two. */
const absent =
  /\bnot found\b|name unknown|manifest unknown|\b(?:denied|unauthorized|forbidden|insufficient_scope)\b|\b40[134]\b/i
const interrupted = /context cancell?ed|deadline exceeded|timed? ?out/i
/** Errors for a layer that the registry or GitHub has deleted. */
const missingBlob = /could not fetch content descriptor|\bblob (?:sha256:[0-9a-f]+ )?not found|\bActions Cache\b/i
/** A digest that is neither that of an image (`name@sha256:…`) nor the checksum of a file of `ADD`. */
const namesLayer = /^(?!.*digest mismatch).*(?<!@)\bsha256:[0-9a-f]+/i

const maxReasonLength = 200

/**
 * Shortens an error to one line. Queries are removed, since those of GitHub's cache contain a signature. The end is
 * kept, which names the cause.
 */
function shortened(error: string): string {
  const text = error
    .replace(/^ERROR: (?:failed to build: )?(?:failed to solve: )?/i, '')
    .replace(/\?[^\s"']*/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  return text.length <= maxReasonLength ? text : `…${text.slice(1 - maxReasonLength)}`
}
