import type {BuildRequest} from '../../buildx/arguments.ts'
import {TextLines} from '../../buildx/progress/text-lines.ts'
import {TagboatError} from '../../errors/error.ts'
import {formatPlatform} from '../../oci/platform.ts'
import {endedBy, type BuildResult} from '../build.ts'
import type {CacheIo} from '../cache/cached-build.ts'
import {cachedBuild} from '../cache/caches.ts'
import type {Share} from './distribute-platforms.ts'

/** One node's part of a build. */
export interface NodeBuild {
  readonly share: Share
  readonly request: BuildRequest
  readonly env: Readonly<Record<string, string>>
}

/** Takes what one of several builds prints, in any pieces, so that it can be told from the others. */
interface PartOutput {
  take(chunk: string): void
  end(): void
}

/**
 * Runs the builds at the same time. Where there are several, each line says whose it is. When one fails the others are ended
 * at once, with all that they started, and its error is the one that is thrown.
 * @throws TagboatError as `build` does, with the node among its evidence.
 */
export async function buildOnNodes(
  builds: readonly NodeBuild[],
  write: (text: string) => void,
  io: CacheIo,
): Promise<readonly BuildResult[]> {
  const ending = new AbortController()
  const processes = endedBy(io.processes, ending.signal)
  const results = await Promise.allSettled(
    builds.map(async ({share, request, env}) => {
      const output = builds.length > 1 ? prefixedLines(share, write) : plainOutput(write)
      try {
        return await cachedBuild(
          request,
          env,
          (chunk) => {
            output.take(chunk)
          },
          {...io, processes},
        )
      } catch (error) {
        // The first reason stays: what the others throw as they end comes later.
        ending.abort(onNode(error, share))
        throw error
      } finally {
        output.end()
      }
    }),
  )
  ending.signal.throwIfAborted()
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

/** Whole lines, each with the platforms of its build in front. */
export function prefixedLines({platforms}: Share, write: (text: string) => void): PartOutput {
  const prefix = `[${platforms.map(formatPlatform).join(', ')}] `
  const unended = new TextLines()
  const show = (lines: readonly string[]): void => {
    if (lines.length > 0) write(lines.map((line) => (line === '' ? '\n' : `${prefix}${line}\n`)).join(''))
  }
  return {
    take(chunk) {
      show(unended.take(chunk))
    },
    end() {
      show(unended.end())
    },
  }
}

function plainOutput(write: (text: string) => void): PartOutput {
  return {take: write, end: () => undefined}
}

function onNode(error: unknown, {node, platforms}: Share): unknown {
  if (!(error instanceof TagboatError) || error.code === 'cancelled') return error
  const {code, message, evidence, remedy, place} = error
  const where = `on the node "${node.name}" (${node.endpoint}), for ${platforms.map(formatPlatform).join(', ')}`
  return new TagboatError(code, {message, evidence: [...evidence, where], remedy, ...(place && {place}), cause: error})
}
