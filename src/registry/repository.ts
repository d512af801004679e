import type {Repository} from '../oci/reference.ts'
import {hasBlob, mountBlob, readBlob} from './blobs.ts'
import {Manifests} from './manifests.ts'
import {listReferrers} from './referrers.ts'
import type {RepositoryClient} from './repository-client.ts'
import type {Session} from './host-client.ts'
import {listTags} from './tags.ts'
import {uploadBlob, type UploadSizes} from './upload/upload.ts'
import {checked} from './upload/verified.ts'

/** One repository, asked through the session of its host. */
export function repositoryClient(repository: Repository, session: Session, sizes: UploadSizes): RepositoryClient {
  const {path} = repository
  const manifests = new Manifests(session, path)
  // Of a blob that is there, it is asked once.
  const held = new Set<string>()
  return {
    repository,
    tags: async () => listTags(session, path),
    head: async (reference) => manifests.head(reference),
    manifest: async (reference) => manifests.get(reference),
    putManifest: async (reference, content, proceed) => manifests.put(reference, content, proceed),
    deleteManifest: async (reference, proceed) => manifests.delete(reference, proceed),
    hasBlob: async (blob) => {
      const key = `${blob.digest} ${blob.sizeBytes}`
      if (held.has(key)) return true
      const isHeld = await hasBlob(session, path, blob)
      if (isHeld) held.add(key)
      return isHeld
    },
    readBlob: (blob) => checked(readBlob(session, path, blob), blob),
    mountBlob: async (blob, from) => mountBlob(session, path, {blob, from}),
    uploadBlob: async (blob, open) => uploadBlob({session, path, blob, open}, sizes),
    referrers: async (digest) => listReferrers(session, manifests, {path, digest}),
  }
}
