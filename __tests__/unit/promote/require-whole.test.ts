import {describe, expect, test} from '@jest/globals'
import {requireWhole} from '../../../src/promote/require-whole.ts'
import {failure, type RequestInfo} from '../../../src/registry/failure.ts'
import type {RepositoryClient} from '../../../src/registry/repository-client.ts'
import {makeImage} from '../../../testing/memory-registry/images.ts'
import {storeImage, repositoryDoubles} from '../../../testing/repository-doubles.ts'

const app = 'registry.example/app'
const image = makeImage({text: 'whole', platforms: ['linux/amd64', 'linux/arm64'], attestations: true})

const blobRequest: RequestInfo = {
  host: 'registry.example',
  method: 'GET',
  url: new URL('https://registry.example/v2/app/blobs/sha256:0'),
  access: 'pull',
  repository: app,
  authenticated: true,
  hide: (text) => text,
}

function errorBody(code: string): string {
  return JSON.stringify({errors: [{code}]})
}

async function noSleep(): Promise<void> {
  return Promise.reject(new Error('no time left'))
}

describe('an image', () => {
  test('is checked in one round trip if this run has pushed it', async () => {
    // No request completes before all have been sent.
    const gate = Promise.withResolvers<undefined>()
    const everything = image.manifests.length + image.blobs.size
    let asked = 0
    const doubles = repositoryDoubles({
      beforeCall: async () => {
        asked += 1
        if (asked === everything) gate.resolve(undefined)
        await gate.promise
      },
    })
    const repository = doubles.repository(app)
    storeImage(repository, image)
    await requireWhole({content: image, parts: image.manifests}, [repository], noSleep)
    expect(doubles.calls).toHaveLength(everything)
  })

  test('is read level by level if another run has pushed it', async () => {
    const doubles = repositoryDoubles()
    const repository = doubles.repository(app)
    storeImage(repository, image)
    await requireWhole({content: image, parts: []}, [repository], noSleep)
    const expected = [
      ...image.manifests.map(({digest}) => `${app} GET ${digest}`),
      ...[...image.blobs.keys()].map((digest) => `${app} has ${digest}`),
    ]
    expect([...doubles.calls].sort()).toEqual(expected.sort())
  })

  test.each([{parts: image.manifests}, {parts: []}])('fails with the missing part as evidence', async ({parts}) => {
    const repository = repositoryDoubles().repository(app)
    storeImage(repository, image)
    const lost = image.platforms.get('linux/arm64')
    if (lost === undefined) throw new Error('no such platform')
    repository.manifests.delete(lost)
    await expect(
      requireWhole({content: image, parts}, [repository], async () => Promise.resolve()),
    ).rejects.toMatchObject({
      code: 'publish-unverified',
      evidence: [`${app} does not have ${lost}`],
    })
  })

  describe.each([
    {
      name: 'states that a blob does not exist',
      status: 404,
      body: errorBody('BLOB_UNKNOWN'),
      code: 'publish-unverified',
    },
    {name: 'responds with 404 without a code', status: 404, body: '', code: 'publish-unverified'},
    {name: 'fails', status: 503, body: '', code: 'registry-failed'},
    {name: 'fails with a code of absence', status: 500, body: errorBody('BLOB_UNKNOWN'), code: 'registry-failed'},
    {name: 'denies access', status: 403, body: errorBody('DENIED'), code: 'pull-denied'},
    {name: 'rejects the request', status: 400, body: errorBody('UNSUPPORTED'), code: 'registry-failed'},
  ])('whose registry $name for the GET of a blob', ({status, body, code}) => {
    test(`fails with ${code}`, async () => {
      const repository = repositoryDoubles().repository(app)
      storeImage(repository, image)
      const [lost] = repository.blobs.keys()
      if (lost === undefined) throw new Error('no blob')
      repository.blobs.delete(lost)
      const readBlob: RepositoryClient['readBlob'] = () => {
        throw failure(blobRequest, {status, body: Buffer.from(body)})
      }
      await expect(
        requireWhole({content: image, parts: image.manifests}, [{...repository, readBlob}], async () =>
          Promise.resolve(),
        ),
      ).rejects.toMatchObject({code})
    })
  })

  test('is checked again when the registry shows it', async () => {
    const repository = repositoryDoubles().repository(app)
    const shown = Promise.resolve().then(() => {
      storeImage(repository, image)
    })
    await requireWhole({content: image, parts: image.manifests, shown}, [repository], noSleep)
    expect(repository.manifests.has(image.digest)).toBe(true)
  })
})
