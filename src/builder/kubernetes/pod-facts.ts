import {field} from '../../oci/manifest.ts'

/** Objects of the Kubernetes API, as parsed JSON. */
export interface PodState {
  /** Name of the deployment. */
  readonly name: string
  readonly deployment: unknown
  readonly pods: readonly unknown[]
  /** Warnings of the namespace. */
  readonly events: readonly unknown[]
}

interface PodFacts {
  /** One line per fact, without repetitions. */
  readonly lines: readonly string[]
  /** Pods whose container ended, so that its log states the reason. */
  readonly crashed: readonly PodName[]
}

interface PodName {
  readonly namespace: string
  readonly name: string
}

/** Facts that explain why the pods of a deployment are not ready. */
export function podFacts({name, deployment, pods, events}: PodState): PodFacts {
  const failures = listOf(deployment, 'status', 'conditions').filter(
    (condition) => textOf(condition, 'type') === 'ReplicaFailure' && textOf(condition, 'status') === 'True',
  )
  const lines = [
    ...failures.map((condition) => `deployment ${name}: ${reasonOf(condition)}`),
    ...pods.flatMap(podLines),
    ...events.filter((event) => isOf(event, name)).map((event) => `event: ${reasonOf(event)}`),
  ]
  const crashed = pods.filter((pod) => containers(pod).some(hasEnded))
  return {
    lines: withoutRepetitions(lines),
    crashed: crashed.map((pod) => ({namespace: textOf(field(pod, 'metadata'), 'namespace'), name: nameOf(pod)})),
  }
}

/** Last errors in the log of BuildKit; without any, its last lines. After a wrong flag, the log ends with the usage. */
export function errorsOf(log: string): readonly string[] {
  const lines = log.split('\n').filter((line) => line.trim() !== '')
  const errors = lines.filter((line) =>
    /^(?:incorrect usage|error|fatal|panic|buildkitd:)|level=(?:error|fatal)/i.test(line),
  )
  return (errors.length === 0 ? lines : errors).slice(-3)
}

function podLines(pod: unknown): readonly string[] {
  const pending = listOf(pod, 'status', 'conditions').filter(
    (condition) => textOf(condition, 'type') === 'PodScheduled' && textOf(condition, 'status') === 'False',
  )
  const reasons = [...pending.map(reasonOf), ...containers(pod).flatMap(containerReasons)]
  const phase = textOf(field(pod, 'status'), 'phase')
  return (reasons.length === 0 ? [phase] : reasons).map((reason) => `pod ${nameOf(pod)}: ${reason}`)
}

/** Reasons of a container that waits; empty for one that runs. */
function containerReasons(container: unknown): readonly string[] {
  const waiting = field(field(container, 'state'), 'waiting')
  if (waiting === undefined) return []
  const code = field(field(field(container, 'lastState'), 'terminated'), 'exitCode')
  return [`${reasonOf(waiting)}${typeof code === 'number' ? ` (exit code ${code})` : ''}`]
}

function hasEnded(container: unknown): boolean {
  return field(field(container, 'lastState'), 'terminated') !== undefined
}

function containers(pod: unknown): readonly unknown[] {
  return [...listOf(pod, 'status', 'initContainerStatuses'), ...listOf(pod, 'status', 'containerStatuses')]
}

/** Reports whether an event is about the deployment, its replica set or a pod. */
function isOf(event: unknown, name: string): boolean {
  const about = textOf(field(event, 'involvedObject'), 'name')
  return about === name || about.startsWith(`${name}-`)
}

/** Drops a line whose message an earlier line has. */
function withoutRepetitions(lines: readonly string[]): readonly string[] {
  const message = (line: string): string => line.replace(/^\w+(?: \S+)?: \w+: /, '')
  return lines.filter((line, index) => !lines.slice(0, index).some((earlier) => earlier.includes(message(line))))
}

function reasonOf(value: unknown): string {
  return [textOf(value, 'reason'), textOf(value, 'message')].filter((text) => text !== '').join(': ')
}

function nameOf(value: unknown): string {
  return textOf(field(value, 'metadata'), 'name')
}

function listOf(value: unknown, ...[first, second]: readonly [string, string]): readonly unknown[] {
  const list = field(field(value, first), second)
  return Array.isArray(list) ? list : []
}

function textOf(value: unknown, name: string): string {
  const text = field(value, name)
  return typeof text === 'string' ? text.trim() : ''
}
