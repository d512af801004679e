import type {Http2Connection} from '../io/connections/http2-connection.ts'
import {call} from './grpc.ts'
import {decodeFields, encodeFields, repeatedField} from './protobuf.ts'

/** API of a BuildKit (https://github.com/moby/buildkit/blob/master/api/services/control/control.proto). */
const service = '/moby.buildkit.v1.Control'

/** Worker of a BuildKit. */
interface Worker {
  readonly labels: ReadonlyMap<string, string>
  /** Platforms that it can run, such as `linux/arm/v7`. */
  readonly platforms: readonly string[]
}

/** Lists the workers of a BuildKit. @throws GrpcError; Error if the connection breaks. */
export async function listWorkers(connection: Http2Connection): Promise<readonly Worker[]> {
  return (await ask(connection, 'ListWorkers')).map(workerOf)
}

/**
 * Reads the version of a BuildKit; empty if it reports none.
 * @throws GrpcError if it is too old for that; Error if the connection breaks.
 */
export async function readVersion(connection: Http2Connection): Promise<string> {
  const [version] = await ask(connection, 'Info')
  return version === undefined ? '' : textIn(version, 2)
}

/** Calls a method with an empty message, and returns the messages in the first field of the response. */
async function ask(connection: Http2Connection, method: string): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = []
  for await (const message of call(connection, `${service}/${method}`, encodeFields([]))) {
    found.push(...repeatedField(message, 1))
  }
  return found
}

/** https://github.com/moby/buildkit/blob/master/api/types/worker.proto, WorkerRecord */
function workerOf(bytes: Uint8Array): Worker {
  return {
    labels: new Map(repeatedField(bytes, 2).map((entry) => [textIn(entry, 1), textIn(entry, 2)])),
    platforms: repeatedField(bytes, 3).map(platformOf),
  }
}

/** https://github.com/moby/buildkit/blob/master/solver/pb/ops.proto, Platform */
function platformOf(bytes: Uint8Array): string {
  const [architecture = '', os = '', variant = ''] = [1, 2, 3].map((number) => textIn(bytes, number))
  return [os, architecture, ...(variant === '' ? [] : [variant])].join('/')
}

function textIn(message: Uint8Array, number: number): string {
  const value = decodeFields(message).get(number)
  return value instanceof Uint8Array ? Buffer.from(value).toString() : ''
}
