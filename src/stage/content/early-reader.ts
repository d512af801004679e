import {ContentUnavailable} from '../../buildkit/content-source.ts'
import {isDigest, type Digest} from '../../oci/digest.ts'

/** Reader of the image of a build that has not ended yet. */
interface EarlyReader<T> {
  /** Takes the progress of the build, in chunks of any size. */
  readonly take: (chunk: string) => void
  /** Returns the image with this digest, after its use, when the build has ended. @throws ContentUnavailable */
  read(digest: Digest): Promise<T>
  /** Waits until nothing is read or used any more. */
  settle(): Promise<void>
}

interface EarlyReads<T> {
  readonly read: (digest: Digest) => Promise<T>
  /** Uses an image as soon as it is read: the one that the progress names, and another one if that was not the image. */
  readonly use: (image: T) => Promise<void>
  readonly pause: () => Promise<void>
}

/**
 * Reads an index as soon as the progress of the build names it. BuildKit protects new content from its garbage
 * collection until the build has ended; afterwards the attestations, to which nothing else refers, may be gone.
 */
export function earlyReader<T>({read, use, pause}: EarlyReads<T>): EarlyReader<T> {
  let text = ''
  let started: {readonly digest: string; readonly result: Promise<T>} | undefined
  let hasEnded = false
  /** Repeats the read while the content is not written yet. */
  const readEarly = async (digest: Digest): Promise<T> => {
    for (;;) {
      // Only an attempt that began after the end proves that the content is missing.
      const isLast = hasEnded
      try {
        return await read(digest)
      } catch (error) {
        if (isLast || !(error instanceof ContentUnavailable && error.isMissing)) throw error
        await pause()
      }
    }
  }
  const used = async (reading: Promise<T>): Promise<T> => {
    const image = await reading
    await use(image)
    return image
  }
  const settle = async (): Promise<void> => {
    hasEnded = true
    await Promise.allSettled([started?.result])
  }
  return {
    take(chunk) {
      if (started !== undefined) return
      text = (text + chunk).slice(-(chunk.length + longestName))
      const digest = exportedIndex(text)
      if (digest === undefined) return
      const result = used(readEarly(digest))
      // The caller may not ask for it.
      result.catch(() => undefined)
      started = {digest, result}
    },
    async read(digest) {
      hasEnded = true
      if (started?.digest === digest) return started.result
      await settle()
      return used(read(digest))
    },
    settle,
  }
}

const indexName = /exporting manifest list (sha256:[0-9a-f]{64})/
const longestName = 100

function exportedIndex(text: string): Digest | undefined {
  const digest = indexName.exec(text)?.[1] ?? ''
  return isDigest(digest) ? digest : undefined
}
