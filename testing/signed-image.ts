import {sign, type KeyObject} from 'node:crypto'
import {digestOf, type Digest} from '../src/oci/digest.ts'
import {bundleMediaType, formatBundle} from '../src/signing/bundle.ts'
import {preAuthEncoding} from '../src/signing/dsse.ts'
import {formatStatement, signaturePredicate} from '../src/signing/statement.ts'
import type {TestImage} from './memory-registry.ts'

/** Creates the referrer with a bundle by a key that signs an image. */
export function makeBundle(
  subject: Pick<TestImage, 'digest' | 'mediaType' | 'bytes'>,
  key: KeyObject,
  {
    predicateType = signaturePredicate,
    signed = subject.digest,
  }: {readonly predicateType?: string; readonly signed?: Digest} = {},
): TestImage {
  const statement = formatStatement({subjects: [signed], predicateType, predicate: {}})
  const material = {key: {kind: 'key', hint: ''}, logEntries: [], timestamps: []} as const
  const bundle = Buffer.from(
    formatBundle(statement, {bytes: sign('sha256', preAuthEncoding(statement), key), material}),
  )
  const empty = Buffer.from('{}')
  const descriptor = (mediaType: string, bytes: Buffer): object => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.byteLength,
  })
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType: bundleMediaType,
      config: descriptor('application/vnd.oci.empty.v1+json', empty),
      layers: [descriptor(bundleMediaType, bundle)],
      subject: descriptor(subject.mediaType, subject.bytes),
    }),
  )
  const manifest = {mediaType: manifestType, bytes, digest: digestOf(bytes)}
  const blobs = new Map([empty, bundle].map((blob) => [digestOf(blob), blob]))
  return {...manifest, platforms: new Map(), manifests: [manifest], blobs}
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
