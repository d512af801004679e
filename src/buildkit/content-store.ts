import type {Http2Connection} from '../io/connections/http2-connection.ts'
import type {Digest} from '../oci/digest.ts'
import {call, GrpcError, grpcStatus} from './grpc.ts'
import {decodeFields, encodeFields} from './protobuf.ts'

/**
 * Content store of a BuildKit, by the content service of containerd
 * (https://github.com/containerd/containerd/blob/main/api/services/content/v1/content.proto), which BuildKit offers beside
 * its own API, for reading.
 */
const service = '/containerd.services.content.v1.Content'

/**
 * Reads content from an offset, in chunks, not verified.
 * @throws GrpcError `notFound` if the store does not have it; Error if the connection breaks.
 */
export async function* readContent(
  connection: Http2Connection,
  digest: Digest,
  offset: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const request = encodeFields([[1, digest], ...(offset > 0 ? [[2, offset] as const] : [])])
  let position = offset
  for await (const message of call(connection, `${service}/Read`, request)) {
    const fields = decodeFields(message)
    const start = fields.get(1) ?? 0
    const data = fields.get(2) ?? new Uint8Array()
    if (start !== position || !(data instanceof Uint8Array)) {
      throw new GrpcError(grpcStatus.unknown, `content at ${String(start)} instead of ${position}`)
    }
    position += data.byteLength
    if (data.byteLength > 0) yield data
  }
}
