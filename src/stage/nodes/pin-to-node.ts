import path from 'node:path'
import type {BuilderNode} from '../../buildx/inspect.ts'
import type {Files} from '../../io/files.ts'
import {field, parseJson} from '../../oci/manifest.ts'

interface PinRequest {
  /** Name of the builder. */
  readonly builder: string
  readonly node: Pick<BuilderNode, 'name'>
  /** Private directory of the build, which may not exist yet. */
  readonly directory: string
  /** Environment of the build. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * Returns the environment of a build that sees only one node of its builder. Buildx has no flag for a node: it chooses
 * the first that lists a platform, natively or not. It keeps a builder as one JSON file in its configuration directory,
 * `instances/NAME`; the build gets a copy with one node. If the file has another format, Buildx chooses the node: each
 * platform is still built once.
 */
export async function pinToNode(
  {builder, node, directory, env}: PinRequest,
  files: Pick<Files, 'read' | 'writePrivate' | 'makePrivateDirectory'>,
): Promise<Readonly<Record<string, string>>> {
  const original = buildxDirectory(env)
  const [instance, identity] = await Promise.all(
    [path.join('instances', builder), nodeIdentity].map(async (name) => files.read(path.join(original, name))),
  )
  const pinned = instance === undefined ? undefined : withOnlyNode(instance, node.name)
  if (pinned === undefined) return env
  await files.makePrivateDirectory(path.join(directory, 'instances'))
  await files.writePrivate(path.join(directory, 'instances', builder), pinned)
  if (identity !== undefined) await files.writePrivate(path.join(directory, nodeIdentity), identity)
  return {...env, BUILDX_CONFIG: directory}
}

/** Identity by which BuildKit recognises a local build context, so that only changes are sent. */
export const nodeIdentity = '.buildNodeID'

/** Configuration directory of Buildx: https://docs.docker.com/build/building/variables/#buildx_config */
export function buildxDirectory(env: Readonly<Record<string, string>>): string {
  const configured = env['BUILDX_CONFIG'] ?? ''
  return configured === '' ? path.join(env['DOCKER_CONFIG'] ?? '', 'buildx') : configured
}

/** Returns the file of a builder with only one of its nodes; undefined if it has no such node. */
export function withOnlyNode(text: string, name: string): string | undefined {
  const instance = parseJson(Buffer.from(text))
  const nodes = field(instance, 'Nodes')
  if (typeof instance !== 'object' || instance === null || !Array.isArray(nodes)) return undefined
  const kept = nodes.filter((node) => field(node, 'Name') === name)
  return kept.length === 1 ? JSON.stringify({...instance, Nodes: kept}) : undefined
}
