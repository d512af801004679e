import {mkdir, rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {docker} from '../docker.ts'
import {KubeError, type KubeApi, type KubeObject} from './api.ts'

/*
 * Node of a cluster: what the kubelet does, with containers on the engine of the tests. A container has the network of the
 * machine, so that it reaches registries on loopback. It can do only what the pods of Buildx need, and refuses others.
 */

interface Container {
  readonly name: string
  readonly image: string
  readonly args?: readonly string[]
  readonly env?: readonly {readonly name: string; readonly value?: string}[]
  readonly securityContext?: {readonly privileged?: boolean}
  readonly readinessProbe?: {readonly exec?: {readonly command: readonly string[]}}
  readonly volumeMounts?: readonly {readonly name: string; readonly mountPath: string}[]
}

interface Volume {
  readonly name: string
  readonly configMap?: {readonly name: string}
  readonly projected?: unknown
}

interface Pod extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {readonly namespace: string; readonly uid: string}
  readonly spec: {
    readonly nodeName?: string
    readonly containers: readonly [Container, ...Container[]]
    readonly initContainers?: readonly Container[]
    readonly volumes?: readonly Volume[]
  }
}

interface ContainerState {
  readonly State: {readonly Running: boolean; readonly ExitCode: number; readonly StartedAt: string}
}

export interface NodeOptions {
  readonly api: KubeApi
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Port of `startExecServer`. */
  readonly execPort: number
  /** Directory for the files of config maps. */
  readonly directory: string
}

/** Name of the container of a pod in the engine. */
export function containerName(namespace: string, pod: string, container: string): string {
  return `k8s_${container}_${pod}_${namespace}`
}

/** Registers a node, and runs the pods that are bound to it until it is disposed of. */
export async function startNode(options: NodeOptions): Promise<AsyncDisposable> {
  await register(options)
  const running = new Map<string, RunningPod>()
  const stop = new AbortController()
  const loop = (async () => {
    while (!stop.signal.aborted) {
      await sync(options, running)
      await sleep(200)
    }
  })()
  // An error is thrown by the disposal.
  loop.catch(() => undefined)
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await loop.finally(async () => Promise.all([...running.values()].map(async (pod) => pod.end())))
    },
  }
}

async function register({api, name, labels, execPort}: NodeOptions): Promise<void> {
  await api.call('POST', '/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {name, labels: {'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', ...labels}},
  })
  const capacity = {cpu: '2', memory: '4Gi', pods: '10'}
  const now = new Date().toISOString()
  const condition = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  }
  await api.call('PATCH', `/api/v1/nodes/${name}/status`, {
    status: {
      capacity,
      allocatable: capacity,
      conditions: [condition],
      addresses: [{type: 'InternalIP', address: '127.0.0.1'}],
      daemonEndpoints: {kubeletEndpoint: {Port: execPort}},
    },
  })
  // The API server marks a new node as not ready, until a controller for nodes, which this cluster lacks, sees its state.
  await api.call('PATCH', `/api/v1/nodes/${name}`, {spec: {taints: null}})
}

/** Starts, watches and ends the pods that are bound to the node. */
async function sync(options: NodeOptions, running: Map<string, RunningPod>): Promise<void> {
  const pods = await options.api.list<Pod>(`/api/v1/pods?fieldSelector=spec.nodeName%3D${options.name}`)
  for (const pod of pods) {
    const {uid} = pod.metadata
    const known = running.get(uid) ?? new RunningPod(pod, options)
    running.set(uid, known)
    const isEnding = pod.metadata.deletionTimestamp !== undefined
    // A pod that was removed in between is not an error.
    await (isEnding ? known.remove() : known.advance()).catch((error: unknown) => {
      if (!(error instanceof KubeError) || error.status !== 404) throw error
    })
  }
  for (const [uid, pod] of running) {
    if (pods.some(({metadata}) => metadata.uid === uid)) continue
    await pod.end()
    running.delete(uid)
  }
}

class RunningPod {
  readonly container: string
  readonly #pod: Pod
  readonly #options: NodeOptions
  #reported = ''
  #hasContainer = false

  constructor(pod: Pod, options: NodeOptions) {
    this.#pod = pod
    this.#options = options
    this.container = containerName(pod.metadata.namespace, pod.metadata.name, pod.spec.containers[0].name)
  }

  /** Does the next step to a ready pod, and reports the state. */
  async advance(): Promise<void> {
    const [container] = this.#pod.spec.containers
    const refusal = refusalOf(this.#pod)
    if (refusal !== undefined) return this.#wait('CreateContainerConfigError', refusal)
    if (!this.#hasContainer) {
      const pullError = await pull(container.image)
      if (pullError !== undefined) return this.#wait('ErrImagePull', pullError)
      await this.#start(container)
      this.#hasContainer = true
    }
    const [state] = JSON.parse(await docker(['inspect', this.container])) as readonly [ContainerState]
    const {Running: isRunning, ExitCode: exitCode, StartedAt: startedAt} = state.State
    if (!isRunning) return this.#crashed(exitCode)
    const command = container.readinessProbe?.exec?.command
    const isReady = command === undefined || (await succeeds(['exec', this.container, ...command]))
    await this.#report({phase: 'Running', isReady, state: {running: {startedAt}}})
  }

  async #start(container: Container): Promise<void> {
    const {securityContext: context, args = [], env = [], volumeMounts = []} = container
    const mounts = await Promise.all(volumeMounts.map(async ({name, mountPath}) => this.#mount(name, mountPath)))
    await docker([
      ...['run', '--detach', '--name', this.container, '--network', 'host'],
      ...(context?.privileged === true ? ['--privileged'] : []),
      ...env.flatMap(({name, value = ''}) => ['--env', `${name}=${value}`]),
      ...mounts.flat(),
      container.image,
      ...args,
    ])
  }

  /** Option of `docker run` for a volume: files of a config map. The token of the API, which is always mounted, is left out. */
  async #mount(name: string, target: string): Promise<readonly string[]> {
    const {metadata, spec} = this.#pod
    const map = spec.volumes?.find((volume) => volume.name === name)?.configMap
    if (map === undefined) return []
    const source = path.join(this.#options.directory, metadata.uid, name)
    const {data} = (await this.#options.api.call(
      'GET',
      `/api/v1/namespaces/${metadata.namespace}/configmaps/${map.name}`,
    )) as {readonly data: Readonly<Record<string, string>>}
    await mkdir(source, {recursive: true})
    await Promise.all(Object.entries(data).map(async ([file, text]) => writeFile(path.join(source, file), text)))
    return ['--mount', `type=bind,source=${source},target=${target},readonly`]
  }

  async #wait(reason: string, message: string): Promise<void> {
    await this.#event('Failed', message)
    await this.#report({phase: 'Pending', isReady: false, state: {waiting: {reason, message}}})
  }

  async #crashed(exitCode: number): Promise<void> {
    const {name} = this.#pod.spec.containers[0]
    await this.#event('BackOff', `Back-off restarting failed container ${name} in pod ${this.#pod.metadata.name}`)
    const waiting = {reason: 'CrashLoopBackOff', message: 'back-off restarting failed container'}
    await this.#report({phase: 'Running', isReady: false, state: {waiting}, lastState: {terminated: {exitCode}}})
  }

  async #report({phase, isReady, state, lastState = {}}: PodState): Promise<void> {
    const [{name, image}] = this.#pod.spec.containers
    const conditions = ['Initialized', 'ContainersReady', 'Ready'].map((type) => ({
      type,
      status: isReady || type === 'Initialized' ? 'True' : 'False',
    }))
    const containerStatuses = [
      {name, image, imageID: image, ready: isReady, started: isReady, restartCount: 0, state, lastState},
    ]
    const status = {phase, conditions, containerStatuses, hostIP: '127.0.0.1', podIP: '127.0.0.1'}
    const text = JSON.stringify(status)
    if (text === this.#reported) return
    await this.#options.api.call('PATCH', `${this.#path()}/status`, {status})
    this.#reported = text
  }

  /** Creates a warning of the pod. Repetitions have the same name. */
  async #event(reason: string, message: string): Promise<void> {
    const {name, namespace, uid} = this.#pod.metadata
    const now = new Date().toISOString()
    await this.#options.api
      .call('POST', `/api/v1/namespaces/${namespace}/events`, {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: {name: `${name}.${reason.toLowerCase()}`, namespace},
        involvedObject: {apiVersion: 'v1', kind: 'Pod', name, namespace, uid},
        source: {component: 'kubelet'},
        ...{type: 'Warning', reason, message, count: 1, firstTimestamp: now, lastTimestamp: now},
      })
      .catch((error: unknown) => {
        if (!(error instanceof KubeError) || error.status !== 409) throw error
      })
  }

  /** Ends the container, and confirms the deletion of the pod. */
  async remove(): Promise<void> {
    await this.end()
    const options = {apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0}
    await this.#options.api.call('DELETE', this.#path(), options)
  }

  async end(): Promise<void> {
    await docker(['rm', '--force', '--volumes', this.container])
    this.#hasContainer = false
    await rm(path.join(this.#options.directory, this.#pod.metadata.uid), {recursive: true, force: true})
  }

  #path(): string {
    return `/api/v1/namespaces/${this.#pod.metadata.namespace}/pods/${this.#pod.metadata.name}`
  }
}

interface PodState {
  readonly phase: 'Pending' | 'Running'
  readonly isReady: boolean
  readonly state: unknown
  readonly lastState?: unknown
}

/** Reason why this node cannot run a pod. */
function refusalOf({spec: {containers, initContainers = [], volumes = []}}: Pod): string | undefined {
  if (containers.length > 1 || initContainers.length > 0) return 'this node runs pods with one container only'
  const other = volumes.find(({configMap, projected}) => configMap === undefined && projected === undefined)
  return other === undefined ? undefined : `this node has no volume of the kind of ${other.name}`
}

/** Pulls an image that the engine lacks; the error of the engine in one line, if it cannot. */
async function pull(image: string): Promise<string | undefined> {
  if (await succeeds(['image', 'inspect', image])) return undefined
  return docker(['pull', '--quiet', image]).then(
    () => undefined,
    (error: unknown) =>
      `Failed to pull image "${image}": ${(error as {readonly stderr: string}).stderr.trim().replaceAll('\n', ' ')}`,
  )
}

async function succeeds(args: readonly string[]): Promise<boolean> {
  return docker(args).then(
    () => true,
    () => false,
  )
}
