import {randomBytes} from 'node:crypto'
import {readFileSync} from 'node:fs'
import path from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from '@jest/globals'
import {parse} from 'yaml'
import {makeBuildKitImage} from '../../testing/buildkit-image.ts'
import type {KubeObject} from '../../testing/cluster/api.ts'
import {startCluster, until, type Cluster, type PolicyRule} from '../../testing/cluster/cluster.ts'
import {docker} from '../../testing/docker.ts'
import {readFiles, readIndex} from '../../testing/image.ts'
import {stepOn} from '../../testing/pushes.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {errorsIn} from '../../testing/runner-log.ts'
import {projectRoot, type Step, type StepResult} from '../../testing/runner.ts'
import {shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

/*
 * The driver kubernetes of Buildx in a cluster with a real API server, real controllers and a real scheduler. The node is
 * `testing/cluster/kubelet.ts`: its containers run on the engine of the tests.
 */

const buildKit = 'buildkit.invalid/cluster:1'
let cluster: Cluster
let registry: Registry
let workspace: Workspace
let runId = 800_000

/** Rights that docs/builders.md lists. */
const rights = roleIn(readFileSync(path.join(projectRoot, 'docs', 'builders.md'), 'utf8'))

function roleIn(page: string): readonly PolicyRule[] {
  const [, text = ''] = /^```yaml\n(apiVersion: rbac.*?)^```/ms.exec(page) ?? []
  return (parse(text) as {readonly rules: readonly PolicyRule[]}).rules
}

beforeAll(async () => {
  ;[cluster, registry, workspace] = await Promise.all([
    startCluster({'example.com/disk': 'fast'}),
    startRegistry(),
    workspaceOf({
      Dockerfile: [...shellDockerfile, 'RUN uname -m >/machine', 'FROM scratch', 'COPY --from=shell /machine /'],
      'slow.Dockerfile': [...shellDockerfile, 'ARG NONCE', 'RUN echo under way; sleep 60'],
    }),
    makeBuildKitImage(buildKit, '--load'),
  ])
})

afterAll(async () => {
  await cluster[Symbol.asyncDispose]()
  await docker(['image', 'rm', '--force', buildKit])
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

beforeEach(() => {
  runId += 1
})

interface Run {
  readonly kubeConfig: string
  readonly inputs?: Readonly<Record<string, string>>
}

async function prepare({kubeConfig, inputs = {}}: Run): Promise<Step> {
  return stepOn(
    {ref: 'refs/tags/v1.2.3', sha: 'a'.repeat(40), runId: String(runId)},
    {
      workspace: workspace.directory,
      inputs: {
        images: `${registry.host}/cluster/app-${runId}`,
        driver: 'kubernetes',
        'driver-opts': `image=${buildKit}`,
        'build-contexts': shellContext(),
        ...inputs,
      },
      env: {KUBECONFIG: kubeConfig},
    },
  )
}

/** Objects of builders in a namespace, such as `deployments/tagboat-800001-1-…0`. */
async function objects(namespace: string): Promise<readonly string[]> {
  const kinds = [
    {kind: 'deployments', group: '/apis/apps/v1'},
    {kind: 'replicasets', group: '/apis/apps/v1'},
    {kind: 'pods', group: '/api/v1'},
    {kind: 'configmaps', group: '/api/v1'},
  ]
  const lists = await Promise.all(
    kinds.map(async ({kind, group}) => {
      const found = await cluster.api.list<KubeObject>(`${group}/namespaces/${namespace}/${kind}`)
      return found.map(({metadata}) => `${kind}/${metadata.name}`)
    }),
  )
  return lists.flat().filter((name) => name !== 'configmaps/kube-root-ca.crt')
}

/** Waits until the controllers have removed what belonged to a deployment, with its containers. */
async function gone(namespace: string): Promise<void> {
  await until(async () => {
    expect(await objects(namespace)).toEqual([])
    expect(await docker(['ps', '--all', '--quiet', '--filter', `name=k8s_buildkitd_tagboat-${runId}-`])).toBe('')
  })
}

/** The one deployment in a namespace. */
async function deployment(namespace: string): Promise<Deployment> {
  const [found, ...others] = await cluster.api.list<Deployment>(`/apis/apps/v1/namespaces/${namespace}/deployments`)
  if (found === undefined || others.length > 0) throw new Error('not one deployment')
  return found
}

interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas: number
    readonly template: {readonly metadata: KubeObject['metadata']; readonly spec: Readonly<Record<string, unknown>>}
  }
}

/** Machine that each image of an index was built on, by platform. */
async function machines(repository: string): Promise<Readonly<Record<string, string>>> {
  const {manifests} = await readIndex({registry, repository, reference: '1.2.3'})
  const images = manifests.filter(({platform}) => platform?.os === 'linux')
  const entries = await Promise.all(
    images.map(async ({platform, digest}) => {
      const files = await readFiles({registry, repository, reference: digest})
      return [`linux/${platform?.architecture ?? ''}`, files.get('machine')?.trim() ?? 'no file'] as const
    }),
  )
  return Object.fromEntries(entries)
}

async function expectPublished({outputs}: StepResult, repository: string): Promise<void> {
  expect([...(await registry.tags(repository))].sort()).toEqual(['1', '1.2', '1.2.3', 'latest', 'sha-aaaaaaa'])
  expect((await registry.manifest(repository, 'latest'))?.digest).toBe(outputs.get('digest'))
  expect(await machines(repository)).toEqual({'linux/amd64': 'x86_64', 'linux/arm64': 'aarch64'})
}

const twoPlatforms = {platforms: 'linux/amd64,linux/arm64'}

describe('a builder on Kubernetes', () => {
  test('publishes two platforms, and is removed by the post step', async () => {
    const kubeConfig = await cluster.user('publisher', rights)
    await using step = await prepare({kubeConfig, inputs: twoPlatforms})
    const result = await step.main()
    expect(errorsIn(result.log)).toEqual([])
    await expectPublished(result, `cluster/app-${runId}`)
    expect(result.outputs.get('driver')).toBe('kubernetes')
    expect(await objects('publisher')).toEqual([
      expect.stringMatching(new RegExp(`^deployments/tagboat-${runId}-1-[0-9a-f]{8}0$`)),
      expect.stringMatching(/^replicasets\//),
      expect.stringMatching(/^pods\//),
    ])
    const post = await step.post()
    expect({exitCode: post.exitCode, log: post.log}).toEqual({exitCode: 0, log: ''})
    await gone('publisher')
  })

  test('has the options of the inputs, in the namespace that they name', async () => {
    const kubeConfig = await cluster.user('team-builds', rights, 'elsewhere')
    const options = [
      ...[`image=${buildKit}`, 'namespace=team-builds', 'replicas=2', 'nodeselector=example.com/disk=fast'],
      ...['labels=team=sea,stage=ci', 'annotations=example.com/owner=crew', 'requests.cpu=100m', 'limits.memory=1Gi'],
      ...['tolerations=key=gpu,operator=Exists', 'env.NO_PROXY=localhost,127.0.0.1'],
    ]
    const configuration = '[worker.oci]\n  max-parallelism = 2\n'
    await using step = await prepare({
      kubeConfig,
      inputs: {'driver-opts': options.join('\n'), 'buildkitd-config-inline': configuration, platforms: 'linux/amd64'},
    })
    const result = await step.main()
    expect(errorsIn(result.log)).toEqual([])
    const {spec, metadata} = await deployment('team-builds')
    expect(spec.replicas).toBe(2)
    expect(spec.template.metadata).toMatchObject({
      labels: {app: metadata.name, team: 'sea', stage: 'ci'},
      annotations: {'example.com/owner': 'crew'},
    })
    expect(spec.template.spec).toMatchObject({
      nodeSelector: {'example.com/disk': 'fast'},
      tolerations: [{key: 'gpu', operator: 'Exists'}],
      containers: [
        {
          image: buildKit,
          env: [{name: 'NO_PROXY', value: 'localhost,127.0.0.1'}],
          resources: {requests: {cpu: '100m'}, limits: {memory: '1Gi'}},
        },
      ],
    })
    const container = await docker(['ps', '--quiet', '--filter', `name=k8s_buildkitd_${metadata.name}`])
    expect(container.trim().split('\n')).toHaveLength(2)
    const file = ['exec', container.split('\n')[0] ?? '', 'cat', '/etc/buildkit/buildkitd.toml']
    expect(await docker(file)).toContain('max-parallelism = 2')
    expect((await step.post()).exitCode).toBe(0)
    await gone('team-builds')
  })

  test('has a deployment for each node, which builds its platform', async () => {
    const kubeConfig = await cluster.user('two-nodes', rights)
    const append = `- name: arm\n  platforms: linux/arm64\n  driver-opts: image=${buildKit}`
    await using step = await prepare({kubeConfig, inputs: {...twoPlatforms, append}})
    const result = await step.main()
    expect(errorsIn(result.log)).toEqual([])
    await expectPublished(result, `cluster/app-${runId}`)
    expect(result.log).toMatch(
      new RegExp(
        `linux/amd64 → tagboat-${runId}-1-[0-9a-f]{8}0; linux/arm64 → tagboat-${runId}-1-[0-9a-f]{8}-arm$`,
        'm',
      ),
    )
    const metadata = JSON.parse(result.outputs.get('metadata') ?? '') as Readonly<Record<string, string>>
    expect(metadata['buildx.build.ref/linux/amd64']).toMatch(/^tagboat-[^/]+\/tagboat-[^/]+0\//)
    expect(metadata['buildx.build.ref/linux/arm64']).toMatch(/^tagboat-[^/]+\/tagboat-[^/]+-arm\//)
    expect((await step.post()).exitCode).toBe(0)
    await gone('two-nodes')
  })
})

describe('a killed run', () => {
  test('during the build: its post step removes the deployment with its pods and the config map', async () => {
    const kubeConfig = await cluster.user('killed-build', rights)
    const inputs = {
      file: 'slow.Dockerfile',
      'build-args': `NONCE=${randomBytes(8).toString('hex')}`,
      'buildkitd-config-inline': 'debug = false',
    }
    await using step = await prepare({kubeConfig, inputs})
    const main = step.main()
    await step.printed(/^#\d+ [\d.]+ under way$/m)
    step.kill('SIGKILL')
    expect((await main).signal).toBe('SIGKILL')
    expect((await objects('killed-build')).map((name) => name.split('/')[0])).toEqual([
      'deployments',
      'replicasets',
      'pods',
      'configmaps',
    ])
    expect((await step.post()).exitCode).toBe(0)
    await gone('killed-build')
    expect(await registry.tags(`cluster/app-${runId}`)).toEqual([])
  })

  test('while the pod starts: its post step removes everything, too', async () => {
    const kubeConfig = await cluster.user('killed-start', rights)
    await using step = await prepare({kubeConfig, inputs: {'driver-opts': 'image=127.0.0.1:1/no/buildkit:1'}})
    const main = step.main()
    await until(async () => {
      expect((await objects('killed-start')).map((name) => name.split('/')[0])).toContain('pods')
    })
    step.kill('SIGKILL')
    await main
    expect((await step.post()).exitCode).toBe(0)
    await gone('killed-start')
  })
})
