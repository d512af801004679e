import type {Processes} from '../../io/process.ts'
import {deniedEngine, deniedEngineRemedy} from '../../errors/engine-access.ts'
import {TagboatError} from '../../errors/error.ts'
import {parseJson} from '../../oci/manifest.ts'
import {parsePlatform, type Platform} from '../../oci/platform.ts'

/** Image store of the Docker engine. */
export interface Engine {
  /** The containerd image store keeps indexes and all platforms. The older store keeps one platform without the digest. */
  readonly hasContainerdStore: boolean
  /** Platform of the engine; undefined if it does not report it. */
  readonly platform: Platform | undefined
}

/**
 * Queries the Docker engine.
 * @throws TagboatError `engine-unreachable`, `docker-missing`, `cancelled`
 */
export async function inspectEngine(env: Readonly<Record<string, string>>, processes: Processes): Promise<Engine> {
  const args = ['info', '--format', '{{json .DriverStatus}}\n{{.OSType}}/{{.Architecture}}']
  const {exitCode, stdout, stderr} = await processes.capture({file: 'docker', args, env})
  const engine = parseEngine(stdout)
  if (exitCode !== 0 || engine === undefined) {
    const evidence = stderr.split('\n').filter((line) => line.trim() !== '')
    throw new TagboatError('engine-unreachable', {
      message: 'The Docker engine that `load` loads the image into does not respond.',
      evidence,
      ...(deniedEngine.test(stderr) && {remedy: deniedEngineRemedy}),
    })
  }
  return engine
}

/**
 * Parses the status of the storage driver, which may be empty, and the platform, one per line. With the containerd image
 * store the driver type is a containerd plugin (https://docs.docker.com/engine/storage/containerd/). Returns undefined
 * without an engine: the CLI may exit with code 0 and an empty platform.
 */
export function parseEngine(text: string): Engine | undefined {
  const [status = '', platform = ''] = text.trim().split('\n')
  if (platform === '' || platform.startsWith('/')) return undefined
  const pairs = parseJson(Buffer.from(status))
  const isContainerd =
    Array.isArray(pairs) && pairs.some((pair) => Array.isArray(pair) && pair[0] === 'driver-type' && isPlugin(pair[1]))
  return {hasContainerdStore: isContainerd, platform: parsePlatform(platform)}
}

function isPlugin(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('io.containerd.snapshotter.')
}
