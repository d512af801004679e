import type {Io} from '../../io/io.ts'
import {blobsAtOnce} from '../../registry/images/send.ts'
import {forEachBounded} from '../../registry/limit.ts'
import {storedLine} from '../../run/transfer-lines.ts'
import type {Lack} from './few-bytes.ts'

/** Time between two lines about a registry. */
const intervalMs = 10_000

/**
 * Logs every ten seconds, for each registry, how many of the layers that a builder pushes it has. BuildKit reports only
 * the start and the end of a push (buildkit, util/push/push.go), so the registry is asked for the layers that it lacked.
 * Returns a function that ends this.
 */
export function watchLayers(
  lacks: readonly Lack[],
  {workflow, every, now}: Pick<Io, 'workflow' | 'every' | 'now'>,
): () => void {
  const startedMs = now().getTime()
  const elapsedMs = (): number => now().getTime() - startedMs
  const registries = lacks.map((lack) => new WatchedRegistry(lack, elapsedMs))
  let isOver = false
  const stop = every(intervalMs, () => {
    for (const registry of registries) {
      void registry.line().then((line) => {
        if (line !== undefined && !isOver) workflow.info(line)
      })
    }
  })
  return () => {
    isOver = true
    stop()
  }
}

class WatchedRegistry {
  readonly #lack: Lack
  readonly #elapsedMs: () => number
  readonly #storedAfterMs = new Map<string, number>()
  #isAsked = false

  constructor(lack: Lack, elapsedMs: () => number) {
    this.#lack = lack
    this.#elapsedMs = elapsedMs
  }

  /** Line about the layers. Undefined if the registry does not answer, which the log of its requests shows. */
  async line(): Promise<string | undefined> {
    if (this.#isAsked) return undefined
    this.#isAsked = true
    try {
      const {client, layers} = this.#lack
      await this.#ask()
      const known = layers.map(({digest, sizeBytes}) => ({sizeBytes, storedAfterMs: this.#storedAfterMs.get(digest)}))
      return storedLine(client.repository.host, known, this.#elapsedMs())
    } catch {
      // The push itself shows why the registry fails.
      return undefined
    } finally {
      this.#isAsked = false
    }
  }

  async #ask(): Promise<void> {
    const {client, layers} = this.#lack
    const missing = layers.filter(({digest}) => !this.#storedAfterMs.has(digest))
    await forEachBounded(missing, blobsAtOnce, async (layer) => {
      if (await client.hasBlob(layer)) this.#storedAfterMs.set(layer.digest, this.#elapsedMs())
    })
  }
}
