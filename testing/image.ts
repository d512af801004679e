import {gunzipSync} from 'node:zlib'
import type {Registry} from './registry.ts'

/** Fields of an index that tests use (https://github.com/opencontainers/image-spec/blob/main/image-index.md). */
export interface OciIndex {
  readonly manifests: readonly OciDescriptor[]
  readonly annotations?: Readonly<Record<string, string>>
}

export interface OciDescriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: {readonly os: string; readonly architecture: string}
  readonly annotations?: Readonly<Record<string, string>>
}

export interface OciManifest {
  readonly config: OciDescriptor
  readonly layers: readonly OciDescriptor[]
  readonly annotations?: Readonly<Record<string, string>>
}

export interface OciConfig {
  readonly architecture: string
  readonly config: {readonly Labels?: Readonly<Record<string, string>>}
  readonly history: readonly {readonly created_by: string}[]
}

/** Location of an image. `reference` is a tag or a digest. */
export interface ImageLocation {
  readonly registry: Registry
  readonly repository: string
  readonly reference: string
}

export async function readIndex(location: ImageLocation): Promise<OciIndex> {
  return (await readJson(location)) as OciIndex
}

export async function readManifest(location: ImageLocation): Promise<OciManifest> {
  return (await readJson(location)) as OciManifest
}

export async function readConfig(location: ImageLocation): Promise<OciConfig> {
  const {config} = await readManifest(location)
  const blob = await location.registry.blob(location.repository, config.digest)
  return JSON.parse(blob.toString()) as OciConfig
}

/** Files of an image of one platform, by path. Later layers replace files of earlier ones. */
export async function readFiles(location: ImageLocation): Promise<ReadonlyMap<string, string>> {
  const {layers} = await readManifest(location)
  const files = new Map<string, string>()
  for (const {digest} of layers) {
    const layer = gunzipSync(await location.registry.blob(location.repository, digest))
    for (const {name, content} of tarEntries(layer)) files.set(name, content.toString())
  }
  return files
}

/** Full content of an image: manifests, configurations, unpacked layers and attestations. */
export async function readEverything(location: ImageLocation): Promise<string> {
  const top = await location.registry.manifest(location.repository, location.reference)
  if (top === undefined) throw new Error(`${location.repository}:${location.reference} does not exist`)
  const {manifests} = top.json as Partial<OciIndex>
  if (manifests !== undefined) {
    const parts = await Promise.all(manifests.map(async ({digest}) => readEverything({...location, reference: digest})))
    return [top.bytes.toString('latin1'), ...parts].join('\n')
  }
  const {config, layers} = top.json as OciManifest
  const blobs = await Promise.all(
    [config, ...layers].map(async ({digest, mediaType}) => {
      const blob = await location.registry.blob(location.repository, digest)
      return (mediaType.endsWith('gzip') ? gunzipSync(blob) : blob).toString('latin1')
    }),
  )
  return [top.bytes.toString('latin1'), ...blobs].join('\n')
}

async function readJson({registry, repository, reference}: ImageLocation): Promise<unknown> {
  const stored = await registry.manifest(repository, reference)
  if (stored === undefined) throw new Error(`${repository}:${reference} does not exist`)
  return stored.json
}

const block = 512

/** Lists the regular files of a tar archive (POSIX ustar; https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html). */
function tarEntries(archive: Buffer): readonly {readonly name: string; readonly content: Buffer}[] {
  const entries: {name: string; content: Buffer}[] = []
  for (let offset = 0; offset + block <= archive.length;) {
    const header = archive.subarray(offset, offset + block)
    const name = textOf(header.subarray(0, 100))
    if (name === '') break
    const size = Number.parseInt(textOf(header.subarray(124, 136)), 8)
    const type = textOf(header.subarray(156, 157))
    if (type === '0' || type === '') {
      entries.push({name, content: archive.subarray(offset + block, offset + block + size)})
    }
    offset += block + Math.ceil(size / block) * block
  }
  return entries
}

function textOf(field: Buffer): string {
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end === -1 ? field.length : end).trim()
}
