import {describe, expect, test} from '@jest/globals'
import {ContentUnavailable} from '../../../../src/buildkit/content-source.ts'
import {digestOf} from '../../../../src/oci/digest.ts'
import type {Descriptor} from '../../../../src/oci/manifest.ts'
import type {ImageTree} from '../../../../src/registry/images/image-tree.ts'
import {largeLacks, megabytes, requireFewBytes} from '../../../../src/stage/content/few-bytes.ts'
import {repositoryDoubles, type RepositoryDouble} from '../../../../testing/repository-doubles.ts'

const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip'

function treeOf(layers: readonly Descriptor[]): ImageTree {
  const bytes = Buffer.from('a manifest')
  const top = {digest: digestOf(bytes), mediaType: 'application/vnd.oci.image.manifest.v1+json', bytes} as const
  return {top, levels: [[top]], blobs: new Map([[top.digest, layers]])}
}

function layerOf(text: string, megabytes: number): Descriptor {
  return {mediaType, digest: digestOf(Buffer.from(text)), sizeBytes: megabytes * 1024 * 1024, platform: undefined}
}

const [base, own] = [layerOf('base', 60), layerOf('own', 60)]
const tree = treeOf([base, own])

/** Repository of a registry with these layers. */
function having(name: string, layers: readonly Descriptor[]): RepositoryDouble {
  const client = repositoryDoubles().repository(name)
  for (const {digest} of layers) client.blobs.set(digest, Buffer.from('stored'))
  return client
}

async function isAccepted(clients: readonly RepositoryDouble[], of = tree): Promise<boolean> {
  try {
    await requireFewBytes({tree: of}, clients)
    return true
  } catch (error) {
    if (!(error instanceof ContentUnavailable)) throw error
    return false
  }
}

describe('requireFewBytes', () => {
  test.each([
    {name: 'a registry that lacks one layer', stored: [[base]], accepted: true},
    {name: 'a registry that lacks both', stored: [[]], accepted: false},
    {name: 'a second registry that lacks both', stored: [[base, own], []], accepted: false},
    {name: 'two registries that lack one layer each', stored: [[base], [own]], accepted: false},
    {name: 'two registries that lack the same layer', stored: [[base], [base]], accepted: true},
  ])('$name: $accepted', async ({stored, accepted}) => {
    const clients = stored.map((layers, index) => having(`r${index}.example/o/app`, layers))
    expect(await isAccepted(clients)).toBe(accepted)
  })

  test('asks one repository of each registry', async () => {
    const doubles = repositoryDoubles()
    const clients = ['r.example/o/app', 'r.example/o/other', 's.example/o/app'].map((name) => doubles.repository(name))
    await isAccepted(clients)
    const hosts = doubles.calls.map((call) => call.split('/')[0])
    expect(hosts.toSorted()).toEqual(['r.example', 'r.example', 's.example', 's.example'])
  })

  test('sends no request for a small image', async () => {
    const doubles = repositoryDoubles()
    expect(await isAccepted([doubles.repository('r.example/o/app')], treeOf([base]))).toBe(true)
    expect(doubles.calls).toEqual([])
  })
})

describe('largeLacks', () => {
  test.each([
    {name: 'both registries have one layer', stored: [[base], [own]], lacking: []},
    {name: 'the second registry lacks both layers', stored: [[base, own], []], lacking: ['r1.example 126']},
    {name: 'both registries lack both', stored: [[], []], lacking: ['r0.example 126', 'r1.example 126']},
  ])('if $name: $lacking', async ({stored, lacking}) => {
    const clients = stored.map((layers, index) => having(`r${index}.example/o/app`, layers))
    const lacks = await largeLacks({tree}, clients)
    expect(lacks.map(({client, bytes}) => `${client.repository.host} ${megabytes(bytes)}`)).toEqual(lacking)
  })

  test('names the first repository of a registry', async () => {
    const clients = ['app', 'other'].map((name) => having(`r.example/o/${name}`, []))
    expect((await largeLacks({tree}, clients)).map(({client}) => client.repository.path)).toEqual(['o/app'])
  })
})
