import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {makeBuildKitImage} from '../../testing/buildkit-image.ts'
import {docker} from '../../testing/docker.ts'
import {readFiles} from '../../testing/image.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {runSource, type SourceResult} from '../../testing/source-run.ts'
import {workspaceOf, type Workspace} from '../../testing/workspace.ts'

/** Registry without a server, whose images can only come from a mirror. */
const origin = 'origin.invalid'
let registry: Registry
let mirror: Registry
let workspace: Workspace

beforeAll(async () => {
  ;[registry, mirror, workspace] = await Promise.all([
    startRegistry(),
    startRegistry(),
    workspaceOf({
      'base/Dockerfile': ['FROM scratch', 'COPY Dockerfile /from-the-mirror'],
      'app/Dockerfile': [`FROM ${origin}/team/base:1`, 'COPY Dockerfile /app'],
      'by-argument/Dockerfile': ['ARG BASE', 'FROM ${BASE}', 'COPY Dockerfile /app'],
      'hub/Dockerfile': ['FROM tagboat-base:1', 'COPY Dockerfile /app'],
    }),
  ])
  const names = ['team/base', 'library/tagboat-base'].flatMap((name) => ['--tag', `${mirror.host}/${name}:1`])
  await Promise.all([
    makeBuildKitImage(`${mirror.host}/tools/buildkit:1`, '--push'),
    docker(['buildx', 'build', '--builder', 'default', ...names, '--push', `${workspace.directory}/base`]),
  ])
})

afterAll(async () => {
  const names = ['tools/buildkit', 'team/base', 'library/tagboat-base'].map((name) => `${mirror.host}/${name}:1`)
  await docker(['image', 'rm', '--force', ...names])
  await Promise.all([registry.stop(), mirror.stop(), workspace[Symbol.asyncDispose]()])
})

async function publish(name: string, inputs: Readonly<Record<string, string>>): Promise<SourceResult> {
  return runSource({
    push: {ref: 'refs/tags/v1.2.3', sha: 'a'.repeat(40), runId: '100'},
    inputs: {
      context: `${workspace.directory}/${name}`,
      images: `${registry.host}/mirrored/${name}`,
      // The mirror is in the network of this machine.
      'driver-opts': `image=${origin}/tools/buildkit:1\nnetwork=host`,
      retries: '0',
      ...inputs,
    },
  })
}

async function published(name: string): Promise<readonly string[]> {
  const top = await registry.manifest(`mirrored/${name}`, '1.2.3')
  const {manifests} = (top?.json ?? {}) as {readonly manifests?: readonly {readonly digest: string}[]}
  const reference = manifests?.[0]?.digest ?? '1.2.3'
  return [...(await readFiles({registry, repository: `mirrored/${name}`, reference})).keys()].sort()
}

describe('an unreachable registry', () => {
  test('is replaced by its mirror for BuildKit and for the base image', async () => {
    const {failure, log} = await publish('app', {mirrors: `${origin}=127.0.0.1:1\n${origin}=${mirror.host}`})
    expect(failure).toBeUndefined()
    expect(await published('app')).toEqual(['app', 'from-the-mirror'])
    const text = log.join('\n')
    expect(text).toContain('Builder: new docker-container')
    expect(text).toContain('127.0.0.1:1/tools/buildkit:1')
    const requests = (await mirror.requests()).filter(({method, status}) => method === 'GET' && status === 200)
    expect(requests.filter(({path}) => path.includes('/team/base/')).map(({userAgent}) => userAgent)).toContainEqual(
      expect.stringContaining('buildkit'),
    )
  })

  test('Docker Hub is replaced, too, with a user configuration', async () => {
    const {failure} = await publish('hub', {
      mirrors: `docker.io=http://${mirror.host}\n${origin}=${mirror.host}`,
      'buildkitd-config-inline': 'debug = true\n[registry."docker.io"]\n  mirrors = ["127.0.0.1:1"]\n',
    })
    expect(failure).toBeUndefined()
    expect(await published('hub')).toEqual(['app', 'from-the-mirror'])
  })

  test('an image that the mirror lacks is read from the registry', async () => {
    const {failure} = await publish('by-argument', {
      mirrors: `${mirror.host}=${registry.host}`,
      'build-args': `BASE=${mirror.host}/team/base:1`,
      'driver-opts': `image=${mirror.host}/tools/buildkit:1\nnetwork=host`,
    })
    expect(failure).toBeUndefined()
    expect(await published('by-argument')).toEqual(['app', 'from-the-mirror'])
    const requests = (await registry.requests()).filter(({path}) => path.includes('/team/base/manifests/1'))
    expect(requests.map(({status}) => status)).toContain(404)
  })
})
