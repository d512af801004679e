import type {BuilderNode} from '../../buildx/inspect.ts'
import {formatPlatform, samePlatform, type Platform} from '../../oci/platform.ts'

/** What one node builds: in one build, however many platforms it is. */
export interface Share {
  readonly node: BuilderNode
  readonly platforms: readonly Platform[]
}

interface Distribution {
  /** In order of the nodes; none is empty. */
  readonly shares: readonly Share[]
  /** Platforms that no node says it can run. */
  readonly unplaced: readonly Platform[]
}

/**
 * Gives each platform to one node: to the one for which it was set by hand, else to one that runs it natively, else to one
 * whose processor is of the same family, else to one that emulates it; of several equals to the first, as Buildx has it.
 * Buildx takes the first node that lists a platform, natively or not, unless platforms were set by hand
 * (https://docs.docker.com/build/building/multi-platform/#multiple-native-nodes). Like Buildx, the first node gets the
 * platforms that no node can run: it can still cross-compile for them.
 */
export function distribute(nodes: readonly BuilderNode[], asked: readonly Platform[]): Distribution {
  const distinct = asked.filter((platform, index) => asked.findIndex((one) => samePlatform(one, platform)) === index)
  const placed = distinct.map((platform) => ({platform, node: bestNode(nodes, platform)}))
  const shares = nodes.map((node) => ({
    node,
    platforms: placed.flatMap((one) => ((one.node ?? nodes[0]) === node ? [one.platform] : [])),
  }))
  return {
    shares: shares.filter(({platforms}) => platforms.length > 0),
    unplaced: placed.flatMap(({platform, node}) => (node === undefined ? [platform] : [])),
  }
}

/** `linux/amd64 → big0; linux/arm64, linux/arm/v7 → big1` */
export function formatShares(shares: readonly Share[]): string {
  return shares.map(({node, platforms}) => `${platforms.map(formatPlatform).join(', ')} → ${node.name}`).join('; ')
}

function bestNode(nodes: readonly BuilderNode[], platform: Platform): BuilderNode | undefined {
  const ranked = nodes.map((node) => ({node, rank: rankOf(node, platform)}))
  const best = Math.min(...ranked.map(({rank}) => rank))
  return best === Infinity ? undefined : ranked.find(({rank}) => rank === best)?.node
}

/** The smaller the better; Infinity: the node cannot. */
function rankOf(node: BuilderNode, platform: Platform): number {
  const lists = (known: readonly Platform[]): boolean => known.some((one) => samePlatform(one, platform))
  if (lists(node.fixed)) return 0
  if (!lists(node.platforms)) return Infinity
  const native = nativeOf(node)
  if (native.some((one) => samePlatform(one, platform))) return 1
  return native.some((one) => isKin(one, platform)) ? 2 : 3
}

/**
 * A worker lists its own platform first (moby/buildkit, util/archutil). Where platforms were set by hand they stand before
 * it, and take it out of its place: they say what the node is for.
 */
function nativeOf({fixed, platforms}: BuilderNode): readonly Platform[] {
  return fixed.length > 0 ? fixed : platforms.slice(0, 1)
}

/** What a processor of one of these architectures may run of the others without an emulator. */
const families = [
  ['amd64', '386'],
  ['arm64', 'arm'],
  ['ppc64le', 'ppc64'],
]

function isKin(one: Platform, other: Platform): boolean {
  if (one.os !== other.os) return false
  if (one.architecture === other.architecture) return true
  return families.some((family) => family.includes(one.architecture) && family.includes(other.architecture))
}
