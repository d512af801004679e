import {spawn, type ChildProcess} from 'node:child_process'
import {generateKeyPairSync} from 'node:crypto'
import {closeSync, openSync} from 'node:fs'
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {createServer, type AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {makeCertificate} from '../certificate.ts'
import {programPath} from '../docker.ts'
import {missing} from '../missing.ts'
import {kubeApi, type KubeApi} from './api.ts'
import {startExecServer} from './exec-server.ts'
import {startNode} from './kubelet.ts'

/**
 * Kubernetes cluster with one node. etcd, kube-apiserver, kube-controller-manager and kube-scheduler are real (compiled by
 * scripts/setup-tools); the node is `startNode`.
 */
export interface Cluster extends AsyncDisposable {
  /** API with all rights. */
  readonly api: KubeApi
  /**
   * Creates a namespace, and a user with rights in it.
   * @returns The value of `KUBECONFIG` for this user. Its current namespace is the new one, or `current`.
   */
  readonly user: (namespace: string, rules: readonly PolicyRule[], current?: string) => Promise<string>
}

/** Rule of a role: https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

const nodeName = 'node-1'
/** Tokens of users who exist from the start, because the API server reads them once. */
const users = Array.from({length: 40}, (_, index) => `user-${index + 1}`)
const adminToken = 'token-of-admin'

export async function startCluster(labels: Readonly<Record<string, string>>): Promise<Cluster> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tagboat-cluster-'))
  const started = new AsyncDisposableStack()
  started.defer(async () => rm(directory, {recursive: true, force: true}))
  try {
    return await startIn(directory, labels, started)
  } catch (error) {
    await started.disposeAsync()
    throw error
  }
}

async function startIn(
  directory: string,
  labels: Readonly<Record<string, string>>,
  started: AsyncDisposableStack,
): Promise<Cluster> {
  const [etcdPort = 0, peerPort = 0, port = 0, ...others] = await freePorts(5)
  const files = await makeFiles(directory)
  const program = async (name: string, ...args: readonly string[]): Promise<void> => {
    started.use(await startProgram(directory, name, args))
  }
  const etcd = `http://127.0.0.1:${etcdPort}`
  const peer = `http://127.0.0.1:${peerPort}`
  await program(
    'etcd',
    ...[`--data-dir=${path.join(directory, 'etcd')}`, '--unsafe-no-fsync', '--log-level=warn'],
    ...[`--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`],
    ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=default=${peer}`],
  )
  await program(
    'kube-apiserver',
    ...[`--etcd-servers=${etcd}`, '--bind-address=127.0.0.1', `--secure-port=${port}`],
    ...['--advertise-address=127.0.0.1', '--endpoint-reconciler-type=none', '--service-cluster-ip-range=10.0.0.0/24'],
    ...[`--tls-cert-file=${files.server.certificate}`, `--tls-private-key-file=${files.server.key}`],
    ...['--authorization-mode=RBAC', '--anonymous-auth=false', `--token-auth-file=${files.tokens}`],
    ...['--service-account-issuer=https://cluster.invalid', `--service-account-key-file=${files.signingKey}`],
    ...[`--service-account-signing-key-file=${files.signingKey}`, '--allow-privileged=true'],
    ...[`--kubelet-client-certificate=${files.client.certificate}`, `--kubelet-client-key=${files.client.key}`],
    ...[`--kubelet-certificate-authority=${files.server.certificate}`, '--kubelet-preferred-address-types=InternalIP'],
  )
  const access = {host: '127.0.0.1', port, ca: await readFile(files.server.certificate)}
  const api = kubeApi({...access, token: adminToken})
  const config = async (name: string, token: string, namespace: string): Promise<string> => {
    const file = path.join(directory, `${name}.kubeconfig`)
    await writeFile(file, kubeConfig({server: `https://127.0.0.1:${port}`, ca: access.ca, token, namespace}))
    return file
  }
  await answers(api, directory)
  const admin = await config('admin', adminToken, 'default')
  await program(
    'kube-controller-manager',
    ...[`--kubeconfig=${admin}`, '--leader-elect=false', '--bind-address=127.0.0.1', `--secure-port=${others[0] ?? 0}`],
    ...[`--service-account-private-key-file=${files.signingKey}`, `--root-ca-file=${files.server.certificate}`],
    `--controllers=${controllers.join(',')}`,
  )
  await program(
    'kube-scheduler',
    ...[`--kubeconfig=${admin}`, '--leader-elect=false', '--bind-address=127.0.0.1', `--secure-port=${others[1] ?? 0}`],
  )
  const exec = await startExecServer({certificate: files.server, client: files.client})
  started.use(exec)
  started.use(
    await startNode({api, name: nodeName, labels, execPort: exec.port, directory: path.join(directory, 'pods')}),
  )
  const free = [...users]
  return {
    api,
    async user(namespace, rules, current = namespace) {
      const name = free.shift()
      if (name === undefined) throw new Error('all users are taken')
      await createNamespace(api, namespace, {user: name, rules})
      return config(name, `token-of-${name}`, current)
    },
    [Symbol.asyncDispose]: async () => started.disposeAsync(),
  }
}

const controllers = [
  'deployment-controller',
  'replicaset-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
  'root-ca-certificate-publisher-controller',
]

async function createNamespace(
  api: KubeApi,
  namespace: string,
  {user, rules}: {readonly user: string; readonly rules: readonly PolicyRule[]},
): Promise<void> {
  await api.call('POST', '/api/v1/namespaces', {apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
  const group = {apiVersion: 'rbac.authorization.k8s.io/v1', metadata: {name: 'builders', namespace}}
  await api.call('POST', `${rbac}/roles`, {...group, kind: 'Role', rules})
  await api.call('POST', `${rbac}/rolebindings`, {
    ...group,
    kind: 'RoleBinding',
    subjects: [{kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io'}],
    roleRef: {kind: 'Role', name: 'builders', apiGroup: 'rbac.authorization.k8s.io'},
  })
  // Pods are refused until a controller has created the account that they run as.
  await until(async () => api.call('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`))
}

interface ClusterFiles {
  readonly server: Awaited<ReturnType<typeof makeCertificate>>
  readonly client: Awaited<ReturnType<typeof makeCertificate>>
  readonly signingKey: string
  readonly tokens: string
}

async function makeFiles(directory: string): Promise<ClusterFiles> {
  const inside = (name: string): string => path.join(directory, name)
  await Promise.all([mkdir(inside('server')), mkdir(inside('client')), mkdir(inside('pods'))])
  const [server, client] = await Promise.all([
    makeCertificate(inside('server'), 'cluster'),
    makeCertificate(inside('client'), 'kube-apiserver'),
  ])
  const {privateKey} = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: {type: 'spki', format: 'pem'},
    privateKeyEncoding: {type: 'pkcs8', format: 'pem'},
  })
  await writeFile(inside('signing.pem'), privateKey)
  const rows = users.map((name) => `token-of-${name},${name},${name}`)
  await writeFile(inside('tokens.csv'), [`${adminToken},admin,admin,system:masters`, ...rows, ''].join('\n'))
  return {server, client, signingKey: inside('signing.pem'), tokens: inside('tokens.csv')}
}

interface ConfigValues {
  readonly server: string
  readonly ca: Buffer
  readonly token: string
  readonly namespace: string
}

function kubeConfig({server, ca, token, namespace}: ConfigValues): string {
  // The format is YAML, which includes JSON.
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{name: 'test', cluster: {server, 'certificate-authority-data': ca.toString('base64')}}],
    users: [{name: 'test', user: {token}}],
    contexts: [{name: 'test', context: {cluster: 'test', user: 'test', namespace}}],
    'current-context': 'test',
  })
}

/**
 * Starts a program, whose output goes to a file of its name. It ends when it is disposed of, or when this process ends.
 * @throws Error if scripts/setup-tools has not compiled it.
 */
async function startProgram(directory: string, name: string, args: readonly string[]): Promise<AsyncDisposable> {
  const file = await programPath(name).catch((error: unknown) => {
    throw new Error(`${name} is not on the PATH; scripts/setup-tools --path prints a folder with it`, {cause: error})
  })
  const log = openSync(path.join(directory, `${name}.log`), 'w')
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', file, ...args], {stdio: ['ignore', log, log], cwd: directory})
  closeSync(log)
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => {
      reject(missing('setpriv', error))
    })
  })
  return {[Symbol.asyncDispose]: async () => end(child)}
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

/** Waits until the API answers. @throws Error with the end of the log of the API server after a minute. */
async function answers(api: KubeApi, directory: string): Promise<void> {
  try {
    await until(async () => api.call('GET', '/api/v1/namespaces/default'))
  } catch (error) {
    const log = await readFile(path.join(directory, 'kube-apiserver.log'), 'utf8')
    throw new Error(`the API does not answer:\n${log.slice(-3000)}`, {cause: error})
  }
}

/** Repeats a call until it succeeds. @throws its error after a minute. */
export async function until<T>(call: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 60_000
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
    await sleep(200)
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({length: count}, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  return Promise.all(
    servers.map(async (server) => {
      const {port} = server.address() as AddressInfo
      await new Promise((resolve) => server.close(resolve))
      return port
    }),
  )
}
