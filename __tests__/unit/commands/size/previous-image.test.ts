import {describe, expect, test} from '@jest/globals'
import {previousImage} from '../../../../src/commands/size/previous-image.ts'
import type {TagDecision} from '../../../../src/promote/decide/tag-decision.ts'
import {makeImage} from '../../../../testing/memory-registry/images.ts'
import {repositoryDoubles, storeImage} from '../../../../testing/repository-doubles.ts'

const repository = {host: 'ghcr.io', path: 'o/app'}
const image = makeImage({platforms: ['linux/amd64', 'linux/arm64'], attestations: true})

function decision(tag: string, kind: 'floating' | 'exact', change: Partial<TagDecision> = {}): TagDecision {
  const role = kind === 'floating' ? ({kind: 'commit-line'} as const) : ({kind: 'commit'} as const)
  return {
    tag: {reference: {repository, tag}, role},
    before: image.digest,
    action: 'put',
    reason: {code: 'new-tag'},
    level: 'info',
    ...change,
  } as TagDecision
}

async function read(decisions: readonly TagDecision[], isStored = true): ReturnType<typeof previousImage> {
  const doubles = repositoryDoubles()
  const client = doubles.repository('ghcr.io/o/app')
  if (isStored) storeImage(client, image)
  const clients = {
    repository: () => client,
    scheme: async () => Promise.resolve(undefined),
    [Symbol.dispose]: () => undefined,
  }
  return previousImage(decisions, {versions: new Map([[image.digest, '1.2.3']])}, {clients})
}

describe('the previous image', () => {
  test('is what the tag had', async () => {
    const found = await read([decision('sha-1', 'exact'), decision('main', 'floating'), decision('edge', 'floating')])
    expect(found).toMatchObject({tag: 'main', version: '1.2.3'})
    expect(found?.images.map(({platform}) => platform)).toEqual(['linux/amd64', 'linux/arm64'])
  })

  test.each([
    {name: 'no tag moves', decisions: [decision('main', 'floating', {action: 'keep'})]},
    {name: 'the tag is new', decisions: [decision('main', 'floating', {before: undefined})]},
    {name: 'only exact tags are pushed', decisions: [decision('sha-1', 'exact')]},
  ])('does not exist if $name', async ({decisions}) => {
    expect(await read(decisions)).toBeUndefined()
  })

  test('has no images if the registry has removed it', async () => {
    expect(await read([decision('main', 'floating')], false)).toBeUndefined()
  })
})
