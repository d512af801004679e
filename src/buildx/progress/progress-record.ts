import {field} from '../../oci/manifest.ts'

/**
 * One line of `--progress rawjson`: BuildKit's SolveStatus as Buildx prints it
 * (https://pkg.go.dev/github.com/moby/buildkit/client#SolveStatus). Times are milliseconds since 1970.
 */
export interface ProgressRecord {
  readonly vertices: readonly VertexRecord[]
  readonly statuses: readonly StatusRecord[]
  readonly logs: readonly LogRecord[]
  readonly warnings: readonly WarningRecord[]
}

/** State of a build step; a later record with the same digest updates it. */
export interface VertexRecord {
  readonly digest: string
  readonly name: string
  /** Digests of the steps that it starts from; the first one provides its file system. */
  readonly inputs: readonly string[]
  readonly started: number | undefined
  readonly completed: number | undefined
  readonly cached: boolean
  /** Error message; empty without an error. */
  readonly error: string
}

/** Progress of a transfer, or of another part of a step. */
export interface StatusRecord {
  readonly vertex: string
  readonly id: string
  readonly current: number
  /** Total amount; 0 if unknown. */
  readonly total: number
  readonly timestamp: number | undefined
  readonly started: number | undefined
  readonly completed: number | undefined
}

/** Part of a step's output, which may end within a line or a character. */
export interface LogRecord {
  readonly vertex: string
  readonly data: Uint8Array
  readonly timestamp: number | undefined
}

/** Warning of a check. */
export interface WarningRecord {
  readonly short: string
  readonly detail: readonly string[]
  readonly url: string
  /** Name of the Dockerfile as the build names it, without its folder. */
  readonly filename: string
  /** First and last line, from 1; 0 if unknown. */
  readonly line: number
  readonly endLine: number
}

/**
 * Parses a record; undefined for any other line, such as an error of Buildx. Malformed parts of a record are omitted.
 */
export function parseProgress(line: string): ProgressRecord | undefined {
  if (!line.startsWith('{')) return undefined
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  const names = ['vertexes', 'statuses', 'logs', 'warnings']
  if (!names.some((name) => Array.isArray(field(value, name)))) return undefined
  return {
    vertices: listOf(value, 'vertexes', vertexOf),
    statuses: listOf(value, 'statuses', statusOf),
    logs: listOf(value, 'logs', logOf),
    warnings: listOf(value, 'warnings', warningOf),
  }
}

function vertexOf(value: unknown): VertexRecord | undefined {
  const digest = textOf(value, 'digest')
  if (digest === '') return undefined
  const inputs = field(value, 'inputs')
  return {
    digest,
    name: textOf(value, 'name'),
    inputs: Array.isArray(inputs) ? inputs.filter((input) => typeof input === 'string') : [],
    started: timeOf(value, 'started'),
    completed: timeOf(value, 'completed'),
    cached: field(value, 'cached') === true,
    error: textOf(value, 'error'),
  }
}

function statusOf(value: unknown): StatusRecord | undefined {
  const vertex = textOf(value, 'vertex')
  const id = textOf(value, 'id')
  if (vertex === '' || id === '') return undefined
  return {
    vertex,
    id,
    current: numberOf(value, 'current'),
    total: numberOf(value, 'total'),
    timestamp: timeOf(value, 'timestamp'),
    started: timeOf(value, 'started'),
    completed: timeOf(value, 'completed'),
  }
}

function logOf(value: unknown): LogRecord | undefined {
  const vertex = textOf(value, 'vertex')
  if (vertex === '') return undefined
  return {vertex, data: Buffer.from(textOf(value, 'data'), 'base64'), timestamp: timeOf(value, 'timestamp')}
}

function warningOf(value: unknown): WarningRecord | undefined {
  const short = plainText(field(value, 'short'))
  if (short === '') return undefined
  const detail = field(value, 'detail')
  const ranges = field(value, 'range')
  const range: unknown = Array.isArray(ranges) ? ranges[0] : undefined
  return {
    short,
    detail: Array.isArray(detail) ? detail.map(plainText).filter((text) => text !== '') : [],
    url: textOf(value, 'url'),
    filename: textOf(field(value, 'sourceInfo'), 'filename'),
    line: numberOf(field(range, 'start'), 'line'),
    endLine: numberOf(field(range, 'end'), 'line'),
  }
}

function listOf<T>(value: unknown, name: string, read: (entry: unknown) => T | undefined): readonly T[] {
  const list = field(value, name)
  return Array.isArray(list) ? list.flatMap((entry) => read(entry) ?? []) : []
}

function textOf(value: unknown, name: string): string {
  const text = field(value, name)
  return typeof text === 'string' ? text : ''
}

function numberOf(value: unknown, name: string): number {
  const number = field(value, name)
  return typeof number === 'number' && number > 0 ? number : 0
}

function timeOf(value: unknown, name: string): number | undefined {
  const time = Date.parse(textOf(value, name))
  return Number.isNaN(time) ? undefined : time
}

/** Text of a byte array, which Go encodes as base64. */
function plainText(value: unknown): string {
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : ''
}
