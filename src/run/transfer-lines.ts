import {formatBytes} from '../oci/byte-size.ts'

/** Blob that is sent, will be sent, or was sent. */
export interface SentBlob {
  readonly sizeBytes: number
  readonly isLayer: boolean
  /** Bytes that have been sent. Undefined before the upload starts. */
  readonly sentBytes: number | undefined
  readonly isStored: boolean
}

/** Bytes that have been sent to a registry. */
export function sentBytes(blobs: Iterable<SentBlob>): number {
  return [...blobs].reduce((sum, {sentBytes: sent = 0}) => sum + sent, 0)
}

/**
 * Line about the blobs of a registry: `ghcr.io: 412.0 MB of 1.02 GB sent, 38.1 MB/s, 3 of 5 layers stored`. The rate is
 * that of the bytes since the last line, in `ms`.
 */
export function transferLine(host: string, blobs: readonly SentBlob[], since: {bytes: number; ms: number}): string {
  const total = totalBytes(blobs)
  const sent = sentBytes(blobs)
  const rate = Math.max(0, ((sent - since.bytes) * 1000) / since.ms)
  const layers = blobs.filter(({isLayer}) => isLayer)
  const stored = layers.filter(({isStored}) => isStored).length
  return [
    `${host}: ${formatBytes(sent)} of ${formatBytes(total)} sent`,
    sent === total ? 'waiting for the registry to store them' : `${formatBytes(Math.round(rate))}/s`,
    ...(layers.length > 0 ? [`${stored} of ${layers.length} layers stored`] : []),
  ].join(', ')
}

/** Layer that a builder pushes. */
interface PushedLayer {
  readonly sizeBytes: number
  /** Time from the start of the push until the registry had the layer. Undefined if it does not have it yet. */
  readonly storedAfterMs: number | undefined
}

/**
 * Line about the layers that a builder pushes to a registry: `ghcr.io: 412.0 MB of 1.02 GB stored, 20.6 MB/s, 3 of 5
 * layers (30 s)`. Only whole layers are known. The rate is that of the stored ones, until the last of them was stored.
 */
export function storedLine(host: string, layers: readonly PushedLayer[], ms: number): string {
  const stored = layers.filter(({storedAfterMs}) => storedAfterMs !== undefined)
  const bytes = totalBytes(stored)
  const storedMs = Math.max(...stored.map(({storedAfterMs = 0}) => storedAfterMs))
  return [
    `${host}: ${formatBytes(bytes)} of ${formatBytes(totalBytes(layers))} stored`,
    ...(stored.length > 0 ? [`${formatBytes(Math.round((bytes * 1000) / storedMs))}/s`] : []),
    `${stored.length} of ${layers.length} layers (${Math.round(ms / 1000)} s)`,
  ].join(', ')
}

function totalBytes(blobs: readonly {readonly sizeBytes: number}[]): number {
  return blobs.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0)
}

/** Line about a request without a response: `ghcr.io: waiting for GET manifests/1.2.3 (20 s)`. */
export function waitLine({host, subject}: {host: string; subject: string}, ms: number): string {
  return `${host}: waiting for ${subject} (${Math.round(ms / 1000)} s)`
}
