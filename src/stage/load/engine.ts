import type {Processes} from '../../io/process.ts'
import {deniedEngine, deniedEngineRemedy} from '../../errors/engine-access.ts'
import {TagboatError} from '../../errors/error.ts'
import {parseJson} from '../../oci/manifest.ts'
import {parsePlatform, type Platform} from '../../oci/platform.ts'

/** The engine of the Docker CLI, as far as it keeps images. */
export interface Engine {
  /** Its containerd image store keeps indexes and all platforms; the older store keeps one platform, and no digest of a manifest. */
  readonly hasContainerdStore: boolean
  /** The engine's own; undefined when it does not say. */
  readonly platform: Platform | undefined
}

/** @throws TagboatError `engine-unreachable`, `docker-missing` or `cancelled`. */
export async function askEngine(env: Readonly<Record<string, string>>, processes: Processes): Promise<Engine> {
  const args = ['info', '--format', '{{json .DriverStatus}}\n{{.OSType}}/{{.Architecture}}']
  const {exitCode, stdout, stderr} = await processes.capture({file: 'docker', args, env})
  const engine = parseEngine(stdout)
  if (exitCode !== 0 || engine === undefined) {
    const evidence = stderr.split('\n').filter((line) => line.trim() !== '')
    throw new TagboatError('engine-unreachable', {
      message: 'The Docker engine, into which `load` puts the image, does not answer.',
      evidence,
      ...(deniedEngine.test(stderr) && {remedy: deniedEngineRemedy}),
    })
  }
  return engine
}

/**
 * Two lines: what the storage driver says of itself, and the platform. With the containerd image store the driver's type
 * is a plugin of containerd (https://docs.docker.com/engine/storage/containerd/); a driver may say nothing. Undefined where
 * there is no engine: the CLI may end with code 0 and a platform without names.
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
