import type {BuilderNode} from '../../buildx/inspect.ts'
import {formatPlatform, samePlatform, type Platform} from '../../oci/platform.ts'

/** Platforms that one node builds, in one build. */
export interface NodeAssignment {
  readonly node: BuilderNode
  readonly platforms: readonly Platform[]
}

interface Distribution {
  /** Assignments in the order of the nodes. Each has at least one platform. */
  readonly assignments: readonly NodeAssignment[]
  /** Platforms that no node supports. */
  readonly unsupported: readonly Platform[]
}

/**
 * Assigns each platform to one node: a node for which it was set explicitly, else a node that runs it natively, else a
 * node with a processor of the same family, else a node that emulates it. Among equal nodes the first one is chosen.
 * Buildx chooses the first node that lists a platform, natively or not, unless platforms were set explicitly
 * (https://docs.docker.com/build/building/multi-platform/#multiple-native-nodes). As with Buildx, the first node gets the
 * platforms that no node supports: it can cross-compile for them.
 */
export function distribute(nodes: readonly BuilderNode[], requested: readonly Platform[]): Distribution {
  const distinct = requested.filter(
    (platform, index) => requested.findIndex((other) => samePlatform(other, platform)) === index,
  )
  const matched = distinct.map((platform) => ({platform, node: bestNode(nodes, platform)}))
  const assignments = nodes.map((node) => ({
    node,
    platforms: matched.flatMap((one) => ((one.node ?? nodes[0]) === node ? [one.platform] : [])),
  }))
  return {
    assignments: assignments.filter(({platforms}) => platforms.length > 0),
    unsupported: matched.flatMap(({platform, node}) => (node === undefined ? [platform] : [])),
  }
}

/** Formats assignments: `linux/amd64 → big0; linux/arm64, linux/arm/v7 → big1` */
export function formatAssignments(assignments: readonly NodeAssignment[]): string {
  return assignments.map(({node, platforms}) => `${platforms.map(formatPlatform).join(', ')} → ${node.name}`).join('; ')
}

function bestNode(nodes: readonly BuilderNode[], platform: Platform): BuilderNode | undefined {
  const ranked = nodes.map((node) => ({node, rank: rankOf(node, platform)}))
  const best = Math.min(...ranked.map(({rank}) => rank))
  return best === Infinity ? undefined : ranked.find(({rank}) => rank === best)?.node
}

/** Rank of a node for a platform: smaller is better, Infinity if the node does not support it. */
function rankOf(node: BuilderNode, platform: Platform): number {
  const lists = (known: readonly Platform[]): boolean => known.some((one) => samePlatform(one, platform))
  if (lists(node.fixed)) return 0
  if (!lists(node.platforms)) return Infinity
  const native = nativeOf(node)
  if (native.some((one) => samePlatform(one, platform))) return 1
  return native.some((one) => isSameFamily(one, platform)) ? 2 : 3
}

/**
 * Native platforms of a node. A worker lists its native platform first (moby/buildkit, util/archutil). Platforms that
 * were set explicitly precede it and define what the node is for.
 */
function nativeOf({fixed, platforms}: BuilderNode): readonly Platform[] {
  return fixed.length > 0 ? fixed : platforms.slice(0, 1)
}

/** Architectures whose processors may run each other's programs without an emulator. */
const families = [
  ['amd64', '386'],
  ['arm64', 'arm'],
  ['ppc64le', 'ppc64'],
]

function isSameFamily(one: Platform, other: Platform): boolean {
  if (one.os !== other.os) return false
  if (one.architecture === other.architecture) return true
  return families.some((family) => family.includes(one.architecture) && family.includes(other.architecture))
}
