import type {BuildRequest} from '../../buildx/arguments.ts'
import {TextLines} from '../../buildx/progress/text-lines.ts'
import {TagboatError} from '../../errors/error.ts'
import {formatPlatform} from '../../oci/platform.ts'
import {withSignal, type BuildResult} from '../build.ts'
import type {CacheIo} from '../cache/cached-build.ts'
import {cachedBuild} from '../cache/caches.ts'
import type {NodeAssignment} from './distribute.ts'

/** Build of one node. */
export interface NodeBuild {
  readonly assignment: NodeAssignment
  readonly request: BuildRequest
  readonly env: Readonly<Record<string, string>>
}

/** Writer for the output of one of several builds. Chunks may end within a line. */
interface BuildWriter {
  take(chunk: string): void
  end(): void
}

/**
 * Runs builds concurrently. If there are several, each line of output has a prefix with the platforms. When one build
 * fails, the others and their child processes are stopped, and its error is thrown.
 * @throws TagboatError of `build`, with the node in its evidence.
 */
export async function buildConcurrently(
  builds: readonly NodeBuild[],
  write: (text: string) => void,
  io: CacheIo,
): Promise<readonly BuildResult[]> {
  const failure = new AbortController()
  const processes = withSignal(io.processes, failure.signal)
  const results = await Promise.allSettled(
    builds.map(async ({assignment, request, env}) => {
      const output = builds.length > 1 ? prefixedLines(assignment, write) : plainOutput(write)
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
        // Only the first reason has an effect: errors of the stopped builds are ignored.
        failure.abort(onNode(error, assignment))
        throw error
      } finally {
        output.end()
      }
    }),
  )
  failure.signal.throwIfAborted()
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

/** Writes whole lines with the platforms of the build as a prefix. */
export function prefixedLines({platforms}: NodeAssignment, write: (text: string) => void): BuildWriter {
  const prefix = `[${platforms.map(formatPlatform).join(', ')}] `
  const partialLine = new TextLines()
  const writeLines = (lines: readonly string[]): void => {
    if (lines.length > 0) write(lines.map((line) => (line === '' ? '\n' : `${prefix}${line}\n`)).join(''))
  }
  return {
    take(chunk) {
      writeLines(partialLine.take(chunk))
    },
    end() {
      writeLines(partialLine.end())
    },
  }
}

function plainOutput(write: (text: string) => void): BuildWriter {
  return {take: write, end: () => undefined}
}

function onNode(error: unknown, {node, platforms}: NodeAssignment): unknown {
  if (!(error instanceof TagboatError) || error.code === 'cancelled') return error
  const {code, message, evidence, remedy, place} = error
  const where = `on the node "${node.name}" (${node.endpoint}), for ${platforms.map(formatPlatform).join(', ')}`
  return new TagboatError(code, {message, evidence: [...evidence, where], remedy, ...(place && {place}), cause: error})
}
