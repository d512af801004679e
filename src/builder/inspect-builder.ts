import {parseBuilder, type Builder} from '../buildx/inspect.ts'
import type {Processes} from '../io/process.ts'

/**
 * Reads the features of a builder; without a name, of the current one. With `boots`, stopped nodes are started first.
 * @throws TagboatError when Docker, Buildx, the engine or the builder is missing.
 */
export async function inspectBuilder(
  name: string | undefined,
  env: Readonly<Record<string, string>>,
  {processes}: {readonly processes: Processes},
  boots = false,
): Promise<Builder> {
  const args = ['buildx', 'inspect', ...(boots ? ['--bootstrap'] : []), ...(name === undefined ? [] : [name])]
  const command = {file: 'docker', args, env}
  // Streamed, since it may pull an image, so that cancellation stops it.
  const result = await (boots ? processes.stream(command, () => undefined) : processes.capture(command))
  const builder = parseBuilder(result.stdout)
  if (result.exitCode === 0 && builder.errors.length === 0 && builder.driver !== 'podman') return builder
  const {inspectFailure} = await import('../buildx/failure.ts')
  const errors = builder.driver === 'podman' ? ['Emulate Docker CLI using podman'] : builder.errors
  throw inspectFailure(result, errors, name)
}
