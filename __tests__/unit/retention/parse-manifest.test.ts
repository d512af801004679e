import {describe, expect, test} from '@jest/globals'
import {parseStoredManifest} from '../../../src/retention/parse-manifest.ts'
import type {StoredManifest} from '../../../src/retention/stored-manifest.ts'
import {named} from '../../../testing/retention.ts'

const oci = 'application/vnd.oci.image'
const sha512 = `sha512:${'0f'.repeat(64)}`

function parsed(value: unknown): StoredManifest | undefined {
  const bytes = new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
  return parseStoredManifest({digest: named('top'), mediaType: `${oci}.manifest.v1+json`, bytes})
}

const entry = (name: string, mediaType: string): object => ({mediaType, digest: named(name), size: 10})

interface Row {
  readonly name: string
  readonly value: object
  readonly children?: readonly string[]
  readonly blobs?: readonly string[]
  readonly subject?: string
  readonly artifactType?: string
}

const rows: readonly Row[] = [
  {
    name: 'OCI manifest',
    value: {config: entry('config', `${oci}.config.v1+json`), layers: [entry('layer', `${oci}.layer.v1.tar+gzip`)]},
    blobs: ['config', 'layer'],
    artifactType: `${oci}.config.v1+json`,
  },
  {
    name: 'OCI index with a nested index and an attestation',
    value: {
      manifests: [
        entry('nested', `${oci}.index.v1+json`),
        {...entry('provenance', `${oci}.manifest.v1+json`), platform: {os: 'unknown', architecture: 'unknown'}},
        entry('nested', `${oci}.index.v1+json`),
      ],
    },
    children: ['nested', 'provenance'],
  },
  {
    name: 'entry of an unknown type',
    value: {manifests: [entry('chart', 'application/vnd.acme.thing')]},
    children: ['chart'],
  },
  {
    name: 'signature as a referrer',
    value: {
      artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      config: entry('empty', 'application/vnd.oci.empty.v1+json'),
      layers: [entry('bundle', 'application/vnd.dev.sigstore.bundle.v0.3+json')],
      subject: entry('image', `${oci}.manifest.v1+json`),
    },
    blobs: ['empty', 'bundle'],
    subject: 'image',
    artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  },
  {
    name: 'OCI artifact manifest',
    value: {
      mediaType: 'application/vnd.oci.artifact.manifest.v1+json',
      artifactType: 'application/spdx+json',
      blobs: [entry('sbom', 'application/spdx+json')],
      subject: entry('image', `${oci}.manifest.v1+json`),
    },
    blobs: ['sbom'],
    subject: 'image',
    artifactType: 'application/spdx+json',
  },
  {
    name: 'Docker schema 1',
    value: {schemaVersion: 1, name: 'acme/app', fsLayers: [{blobSum: named('layer')}], history: []},
    blobs: ['layer'],
  },
  {
    name: 'cache in an index',
    value: {
      manifests: [
        entry('layer', `${oci}.layer.v1.tar+gzip`),
        entry('config', 'application/vnd.buildkit.cacheconfig.v0'),
      ],
    },
    blobs: ['config', 'layer'],
    artifactType: 'application/vnd.buildkit.cacheconfig.v0',
  },
  {
    name: 'cache in a manifest',
    value: {
      config: entry('config', 'application/vnd.buildkit.cacheconfig.v0'),
      layers: [entry('layer', `${oci}.layer.v1.tar+gzip`)],
    },
    blobs: ['config', 'layer'],
    artifactType: 'application/vnd.buildkit.cacheconfig.v0',
  },
  {
    name: 'base layer of Windows',
    value: {layers: [entry('foreign', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip')]},
  },
  {
    name: 'fields of other types',
    value: {manifests: {}, layers: 'none', config: 7, subject: 'image', fsLayers: 1, blobs: [null, {digest: 'layer'}]},
  },
]

describe('parseStoredManifest', () => {
  test.each(rows)('$name', ({value, children = [], blobs = [], subject, artifactType}) => {
    const manifest = parsed(value)
    expect({
      children: manifest?.children,
      blobs: manifest?.blobs.map(({digest}) => digest),
      subject: manifest?.subject,
      artifactType: manifest?.artifactType,
    }).toEqual({
      children: children.map(named),
      blobs: blobs.map(named),
      subject: subject === undefined ? undefined : named(subject),
      artifactType,
    })
  })

  test('accepts digests of any algorithm', () => {
    const manifest = parsed({
      manifests: [{mediaType: `${oci}.manifest.v1+json`, digest: sha512, size: 1}],
      subject: {digest: sha512},
    })
    expect([manifest?.children, manifest?.subject]).toEqual([[sha512], sha512])
  })

  test('reads platforms, sizes and annotations', () => {
    const manifest = parsed({
      manifests: [
        {...entry('arm64', `${oci}.manifest.v1+json`), platform: {os: 'linux', architecture: 'arm64', variant: 'v8'}},
      ],
      annotations: {'org.opencontainers.image.created': '2026-01-02T03:04:05Z'},
    })
    expect(manifest?.platforms).toEqual(new Map([[named('arm64'), 'linux/arm64']]))
    expect(manifest?.facts.created).toBe('2026-01-02T03:04:05Z')
    expect(parsed({layers: [entry('layer', 'x/y')]})?.blobs).toEqual([{digest: named('layer'), sizeBytes: 10}])
  })

  test.each(['', '<html>', '[]', 'null', '"text"'])('refuses %j', (text) => {
    expect(parsed(text)).toBeUndefined()
  })
})
