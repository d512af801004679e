import {randomBytes} from 'node:crypto'
import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {docker, pluginDirectory} from './docker.ts'
import {startRemoteBuilder} from './remote-builder.ts'
import {busyboxDirectory} from './sample.ts'
import {shellDockerfile, workspaceOf} from './workspace.ts'

/**
 * An image for the driver docker-container, where BuildKit's own cannot be pulled: Buildx's driver, the container's and the
 * volume's life and the builds are real, but `buildctl dial-stdio` leads to the BuildKit of the engine. Each boot is a line
 * of `boots` in the volume that BuildKit keeps its state in.
 */
export interface StandIn extends AsyncDisposable {
  readonly image: string
  /** For the input `driver-opts`. */
  readonly driverOpts: string
  /** For `DOCKER_CONFIG`: of a user who has never had a builder, until the first run. */
  readonly config: string
  /** Where a BuildKit listens, for the driver remote. */
  readonly address: string
  /** How often builders with this volume were booted. */
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

/** What is there of builders whose names begin so: instances of Buildx, containers, volumes. */
export async function builderTraces(config: string, beginning = 'tagboat-'): Promise<readonly string[]> {
  const filter = ['--filter', `name=buildx_buildkit_${beginning}`]
  const [instances, containers, volumes] = await Promise.all([
    readdir(path.join(config, 'buildx', 'instances')).catch(() => []),
    docker(['ps', '--all', ...filter, '--format', '{{.Names}}']),
    docker(['volume', 'ls', ...filter, '--format', '{{.Name}}']),
  ])
  const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '')
  return [
    ...instances.filter((name) => name.startsWith(beginning)).map((name) => `instance ${name}`),
    ...lines(containers).map((name) => `container ${name}`),
    ...lines(volumes).map((name) => `volume ${name}`),
  ].sort()
}
