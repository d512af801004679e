import type {Transfers} from '../registry-request.ts'
import {hasBlob, readBlob} from '../blobs.ts'
import type {HostClient} from '../host-client.ts'
import type {RepositoryClient} from '../repository-client.ts'
import {defaultSizes, uploadBlob, type UploadSizes} from './upload.ts'
import {SpareUploads} from './spare-uploads.ts'
import type {Started} from './upload-session.ts'
import {markVerified} from './verified.ts'

type BlobMethods = Pick<
  RepositoryClient,
  'expectBlobs' | 'hasBlob' | 'readBlob' | 'mountBlob' | 'beginUploads' | 'uploadBlob' | 'endUploads'
>

interface BlobOptions {
  readonly sizes: UploadSizes | undefined
  readonly transfers: Transfers
}

/** Creates the methods for the blobs of one repository. They report what is sent, and what exists. */
export function blobMethods(
  client: HostClient,
  path: string,
  {sizes = defaultSizes, transfers}: BlobOptions,
): BlobMethods {
  const place = {host: client.host, path}
  // Blobs that are known to exist.
  const existing = new Set<string>()
  // Uploads that the registry started in place of a mount.
  const begun = new Map<string, Started>()
  const spare = new SpareUploads(client, path)
  const takeBegun = (digest: string): Started | undefined => {
    const started = begun.get(digest)
    begun.delete(digest)
    return started
  }
  return {
    expectBlobs: (blobs) => {
      transfers.expect(place, blobs)
    },
    hasBlob: async (blob) => {
      const key = `${blob.digest} ${blob.sizeBytes}`
      if (existing.has(key)) return true
      if (!(await hasBlob(client, path, blob))) return false
      existing.add(key)
      transfers.has(place, blob)
      const unused = takeBegun(blob.digest)
      if (unused !== undefined) await (await import('./cancel-upload.ts')).cancelUpload(client, path, unused)
      return true
    },
    readBlob: (blob, options) => markVerified(readBlob(client, path, {...blob, ...options}), blob),
    mountBlob: async (blob, from) => {
      const {mountBlob} = await import('./mount.ts')
      const result = await mountBlob(client, path, {blob, from})
      if (result === 'mounted') transfers.has(place, blob)
      else if (result !== undefined) begun.set(blob.digest, result)
      return result === 'mounted'
    },
    beginUploads: (count) => {
      spare.begin(count)
    },
    uploadBlob: async (blob, open) => {
      const isWhole = blob.sizeBytes <= sizes.monolithicBytes
      const started = async (): Promise<Started | undefined> =>
        takeBegun(blob.digest) ?? (isWhole ? spare.take() : undefined)
      const onSent = (bytes: number): void => {
        transfers.sent(place, blob, bytes)
      }
      try {
        await uploadBlob({client, path, blob, open, started, onSent}, sizes)
        transfers.has(place, blob)
      } catch (error) {
        transfers.failed(place)
        throw error
      }
    },
    endUploads: async () => spare.end(),
  }
}
