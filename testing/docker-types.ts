import {digestOf} from '../src/oci/digest.ts'
import type {TestImage} from './memory-registry.ts'

const names = [
  ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'],
  ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'],
  ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'],
  ['application/vnd.oci.image.layer.v1.tar', 'application/vnd.docker.image.rootfs.diff.tar'],
] as const

/** Image with the media types of Docker in place of those of OCI. Its manifests have no annotations. */
export function withDockerTypes({manifests, blobs, digest}: TestImage): TestImage {
  const renamed = new Map<string, string>(names)
  const converted = manifests.map((one) => {
    let text = one.bytes.toString()
    for (const [from, to] of renamed) text = text.replaceAll(from, to)
    const bytes = Buffer.from(text)
    renamed.set(one.digest, digestOf(bytes))
    const {mediaType} = JSON.parse(text) as {readonly mediaType: string}
    return {mediaType, bytes, digest: digestOf(bytes)}
  })
  const top = converted.find((one) => one.digest === renamed.get(digest))
  if (top === undefined) throw new Error('no manifest')
  return {...top, platforms: new Map(), manifests: converted, blobs}
}
