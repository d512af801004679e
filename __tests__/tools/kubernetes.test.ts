import {randomBytes} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {readFile, writeFile} from 'node:fs/promises'
import {connect, createServer, type AddressInfo} from 'node:net'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from '@jest/globals'
import {parse} from 'yaml'
import {makeBuildKitImage} from '../../testing/buildkit-image.ts'
import type {KubeObject} from '../../testing/cluster/api.ts'
import {startCluster, until, type Cluster, type PolicyRule} from '../../testing/cluster/cluster.ts'
import {docker} from '../../testing/docker.ts'
import {expectFailure, type ExpectedFailure} from '../../testing/failure.ts'
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

interface FailureRow extends ExpectedFailure {
  readonly name: string
  readonly namespace: string
  readonly rules?: readonly PolicyRule[]
  readonly inputs?: Readonly<Record<string, string>>
  /** Changes the namespace, or the file of KUBECONFIG, whose path it returns. */
  readonly change?: (namespace: string, kubeConfig: string) => Promise<string>
}

/** Inputs for the image and a short time to wait for the pod. */
function impatient(...options: readonly string[]): Readonly<Record<string, string>> {
  return {'driver-opts': [`image=${buildKit}`, 'timeout=10s', ...options].join('\n')}
}

async function withConfig(file: string, change: (text: string) => string): Promise<string> {
  await writeFile(file, change(await readFile(file, 'utf8')))
  return file
}

function rightsWithout(...names: readonly string[]): readonly PolicyRule[] {
  return rights.filter(({resources}) => !names.some((name) => resources.includes(name)))
}

const twoPlatforms = {platforms: 'linux/amd64,linux/arm64'}

describe('a builder on Kubernetes', () => {
  test('two platforms are published, and post removes it', async () => {
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

describe('a pod that does not become ready', () => {
  const rows: readonly FailureRow[] = [
    {
      name: 'the image cannot be pulled',
      namespace: 'no-image',
      inputs: {'driver-opts': 'image=127.0.0.1:1/no/buildkit:1\ntimeout=10s'},
      code: 'pod-not-ready',
      values: ['ErrImagePull: Failed to pull image "127.0.0.1:1/no/buildkit:1"', 'connection refused'],
    },
    {
      name: 'no node has the label of the selector',
      namespace: 'no-node',
      inputs: impatient('nodeselector=example.com/disk=slow'),
      code: 'pod-not-ready',
      values: ["Unschedulable: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector"],
    },
    {
      name: 'BuildKit ends because of its flags',
      namespace: 'bad-flags',
      inputs: {...impatient(), 'buildkitd-flags': '--no-such-flag'},
      code: 'pod-not-ready',
      values: ['CrashLoopBackOff', '(exit code 1)', 'log: ', 'no-such-flag'],
    },
    {
      name: 'the namespace allows no privileged pods',
      namespace: 'baseline',
      inputs: impatient(),
      change: async (namespace, kubeConfig) => {
        const labels = {'pod-security.kubernetes.io/enforce': 'baseline'}
        await cluster.api.call('PATCH', `/api/v1/namespaces/${namespace}`, {metadata: {labels}})
        return kubeConfig
      },
      code: 'pod-not-ready',
      values: ['FailedCreate: ', 'violates PodSecurity "baseline:latest": privileged'],
    },
  ]

  test.each(rows)('$name', async (row) => {
    await expectRefusal(row)
  })
})

describe('a cluster that cannot be used', () => {
  const rows: readonly FailureRow[] = [
    {
      name: 'it is not reachable',
      namespace: 'unreachable',
      change: async (_, file) => withConfig(file, (text) => text.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1')),
      code: 'cluster-unreachable',
      values: ['dial tcp 127.0.0.1:1: connect: connection refused'],
    },
    {
      name: 'its certificate is that of another one',
      namespace: 'other-certificate',
      change: async (_, file) =>
        withConfig(file, (text) =>
          text.replace(/"certificate-authority-data":"[^"]*"/, '"tls-server-name":"a.invalid"'),
        ),
      code: 'cluster-unreachable',
      values: ['x509: '],
    },
    {
      name: 'the file of KUBECONFIG is missing',
      namespace: 'no-file',
      change: async (_, file) => Promise.resolve(`${file}.missing`),
      code: 'cluster-unreachable',
      values: ['.kubeconfig.missing: no such file'],
    },
    {
      name: 'there is no configuration',
      namespace: 'no-configuration',
      change: async () => Promise.resolve(''),
      code: 'cluster-unreachable',
      values: ['no configuration has been provided'],
    },
    {
      name: 'it does not know the user',
      namespace: 'unknown-user',
      change: async (_, file) => withConfig(file, (text) => text.replace(/token-of-[\w-]+/, 'token-of-nobody')),
      code: 'cluster-denied',
      values: ['Unauthorized'],
      remedy: 'Renew the credentials in KUBECONFIG',
    },
    {
      name: 'the user may not read deployments',
      namespace: 'no-rights',
      rules: [],
      code: 'cluster-denied',
      values: ['cannot get resource "deployments" in API group "apps" in the namespace "no-rights"'],
    },
    {
      name: 'the user may not create config maps',
      namespace: 'no-config-maps',
      rules: rightsWithout('configmaps'),
      inputs: {...impatient(), 'buildkitd-config-inline': 'debug = true'},
      code: 'cluster-denied',
      values: ['cannot create resource "configmaps"'],
    },
    {
      name: 'the user may not list pods',
      namespace: 'no-pods',
      rules: rightsWithout('pods'),
      code: 'cluster-denied',
      values: ['cannot list resource "pods"'],
    },
    {
      name: 'the user may not connect to pods',
      namespace: 'no-exec',
      rules: rightsWithout('pods/exec'),
      code: 'cluster-denied',
      values: ['cannot create resource "pods/exec"'],
    },
  ]

  test.each(rows)('$name', async (row) => {
    await expectRefusal(row)
  })
})

/** Expects that a run fails before the build, and leaves nothing. */
async function expectRefusal({namespace, rules = rights, inputs = {}, change, ...failure}: FailureRow): Promise<void> {
  const own = await cluster.user(namespace, rules)
  const kubeConfig = (await change?.(namespace, own)) ?? own
  await using step = await prepare({kubeConfig, inputs})
  const result = await step.main()
  expectFailure(result, failure)
  expect(result.log).not.toContain('::group::docker buildx build')
  expect((await step.post()).exitCode).toBe(0)
  await gone(namespace)
}

describe('a slow cluster', () => {
  test('whose pod is ready only after the time limit of Buildx for the features of a builder', async () => {
    const kubeConfig = await cluster.user('slow', rights)
    const late = `late.invalid/buildkit:${runId}`
    await using step = await prepare({kubeConfig, inputs: {'driver-opts': `image=${late}`}})
    const main = step.main()
    await sleep(23_000)
    await docker(['image', 'tag', buildKit, late])
    const result = await main
    expect((await step.post()).exitCode).toBe(0)
    await docker(['image', 'rm', late])
    expect(errorsIn(result.log)).toEqual([])
    expect(await registry.tags(`cluster/app-${runId}`)).toContain('1.2.3')
    await gone('slow')
  })

  test('that is out of reach for the post step: the command in its error removes the builder later', async () => {
    const own = await cluster.user('away', rights)
    const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(await readFile(own, 'utf8')) ?? []
    const door = await openDoor(Number(port))
    const kubeConfig = await withConfig(own, (text) => text.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${door.port}`))
    await using step = await prepare({kubeConfig})
    const result = await step.main()
    await door[Symbol.asyncDispose]()
    expect(errorsIn(result.log)).toEqual([])
    const {log} = await step.post()
    expect(log).toContain('connection refused')
    const [, command = ''] = /docker (buildx rm --force tagboat-\S+);/.exec(log) ?? []
    await using again = await openDoor(Number(port), door.port)
    await docker(command.split(' '), undefined, {KUBECONFIG: kubeConfig})
    expect(again.port).toBe(door.port)
    await gone('away')
  })
})

interface Door extends AsyncDisposable {
  readonly port: number
}

/** Passes TCP connections on to a port of this machine. */
async function openDoor(target: number, port = 0): Promise<Door> {
  const ends: (() => void)[] = []
  const server = createServer((socket) => {
    const behind = connect(target, '127.0.0.1')
    const end = (): void => {
      socket.destroy()
      behind.destroy()
    }
    ends.push(end)
    for (const one of [socket, behind]) one.on('error', end).on('close', end)
    socket.pipe(behind).pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const end of ends) end()
      await new Promise<void>((resolve) =>
        server.close(() => {
          resolve()
        }),
      )
    },
  }
}
