import {inspectFailure} from '../buildx/failure.ts'
import {parseBuilder, type Builder} from '../buildx/inspect.ts'
import type {Processes} from '../io/process.ts'

/**
 * Asks a builder what it can; without a name, the current one. With `boots`, nodes that are not running are started first.
 * @throws TagboatError when there is no Docker, Buildx, engine or builder.
 */
export async function inspectBuilder(
  name: string | undefined,
  env: Readonly<Record<string, string>>,
  {processes}: {readonly processes: Processes},
  boots = false,
): Promise<Builder> {
  const args = ['buildx', 'inspect', ...(boots ? ['--bootstrap'] : []), ...(name === undefined ? [] : [name])]
  const command = {file: 'docker', args, env}
  // Streamed where an image may be pulled: a cancelled run ends it.
  const result = await (boots ? processes.stream(command, () => undefined) : processes.capture(command))
  const builder = parseBuilder(result.stdout)
  if (result.exitCode !== 0 || builder.errors.length > 0) throw inspectFailure(result, builder.errors, name)
  return builder
}
