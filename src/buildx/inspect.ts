import {formatPlatform, parsePlatform, samePlatform, type Platform} from '../oci/platform.ts'

/** Way to stage an image: BuildKit pushes it by digest, or it exports a layout that Tagboat pushes, or neither. */
export type Staging = 'push-by-digest' | 'oci-layout' | 'none'

/** Node of a builder: one of its BuildKit instances. */
export interface BuilderNode {
  readonly name: string
  /** Address or Docker context of its engine; `kubernetes:///…` for a pod. */
  readonly endpoint: string
  /** Status such as `running`, `inactive` or `stopped`; empty if Buildx does not report it. */
  readonly status: string
  /**
   * Platforms that it can run, natively or emulated, in the order of Buildx: configured ones, then its own, the native
   * one first.
   */
  readonly platforms: readonly Platform[]
  /** Platforms that were configured for the node (`--platform`). */
  readonly fixed: readonly Platform[]
  /** Version of its BuildKit; undefined if Buildx does not report it. */
  readonly buildkit: string | undefined
  /** Flags of its BuildKit daemon; undefined if Buildx does not report them. */
  readonly daemonFlags?: string | undefined
  /** Options of its driver, such as `network="host"`; undefined if Buildx does not report them. */
  readonly driverOptions?: string | undefined
  /** Text of its BuildKit configuration (TOML); undefined if Buildx does not report it. */
  readonly configuration?: string | undefined
}

/** Builder as `docker buildx inspect` describes it. */
export interface Builder {
  readonly name: string
  readonly driver: string
  /** Way to stage an image that all of its nodes support. */
  readonly staging: Staging
  /** Whether Buildx can connect to its BuildKit (`docker buildx dial-stdio`). */
  readonly dials: boolean
  /** Nodes without an error: those that Buildx uses. */
  readonly nodes: readonly BuilderNode[]
  /** Platforms that some node can run, natively or emulated; empty while they are unknown. */
  readonly platforms: readonly Platform[]
  /** Errors of the nodes, if no node can build: Buildx ends with code 0 even then. Otherwise empty. */
  readonly errors: readonly string[]
}

/**
 * Parses the text of `docker buildx inspect`, which has no machine-readable form with the platforms. Buildx uses the
 * nodes without an error; a node that is not running yet lists at most its configured platforms.
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
    dials: able.some((node) => firstValue(node, newerVersionName) !== undefined),
    nodes: parsed,
    platforms: isReady ? parsed.flatMap(({platforms}) => platforms) : [],
    errors: able.length > 0 ? [] : [head, ...nodes].flatMap((part) => firstValue(part, 'Error') ?? []),
  }
}

/** Name of the version since Buildx 0.13, the first with `dial-stdio` (buildx, commands/inspect.go). Before: `Buildkit`. */
const newerVersionName = 'BuildKit version'

function nodeOf(text: string): BuilderNode {
  const written = (firstValue(text, 'Platforms') ?? '').split(',').map((one) => one.trim())
  return {
    name: firstValue(text, 'Name') ?? '',
    endpoint: firstValue(text, 'Endpoint') ?? '',
    status: firstValue(text, 'Status') ?? '',
    platforms: platformsOf(written),
    fixed: platformsOf(written.filter((one) => one.endsWith('*'))),
    buildkit: firstValue(text, newerVersionName) ?? firstValue(text, 'Buildkit'),
    daemonFlags: firstValue(text, 'BuildKit daemon flags') ?? firstValue(text, 'Flags'),
    driverOptions: firstValue(text, 'Driver Options'),
    configuration: fileOf(text, 'buildkitd.toml'),
  }
}

/** Drivers that run a BuildKit instead of that of the engine (https://docs.docker.com/build/builders/drivers/). */
const ownBuildKit: readonly string[] = ['docker-container', 'remote', 'kubernetes', 'cloud']
const containerdLabel = 'org.mobyproject.buildkit.worker.containerd.uuid'

/**
 * Way to stage an image with this driver. Buildx refuses a push by digest with the docker driver, whose engine can
 * export a layout only with the containerd image store. The label alone is not enough: any BuildKit may run on
 * containerd.
 */
function stagingOfBuilder(driver: string, nodes: readonly string[]): Staging {
  if (ownBuildKit.includes(driver)) return 'push-by-digest'
  const hasContainerd = nodes.some((node) =>
    node.split('\n').some((line) => line.trim().startsWith(`${containerdLabel}:`)),
  )
  return driver === 'docker' ? stagingOfEngine(hasContainerd) : 'none'
}

function stagingOfEngine(hasContainerd: boolean): Staging {
  return hasContainerd ? 'oci-layout' : 'none'
}

/** Own builder of an engine, by what the worker of its BuildKit reports. It has the name of the Docker context. */
export function builderOfEngine(
  name: string,
  {
    labels,
    platforms,
    version,
  }: {
    readonly labels: ReadonlyMap<string, string>
    readonly platforms: readonly string[]
    readonly version: string
  },
): Builder {
  const known = [...new Map(platformsOf(platforms).map((one) => [formatPlatform(one), one])).values()]
  const node = {name, endpoint: name, status: 'running', platforms: known, fixed: [], buildkit: version}
  const staging = stagingOfEngine(labels.has(containerdLabel))
  return {name, driver: 'docker', staging, dials: true, nodes: [node], platforms: known, errors: []}
}

/** Anything with a list of platforms. */
export type PlatformHolder = Pick<Builder, 'platforms'>

/** Platforms that no node of the builder can run; none while the platforms of the builder are unknown. */
export function missingPlatforms({platforms}: PlatformHolder, asked: readonly Platform[]): readonly Platform[] {
  if (platforms.length === 0) return []
  return asked.filter((platform) => !platforms.some((known) => samePlatform(known, platform)))
}

/** Platforms as a list for messages: `linux/arm64, linux/s390x`. */
export function platformNames(platforms: readonly Platform[]): string {
  return platforms.map(formatPlatform).join(', ')
}

/** Lines of the description without the indented ones below `Labels:` and `File#…`, which may have any name. */
function firstValue(text: string, name: string): string | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name}:`))
  return line?.slice(name.length + 1).trim()
}

/** Text of a file of the node, whose lines Buildx prints after ` > `. */
function fileOf(text: string, name: string): string | undefined {
  const lines = text.split('\n')
  const start = lines.indexOf(`File#${name}:`) + 1
  if (start === 0) return undefined
  const end = lines.findIndex((line, index) => index >= start && !line.startsWith(' >'))
  const file = lines.slice(start, end === -1 ? undefined : end)
  return file.map((line) => line.replace(/^ > ?/, '')).join('\n')
}

/** Platforms of a node; a star marks a configured one: `linux/amd64*`. */
function platformsOf(written: readonly string[]): readonly Platform[] {
  return written.flatMap((text) => parsePlatform(text.replace(/\*$/, '')) ?? [])
}
