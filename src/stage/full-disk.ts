import {TagboatError} from '../errors/error.ts'
import {formatBytes} from '../oci/byte-size.ts'
import {temporaryPath} from '../run/temporary-path.ts'
import {isThisMachine} from '../run/this-machine.ts'
import type {BuildSession} from './build-session.ts'

/** Disk that is full: of the temporary directory of the runner, of the engine, or of a builder elsewhere. */
type FullDisk = 'temporary' | 'engine' | 'builder'

/** Finds the full disk by the error of a build and the driver of its builder. */
export function fullDisk(lines: readonly string[], driver: string | undefined): FullDisk {
  if (lines.some((line) => /\btagboat-layout\b.*no space left on device/i.test(line))) return 'temporary'
  return driver === undefined || driver.startsWith('docker') ? 'engine' : 'builder'
}

/** Place of a full disk, for the message. */
interface DiskPlace {
  readonly builder: string
  /** Directory on the disk; undefined if it is unknown. */
  readonly directory: string | undefined
  /** Space on the disk; undefined if it is on another machine. */
  readonly space: {readonly freeBytes: number; readonly totalBytes: number} | undefined
}

/** Message and remedy for a full disk. */
export function diskDetails(
  disk: FullDisk,
  {builder, directory, space}: DiskPlace,
): {readonly message: string; readonly remedy: string} {
  const where = directory === undefined ? '' : ` (${directory})`
  const free =
    space === undefined ? '.' : `: ${formatBytes(space.freeBytes)} of ${formatBytes(space.totalBytes)} are free now.`
  switch (disk) {
    case 'temporary':
      return {
        message: `No space is left in the temporary directory of the runner, RUNNER_TEMP${where}${free}`,
        remedy:
          'The image is exported to that directory before it is pushed, loaded or tested. Free space there, or use a runner with a larger disk. The builder of the engine exports nothing to it for a push if it has the containerd image store and the inputs `load`, `reproducible` and `outputs` are not set.',
      }
    case 'engine':
      return {
        message: `No space is left in the data directory of the Docker engine${where}${free}`,
        remedy:
          'Remove images and build caches before this step (`docker system prune --all` and `docker buildx prune`), set `data-root` in /etc/docker/daemon.json to a directory on a larger disk, or use a runner with a larger disk.',
      }
    case 'builder':
      return {
        message: `No space is left on the disk of the builder "${builder}".`,
        remedy: `Free its build cache (\`docker buildx prune --builder ${builder}\`), limit it (\`[worker.oci]\` with \`gc\` in the buildkitd.toml of that BuildKit), or give that BuildKit a larger disk. The disk of this runner is not full.`,
      }
  }
}

/** Names the full disk in the error of a build, with its free space if it is on this machine. */
export async function explainFullDisk(error: TagboatError, session: BuildSession): Promise<TagboatError> {
  const {builder, io} = session
  const disk = fullDisk(error.evidence, builder.chosen?.driver)
  const place =
    disk === 'temporary' ? {directory: temporaryPath(io, '.'), isHere: true} : await enginePlace(disk, session)
  const space = place.isHere && place.directory !== undefined ? await io.files.space(place.directory) : undefined
  return new TagboatError('disk-full', {
    ...diskDetails(disk, {builder: builder.chosen?.name ?? 'default', directory: place.directory, space}),
    ...(error.place && {place: error.place}),
    evidence: error.evidence,
    cause: error,
  })
}

/** Data directory of the engine, if its disk is full, and whether the engine is on this machine. */
async function enginePlace(
  disk: FullDisk,
  {dockerConfig, io}: BuildSession,
): Promise<{readonly directory: string | undefined; readonly isHere: boolean}> {
  if (disk !== 'engine' || io.signal.aborted) return {directory: undefined, isHere: false}
  const args = ['info', '--format', '{{.DockerRootDir}}\n{{.Name}}']
  const {stdout} = await io.processes.capture({file: 'docker', args, env: dockerConfig.env})
  const [directory = '', name = ''] = stdout.trim().split('\n')
  return {directory: directory === '' ? undefined : directory, isHere: isThisMachine(name)}
}
