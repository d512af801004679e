import {randomBytes} from 'node:crypto'
import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {docker, pluginDirectory} from './docker.ts'
import {startRemoteBuilder} from './remote-builder.ts'
import {busyboxDirectory} from './sample.ts'
import {shellDockerfile, workspaceOf} from './workspace.ts'

/**
 * Replacement for the image of BuildKit, for machines that cannot pull it. The driver docker-container of Buildx, its
 * containers and volumes, and the builds are real, but `buildctl dial-stdio` connects to the BuildKit of the engine. Each
 * boot adds a line to `boots` in the volume for the state of BuildKit.
 */
export interface StandIn extends AsyncDisposable {
  readonly image: string
  /** Value for the input `driver-opts`. */
  readonly driverOpts: string
  /** Value for `DOCKER_CONFIG`. It contains no builder until the first run. */
  readonly config: string
  /** Address of a BuildKit, for the driver remote. */
  readonly address: string
  /** Number of boots of builders with a volume. */
  boots(volume: string): Promise<number>
}

export async function makeStandIn(): Promise<StandIn> {
  const image = `stand-in.invalid/buildkit:${randomBytes(6).toString('hex')}`
  await using context = await workspaceOf({
    Dockerfile: [...shellDockerfile, 'COPY --chmod=755 buildkitd buildctl /bin/', 'ENTRYPOINT ["buildkitd"]'],
    buildkitd: daemonScript,
    buildctl: clientScript,
  })
  const busybox = `busybox=${busyboxDirectory()}`
  const [config, behind] = await Promise.all([
    emptyConfig(),
    startRemoteBuilder('behind'),
    docker(['buildx', 'build', '--builder', 'default', '--build-context', busybox, '--tag', image, context.directory]),
  ])
  const address = behind.endpoints[0]?.address ?? ''
  return {
    image,
    address,
    driverOpts: [`image=${image}`, 'network=host', `env.RELAY=${address.slice('tcp://'.length)}`].join('\n'),
    config,
    async boots(volume) {
      const mount = ['--volume', `${volume}:/state:ro`]
      const text = await docker([
        'run',
        '--rm',
        '--network',
        'none',
        ...mount,
        '--entrypoint',
        'cat',
        image,
        '/state/boots',
      ])
      return text.trim().split('\n').length
    },
    async [Symbol.asyncDispose]() {
      await behind[Symbol.asyncDispose]()
      await docker(['image', 'rm', '--force', image])
      await rm(config, {recursive: true})
    },
  }
}

const daemonScript = `#!/bin/sh
[ "$1" = --version ] && exec echo 'buildkitd github.com/moby/buildkit v0.25.0 0'
trap 'exit 0' TERM INT
echo boot >>/var/lib/buildkit/boots
echo the daemon runs
while :; do sleep 60 & wait $!; done
`

const clientScript = `#!/bin/sh
case $1 in
  dial-stdio) exec nc "\${RELAY%:*}" "\${RELAY#*:}" ;;
esac
`

async function emptyConfig(): Promise<string> {
  const config = await mkdtemp(path.join(tmpdir(), 'tagboat-config-'))
  await writeFile(path.join(config, 'config.json'), JSON.stringify({cliPluginsExtraDirs: [await pluginDirectory()]}))
  return config
}

/** Lists what exists of builders with a prefix: instances of Buildx, containers and volumes. */
export async function builderTraces(config: string, prefix = 'tagboat-'): Promise<readonly string[]> {
  const filter = ['--filter', `name=buildx_buildkit_${prefix}`]
  const [instances, containers, volumes] = await Promise.all([
    readdir(path.join(config, 'buildx', 'instances')).catch(() => []),
    docker(['ps', '--all', ...filter, '--format', '{{.Names}}']),
    docker(['volume', 'ls', ...filter, '--format', '{{.Name}}']),
  ])
  const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '')
  return [
    ...instances.filter((name) => name.startsWith(prefix)).map((name) => `instance ${name}`),
    ...lines(containers).map((name) => `container ${name}`),
    ...lines(volumes).map((name) => `volume ${name}`),
  ].sort()
}
