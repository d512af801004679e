import {parse} from 'smol-toml'
import type {Builder, BuilderNode} from '../../buildx/inspect.ts'
import {TagboatError} from '../../errors/error.ts'
import {field} from '../../oci/manifest.ts'
import {parsePlatform, type Platform} from '../../oci/platform.ts'
import type {Run} from '../creation-settings.ts'
import {contextOf, engineOptions} from '../docker-context.ts'
import {inspectBuilder} from '../inspect-builder.ts'

/**
 * Platforms that the BuildKit configuration of a node sets; empty if it sets none. A build without platforms is for the
 * first one (https://docs.docker.com/build/buildkit/toml-configuration/).
 */
export function configuredPlatforms({configuration = ''}: Pick<BuilderNode, 'configuration'>): readonly Platform[] {
  const worker = field(parsed(configuration), 'worker')
  const lists = ['oci', 'containerd'].map((name) => field(field(worker, name), 'platforms'))
  const list = lists.find((value): value is readonly unknown[] => Array.isArray(value)) ?? []
  return list.flatMap((text) => (typeof text === 'string' ? (parsePlatform(text) ?? []) : []))
}

/** Parsed TOML. Undefined for an invalid text, which BuildKit does not accept. */
function parsed(text: string): unknown {
  try {
    return parse(text, {integersAsBigInt: 'asNeeded'})
  } catch {
    return undefined
  }
}

/**
 * Builder with the platforms that its machine runs. BuildKit lists configured platforms whether or not the machine runs
 * them; the engine of the machine, which has the same kernel, lists only those that run. If the engine is not known, the
 * builder is unchanged.
 */
export async function withoutConfigured(
  builder: Builder,
  configured: readonly Platform[],
  {dockerConfig, io}: Pick<Run, 'dockerConfig' | 'io'>,
): Promise<Builder> {
  const {env} = dockerConfig
  const context = contextOf(dockerConfig)
  const isHere = builder.nodes.every(({endpoint}) => engineOptions(endpoint, context, env).length === 0)
  if (configured.length === 0 || builder.driver !== 'docker-container' || !isHere) return builder
  try {
    const {platforms} = await inspectBuilder(context, env, io)
    return platforms.length === 0 ? builder : {...builder, platforms}
  } catch (error) {
    if (!(error instanceof TagboatError) || io.signal.aborted) throw error
    return builder
  }
}
