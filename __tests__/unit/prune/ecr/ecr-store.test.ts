import {describe, expect, test} from '@jest/globals'
import type {EcrAnswer, EcrApi} from '../../../../src/credentials/cloud/ecr-api.ts'
import {ecrStore} from '../../../../src/prune/ecr/ecr-store.ts'
import type {ImageStore} from '../../../../src/prune/image-store.ts'
import {makeImage} from '../../../../testing/memory-registry.ts'
import {repositoryDoubles, storeImage} from '../../../../testing/repository-doubles.ts'
import {refusalOf} from '../../../../testing/clouds/scene.ts'

const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const digest = `sha256:${'a'.repeat(64)}`
const image = {digest, tags: ['pr-1']}

interface Sent {
  readonly operation: string
  readonly body: object
}

/** Values are responses, texts are exceptions, in the order of the requests. */
function scripted(answers: readonly (object | string)[]): {readonly api: EcrApi; readonly sent: readonly Sent[]} {
  const sent: Sent[] = []
  const left = [...answers]
  const call = async (operation: string, body: object): Promise<EcrAnswer> => {
    sent.push({operation, body})
    const next = left.shift()
    if (next === undefined) throw new Error(`no answer to ${operation}`)
    if (typeof next !== 'string') return Promise.resolve({ok: true, value: next})
    return Promise.resolve({ok: false, exception: next, message: 'refused', line: `${operation}: 400`})
  }
  return {api: {call}, sent}
}

function opened(api: EcrApi, name = {host, path: 'team/app'}): ImageStore {
  return ecrStore(name, api, repositoryDoubles().repository('registry.example/team/app'))
}

function storeOf(answers: readonly (object | string)[], name = {host, path: 'team/app'}): ImageStore {
  return opened(scripted(answers).api, name)
}

function details(...entries: readonly object[]): object {
  return {imageDetails: entries}
}

describe('the list', () => {
  test('takes the later of push and return from the archive', async () => {
    const times = {imagePushedAt: 1_700_000_000.5, lastActivatedAt: 1_800_000_000}
    const listing = await storeOf([details({imageDigest: digest, ...times}, {imageDigest: `${digest}b`})]).list()
    expect(listing).toEqual({
      kind: 'images',
      images: [
        {digest, tags: [], pushedAt: new Date(1_800_000_000_000)},
        {digest: `${digest}b`, tags: [], pushedAt: undefined},
      ],
    })
  })

  test('asks for images of any status, of the account in the host', async () => {
    const {api, sent} = scripted([details()])
    await opened(api).list()
    const filter = {tagStatus: 'ANY', imageStatus: 'ANY'}
    const body = {registryId: '123456789012', repositoryName: 'team/app', maxResults: 1000, filter}
    expect(sent).toEqual([{operation: 'DescribeImages', body}])
  })

  test('leaves out what is archived, and referrers of it at any depth', async () => {
    const [archived, referrer, second, other] = ['1', '2', '3', '4'].map((end) => `${digest}${end}`)
    const listing = await storeOf([
      details(
        {imageDigest: second, subjectManifestDigest: referrer},
        {imageDigest: referrer, subjectManifestDigest: archived},
        {imageDigest: archived, imageStatus: 'ARCHIVED'},
        {imageDigest: other, imageStatus: 'ACTIVE'},
      ),
    ]).list()
    expect(listing).toMatchObject({images: [{digest: other}]})
  })

  test.each([
    {name: 'a page without images', answers: [{}]},
    {name: 'no digest', answers: [details({imageTags: ['1']})]},
    {name: 'a next page that was read', answers: [1, 2].map(() => ({imageDetails: [], nextToken: 'a'}))},
  ])('$name refuses the list', async ({answers}) => {
    expect((await refusalOf(storeOf(answers).list())).code).toBe('prune-list-cut')
  })

  test('a denial names the action and the repository', async () => {
    const {code, remedy} = await refusalOf(storeOf(['AccessDeniedException']).list())
    expect(code).toBe('ecr-denied')
    expect(remedy).toContain('ecr:DescribeImages on arn:aws:ecr:eu-west-1:123456789012:repository/team/app ')
  })

  test('any other refusal is an error of AWS', async () => {
    expect((await refusalOf(storeOf(['ServerException']).list())).code).toBe('aws-failed')
  })
})

describe('a deletion', () => {
  const described = details({imageDigest: digest, imageTags: ['pr-1']})

  test.each([
    ['ImageNotFound', {kind: 'gone'}],
    ['ImageReferencedByManifestList', {kind: 'kept', reason: 'needed'}],
    ['KmsError', {kind: 'failed'}],
  ])('with the failure %s has the result of its code', async (failureCode, expected) => {
    const failures = [{imageId: {imageDigest: digest}, failureCode, failureReason: 'because'}]
    const [result] = await storeOf([described, {imageIds: [], failures}]).deleteImages([image])
    expect(result).toMatchObject(expected)
  })

  test('that is denied names both actions', async () => {
    const [result] = await storeOf([described, 'AccessDeniedException']).deleteImages([image])
    expect(result).toMatchObject({kind: 'denied', answer: 'BatchDeleteImage: 400: AccessDeniedException: refused'})
    expect(result).toMatchObject({
      remedy: expect.stringContaining('ecr:DescribeImages and ecr:BatchDeleteImage on arn:'),
    })
  })

  test('throttled', async () => {
    const [result] = await storeOf([described, 'ThrottlingException']).deleteImages([image])
    expect(result?.kind).toBe('postponed')
  })

  test('without a result in the response has failed', async () => {
    const [result] = await storeOf([described, {imageIds: [], failures: []}]).deleteImages([image])
    expect(result?.kind).toBe('failed')
  })

  test('does not happen after another push', async () => {
    const again = details({imageDigest: digest, imageTags: ['pr-1'], imagePushedAt: 2})
    const {api, sent} = scripted([again])
    const doomed = {...image, pushedAt: new Date(1_000)}
    expect(await opened(api).deleteImages([doomed])).toEqual([{kind: 'changed'}])
    expect(sent.map(({operation}) => operation)).toEqual(['DescribeImages'])
  })

  test('is not requested if nothing is left to delete', async () => {
    const {api, sent} = scripted(['ImageNotFoundException'])
    expect(await opened(api).deleteImages([image])).toEqual([{kind: 'gone'}])
    expect(sent.map(({operation}) => operation)).toEqual(['DescribeImages'])
  })

  test('of a tag sends the tag alone', async () => {
    const two = details({imageDigest: digest, imageTags: ['pr-1', '1.2.3']})
    const {api, sent} = scripted([two, {imageIds: [{imageDigest: digest, imageTag: 'pr-1'}]}])
    expect(await opened(api).removeTag('pr-1', digest)).toEqual({kind: 'deleted'})
    expect(sent.at(-1)?.body).toMatchObject({imageIds: [{imageTag: 'pr-1'}]})
  })

  describe('of a tag that moves in that moment', () => {
    const moved = makeImage({text: 'moved'})
    const answers = [
      details({imageDigest: digest, imageTags: ['pr-1', '1.2.3']}),
      {imageIds: [{imageDigest: moved.digest, imageTag: 'pr-1'}]},
    ]

    test('puts the tag back', async () => {
      const client = repositoryDoubles().repository('registry.example/team/app')
      storeImage(client, moved)
      const store = ecrStore({host, path: 'team/app'}, scripted(answers).api, client)
      expect(await store.removeTag('pr-1', digest)).toEqual({kind: 'changed'})
      expect(client.manifests.get('pr-1')?.digest).toBe(moved.digest)
    })

    test('names the image that is gone with its last tag', async () => {
      const result = await storeOf(answers).removeTag('pr-1', digest)
      expect(result).toEqual({kind: 'failed', answer: expect.stringContaining(moved.digest) as unknown})
    })
  })
})

describe('a public registry', () => {
  const name = {host: 'public.ecr.aws', path: 'acme/team/app'}
  const registries = {registries: [{registryId: '210987654321', aliases: [{name: 'acme'}]}]}

  test('gets its account, and the name without its alias', async () => {
    const {api, sent} = scripted([registries, details(), details()])
    const store = opened(api, name)
    await store.list()
    await store.list()
    const body = {registryId: '210987654321', repositoryName: 'team/app', maxResults: 1000}
    const describes = {operation: 'DescribeImages', body}
    expect(sent).toEqual([{operation: 'DescribeRegistries', body: {}}, describes, describes])
  })

  test('of another account is refused before anything is listed', async () => {
    const {code} = await refusalOf(
      storeOf([{registries: [{registryId: '1', aliases: [{name: 'other'}]}]}], name).list(),
    )
    expect(code).toBe('ecr-denied')
  })

  test('names its own actions in a denial', async () => {
    const {remedy} = await refusalOf(storeOf(['AccessDeniedException'], name).list())
    expect(remedy).toContain('ecr-public:DescribeRegistries on * ')
  })

  test('that does not know the command does not support it', async () => {
    const described = details({imageDigest: digest, imageTags: ['pr-1']})
    const [result] = await storeOf([registries, described, 'UnsupportedCommandException'], name).deleteImages([image])
    expect(result?.kind).toBe('unsupported')
  })
})
