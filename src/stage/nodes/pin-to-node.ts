import path from 'node:path'
import type {BuilderNode} from '../../buildx/inspect.ts'
import type {Files} from '../../io/files.ts'
import {field, parseJson} from '../../oci/manifest.ts'

interface PinRequest {
  /** Name of the builder. */
  readonly builder: string
  readonly node: Pick<BuilderNode, 'name'>
  /** A directory of this run's own, which need not exist yet. */
  readonly directory: string
  /** Of the build. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * The environment of a build that knows no other node of its builder. Buildx has no flag for a node: it takes the first that
 * lists a platform, natively or not, and connects to all where it has to ask. What it keeps of a builder is one JSON file
 * below its configuration directory, `instances/NAME`; a copy with the one node is all that this build sees. Where that
 * file is not what it was, Buildx chooses: each platform is still built once.
 */
export async function pinToNode(
  {builder, node, directory, env}: PinRequest,
  files: Pick<Files, 'read' | 'writePrivate' | 'makePrivateDirectory'>,
): Promise<Readonly<Record<string, string>>> {
  const original = buildxDirectory(env)
  const [instance, identity] = await Promise.all(
    [path.join('instances', builder), nodeIdentity].map(async (name) => files.read(path.join(original, name))),
  )
  const pinned = instance === undefined ? undefined : withNodeAlone(instance, node.name)
  if (pinned === undefined) return env
  await files.makePrivateDirectory(path.join(directory, 'instances'))
  await files.writePrivate(path.join(directory, 'instances', builder), pinned)
  if (identity !== undefined) await files.writePrivate(path.join(directory, nodeIdentity), identity)
  return {...env, BUILDX_CONFIG: directory}
}

/** By this BuildKit knows a machine's build contexts again, and takes only what has changed of them. */
const nodeIdentity = '.buildNodeID'

/** https://docs.docker.com/build/building/variables/#buildx_config */
function buildxDirectory(env: Readonly<Record<string, string>>): string {
  const set = env['BUILDX_CONFIG'] ?? ''
  return set === '' ? path.join(env['DOCKER_CONFIG'] ?? '', 'buildx') : set
}

/** A builder's file with one of its nodes; undefined when it has no such node. */
export function withNodeAlone(text: string, name: string): string | undefined {
  const instance = parseJson(Buffer.from(text))
  const nodes = field(instance, 'Nodes')
  if (typeof instance !== 'object' || instance === null || !Array.isArray(nodes)) return undefined
  const kept = nodes.filter((node) => field(node, 'Name') === name)
  return kept.length === 1 ? JSON.stringify({...instance, Nodes: kept}) : undefined
}
