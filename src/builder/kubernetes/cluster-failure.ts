import {errorsOf, podFacts, type PodState} from './pod-facts.ts'
import type {PullIo} from '../pull-image.ts'
import {parseBuilder} from '../../buildx/inspect.ts'
import {TagboatError} from '../../errors/error.ts'
import {field, parseJson} from '../../oci/manifest.ts'

interface FailedBuilder {
  readonly name: string
  /** Lines of Buildx. */
  readonly evidence: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/**
 * Error of a new builder on Kubernetes that did not start. Buildx says only how many pods are ready, and the builder is
 * removed, so the state of its pods is read with kubectl now.
 */
export async function clusterFailure(
  known: TagboatError | undefined,
  builder: FailedBuilder,
  io: Pick<PullIo, 'processes'>,
): Promise<TagboatError> {
  const evidence = [...new Set(builder.evidence.filter((line) => line.startsWith('ERROR: ')))]
  if (known === undefined) {
    const message = 'The new builder (driver kubernetes) did not start.'
    return new TagboatError('builder-not-created', {message, evidence: builder.evidence})
  }
  const state = known.code === 'pod-not-ready' ? await stateOf(builder, io) : []
  const {code, message, remedy} = known
  return new TagboatError(code, {message, evidence: [...evidence, ...state], remedy})
}

/** State of the deployments of the builder that are not ready, one line per fact. */
async function stateOf(builder: FailedBuilder, {processes}: Pick<PullIo, 'processes'>): Promise<readonly string[]> {
  const {env} = builder
  const inspected = await processes.capture({file: 'docker', args: ['buildx', 'inspect', builder.name], env})
  const waiting = parseBuilder(inspected.stdout).nodes.filter(({status}) => status !== 'running')
  const kubectl: Kubectl = async (args) => {
    try {
      return await processes.capture({file: 'kubectl', args: [...args, '--request-timeout', '10s'], env})
    } catch (error) {
      if (error instanceof TagboatError && error.code === 'docker-missing') return undefined
      throw error
    }
  }
  if ((await kubectl(['version', '--client'])) === undefined) return [withoutKubectl]
  const states = await Promise.all(
    waiting.map(async ({name, driverOptions}) => deploymentState(kubectl, name.replaceAll('_', '-'), driverOptions)),
  )
  return states.flat()
}

/** Runs kubectl; undefined if the runner does not have it. */
type Kubectl = (
  args: readonly string[],
) => Promise<{readonly exitCode: number; readonly stdout: string; readonly stderr: string} | undefined>

const withoutKubectl = 'with kubectl on the PATH of this runner, this error shows the state of the pod'

async function deploymentState(kubectl: Kubectl, name: string, options = ''): Promise<readonly string[]> {
  const [, chosen] = /(?:^| )namespace="([^"]+)"/.exec(options) ?? []
  const place = chosen === undefined ? [] : ['--namespace', chosen]
  const get = async (...args: readonly string[]): Promise<unknown> => {
    const result = await kubectl(['get', ...args, ...place, '--output', 'json'])
    return result?.exitCode === 0 ? parseJson(Buffer.from(result.stdout)) : undefined
  }
  const [deployment, pods, events] = await Promise.all([
    get('deployment', name),
    get('pods', '--selector', `app=${name}`),
    get('events', '--field-selector', 'type=Warning'),
  ])
  const {lines, crashed} = podFacts({name, deployment, pods: itemsOf(pods), events: itemsOf(events)} satisfies PodState)
  const logs = await Promise.all(
    crashed.map(async ({namespace, name: pod}) => {
      // `kubectl logs` reads the pod, too, which takes another right.
      const result = await kubectl(['get', '--raw', `/api/v1/namespaces/${namespace}/pods/${pod}/log?tailLines=200`])
      return result?.exitCode === 0 ? errorsOf(result.stdout) : []
    }),
  )
  return [...lines, ...logs.flat().map((line) => `log: ${line}`)]
}

function itemsOf(list: unknown): readonly unknown[] {
  const items = field(list, 'items')
  return Array.isArray(items) ? items : []
}
