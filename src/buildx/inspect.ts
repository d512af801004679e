import {TagboatError} from '../errors/error.ts'
import {formatPlatform, parsePlatform, samePlatform, type Platform} from '../oci/platform.ts'

/** How an image leaves a builder without a tag: by a push of BuildKit's own, as a directory for us to push, or not at all. */
export type Staging = 'push-by-digest' | 'oci-layout' | 'none'

/** One of the machines that a builder builds on. */
export interface BuilderNode {
  readonly name: string
  /** Address or context of its engine; `kubernetes:///…` for a pod. */
  readonly endpoint: string
  /** `running`, `inactive`, `stopped` and the like; empty: Buildx does not say. */
  readonly status: string
  /** What it can run, natively or emulated, in Buildx's order: those set by hand, then its own, the native one first. */
  readonly platforms: readonly Platform[]
  /** Those of `platforms` that were set by hand: what the node is for. */
  readonly fixed: readonly Platform[]
  /** Version of its BuildKit; undefined: it has not said. */
  readonly buildkit: string | undefined
}

/** A builder as `docker buildx inspect` shows it. */
export interface Builder {
  readonly name: string
  readonly driver: string
  /** What each of its nodes can do. */
  readonly staging: Staging
  /** The nodes without an error: the ones that Buildx builds with. */
  readonly nodes: readonly BuilderNode[]
  /** Platforms that some node can run, natively or emulated. Empty: the builder has not said yet. */
  readonly platforms: readonly Platform[]
  /** What is wrong with each node, when no node can build: Buildx ends with code 0 even then. Else empty. */
  readonly errors: readonly string[]
}

/**
 * The text of `docker buildx inspect`; there is no machine-readable form of it that says the platforms. Buildx builds
 * with the nodes that have no error; one that is not running yet says at most the platforms that were set by hand.
 */
export function parseBuilder(text: string): Builder {
  const [head = '', ...tail] = text.split(/^Nodes:\s*$/m)
  const nodes = tail.flatMap((part) => part.split(/^(?=Name:)/m)).filter((node) => node.startsWith('Name:'))
  const able = nodes.filter((node) => firstValue(node, 'Error') === undefined)
  const parsed = able.map(nodeOf)
  const isReady = parsed.every(({status}) => status === '' || status === 'running')
  return {
    name: firstValue(head, 'Name') ?? '',
    driver: firstValue(head, 'Driver') ?? '',
    staging: stagingOfBuilder(firstValue(head, 'Driver') ?? '', nodes),
    nodes: parsed,
    platforms: isReady ? parsed.flatMap(({platforms}) => platforms) : [],
    errors: able.length > 0 ? [] : [head, ...nodes].flatMap((part) => firstValue(part, 'Error') ?? []),
  }
}

function nodeOf(text: string): BuilderNode {
  const written = (firstValue(text, 'Platforms') ?? '').split(',').map((one) => one.trim())
  return {
    name: firstValue(text, 'Name') ?? '',
    endpoint: firstValue(text, 'Endpoint') ?? '',
    status: firstValue(text, 'Status') ?? '',
    platforms: platformsOf(written),
    fixed: platformsOf(written.filter((one) => one.endsWith('*'))),
    buildkit: firstValue(text, 'BuildKit version') ?? firstValue(text, 'Buildkit'),
  }
}

/** Drivers with a BuildKit of their own (https://docs.docker.com/build/builders/drivers/). */
const ownBuildKit: readonly string[] = ['docker-container', 'remote', 'kubernetes', 'cloud']
const containerdLabel = 'org.mobyproject.buildkit.worker.containerd.uuid'

/**
 * Buildx refuses push by digest for the docker driver, whose engine can export a layout only with the containerd image
 * store; every BuildKit may run on containerd, so that the label alone says nothing.
 */
function stagingOfBuilder(driver: string, nodes: readonly string[]): Staging {
  if (ownBuildKit.includes(driver)) return 'push-by-digest'
  const hasContainerd = nodes.some((node) =>
    node.split('\n').some((line) => line.trim().startsWith(`${containerdLabel}:`)),
  )
  return driver === 'docker' && hasContainerd ? 'oci-layout' : 'none'
}

/** What is to be known of a builder to say what it lacks. */
export type PlatformHolder = Pick<Builder, 'platforms'>

/** Platforms that no node of the builder can run. A builder that has not said what it can is given the benefit of the doubt. */
export function missingPlatforms({platforms}: PlatformHolder, asked: readonly Platform[]): readonly Platform[] {
  if (platforms.length === 0) return []
  return asked.filter((platform) => !platforms.some((known) => samePlatform(known, platform)))
}

/** In words, for messages: `linux/arm64, linux/s390x`. */
export function platformNames(platforms: readonly Platform[]): string {
  return platforms.map(formatPlatform).join(', ')
}

/**
 * @throws TagboatError `platform-missing` when no node of the builder can run one of the platforms. A builder that has
 * not said what it can is given the benefit of the doubt.
 */
export function requirePlatforms(builder: Builder, asked: readonly Platform[]): void {
  const missing = missingPlatforms(builder, asked)
  if (missing.length === 0) return
  throw new TagboatError('platform-missing', {
    message: `The builder "${builder.name}" cannot run ${platformNames(missing)}.`,
    evidence: [`platforms of the builder: ${platformNames(builder.platforms)}`],
  })
}

/** The indented lines below `Labels:` and `File#…` are the engine's own, and may have any name. */
function firstValue(text: string, name: string): string | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name}:`))
  return line?.slice(name.length + 1).trim()
}

/** `linux/amd64*`: the star marks a platform that was set by hand. */
function platformsOf(written: readonly string[]): readonly Platform[] {
  return written.flatMap((text) => parsePlatform(text.replace(/\*$/, '')) ?? [])
}
