import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {prepare, type Prepared} from '../../../src/prepare/prepare.ts'
import type {SkipReason} from '../../../src/reasons/push-reasons.ts'
import {loadEvent} from '../../../testing/events.ts'
import {fakeIo, temporaryDirectory} from '../../../testing/fake-io.ts'

type Given = Readonly<Record<string, string>>

interface Release {
  readonly event: string
  readonly inputs?: Given
  /** Ref that replaces that of payload and variables. */
  readonly tag?: string
  /** Over those of the runner; the empty text takes one away. */
  readonly variables?: Given
}

/** Prepares a run for a release from the event only, without requests. */
async function run({event, inputs = {}, tag, variables = {}}: Release): Promise<Prepared> {
  await using directory = await temporaryDirectory()
  const {environment, payload} = loadEvent(event)
  const {release, ...others} = payload as {readonly release: object}
  const file = path.join(directory.path, 'event.json')
  const named = tag === undefined ? {} : {tag_name: tag}
  await writeFile(file, JSON.stringify({...others, release: {...release, ...named}}))
  const ref = tag === undefined ? {} : {GITHUB_REF: `refs/tags/${tag}`, GITHUB_REF_NAME: tag}
  const io = fakeIo({
    environment: {...environment, ...ref, GITHUB_EVENT_PATH: file, GITHUB_WORKSPACE: directory.path, ...variables},
    inputs: new Map(Object.entries({images: 'user/app', ...inputs})),
  })
  return await prepare(io)
}

const versionRules = 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}'

interface Row extends Release {
  readonly name: string
  readonly version: string
  readonly from: string
  readonly tags: readonly string[]
}

const published: readonly Row[] = [
  {
    name: 'a release, by default',
    event: 'release-published',
    version: '0.0.1',
    from: 'the Git tag 0.0.1',
    tags: ['0.0.1', '0.0', 'sha-6113728', 'latest'],
  },
  {
    name: 'a release, by rules',
    event: 'release-published',
    inputs: {tags: versionRules},
    tag: 'v2.5.0',
    version: '2.5.0',
    from: 'the Git tag v2.5.0',
    tags: ['2.5.0', '2.5', 'latest'],
  },
  {
    name: 'a release whose variables name a branch: the tag of the payload',
    event: 'release-published',
    inputs: {tags: versionRules},
    variables: {GITHUB_REF: 'refs/heads/master'},
    version: '0.0.1',
    from: 'the Git tag 0.0.1',
    tags: ['0.0.1', '0.0', 'latest'],
  },
  {
    name: 'a release whose variables name no ref',
    event: 'release-published',
    inputs: {tags: versionRules},
    variables: {GITHUB_REF: ''},
    version: '0.0.1',
    from: 'the Git tag 0.0.1',
    tags: ['0.0.1', '0.0', 'latest'],
  },
  {
    name: 'a release of a component',
    event: 'release-published',
    inputs: {component: 'api'},
    tag: 'api/v1.2.3',
    version: '1.2.3',
    from: 'the Git tag api/v1.2.3',
    tags: ['1.2.3', '1.2', '1', 'sha-6113728', 'latest'],
  },
  {
    name: 'a release for Python',
    event: 'release-published',
    inputs: {tags: 'type=pep440,pattern={{version}}'},
    tag: 'v1.2.3rc2',
    version: '1.2.3rc2',
    from: 'the Git tag v1.2.3rc2',
    tags: ['1.2.3rc2'],
  },
  {
    name: 'a release, by a regular expression',
    event: 'release-published',
    inputs: {tags: String.raw`type=match,pattern=app-(\d+),group=1`},
    tag: 'app-17',
    version: '17',
    from: 'the Git tag app-17',
    tags: ['17', 'latest'],
  },
  {
    name: 'a release with a version of its own in the inputs',
    event: 'release-published',
    inputs: {tags: versionRules, version: '9.8.7'},
    version: '9.8.7',
    from: 'the input `version`',
    tags: ['9.8.7', '9.8', 'latest'],
  },
  {
    name: 'a release that GitHub calls a pre-release moves nothing by default, though its version looks stable',
    event: 'release-prerelease',
    version: '0.0.1',
    from: 'the Git tag 0.0.1',
    tags: ['0.0.1', 'sha-6113728'],
  },
  {
    name: 'a release that GitHub calls a pre-release, by rules, which look at the version alone',
    event: 'release-prerelease',
    inputs: {tags: versionRules},
    version: '0.0.1',
    from: 'the Git tag 0.0.1',
    tags: ['0.0.1', '0.0', 'latest'],
  },
  {
    name: 'a pre-release by name and flag, by default',
    event: 'release-prerelease',
    tag: 'v3.0.0-rc.1',
    version: '3.0.0-rc.1',
    from: 'the Git tag v3.0.0-rc.1',
    tags: ['3.0.0-rc.1', 'sha-6113728'],
  },
  {
    name: 'a pre-release by name alone, by default',
    event: 'release-published',
    tag: 'v3.0.0-rc.1',
    version: '3.0.0-rc.1',
    from: 'the Git tag v3.0.0-rc.1',
    tags: ['3.0.0-rc.1', 'sha-6113728'],
  },
  {
    name: 'a pre-release by name and flag, by rules',
    event: 'release-prerelease',
    inputs: {tags: versionRules},
    tag: 'v3.0.0-rc.1',
    version: '3.0.0-rc.1',
    from: 'the Git tag v3.0.0-rc.1',
    tags: ['3.0.0-rc.1'],
  },
]

describe('the release version', () => {
  test.each(published)('$name', async ({version, from, tags, ...release}) => {
    const {plan} = await run(release)
    expect(plan.skip).toBeUndefined()
    expect(plan.push).toMatchObject({do: true})
    expect(plan.versionSource?.from).toBe(from)
    expect({version: plan.version, tags: plan.tagNames}).toEqual({version, tags})
    const label = plan.labels.find(({key}) => key === 'org.opencontainers.image.version')
    expect(label?.value).toBe(version)
  })

  test('of another component is none, and nothing is published', async () => {
    const {plan} = await run({event: 'release-published', inputs: {component: 'api'}, tag: 'web/v1.2.3'})
    expect(plan.skip).toMatchObject({code: 'other-component', owner: 'web', component: 'api'})
    expect(plan.push.do).toBe(false)
    expect(plan.versionSource).toBeUndefined()
  })
})

describe('an unpublished release', () => {
  const draft: SkipReason = {code: 'release-draft', release: '0.0.1'}
  const rows: readonly {readonly name: string; readonly release: Release; readonly reason: SkipReason}[] = [
    {name: 'a draft', release: {event: 'release-draft'}, reason: draft},
    {
      name: 'a draft whose Git tag does not exist yet',
      release: {event: 'release-draft', variables: {GITHUB_REF: ''}},
      reason: draft,
    },
    {name: 'an unpublished one, which is a draft again', release: {event: 'release-unpublished'}, reason: draft},
    {
      name: 'one that was deleted',
      release: {event: 'release-deleted'},
      reason: {code: 'release-gone', release: '0.0.1', action: 'deleted'},
    },
  ]

  test.each(rows.flatMap((row) => ['auto', 'true'].map((push) => ({...row, push}))))(
    '$name, push: $push',
    async ({release, reason, push}) => {
      const {plan} = await run({...release, inputs: {tags: `${versionRules}\nx`, push}})
      expect(plan.skip).toEqual(reason)
      expect(plan.push).toEqual({do: false, reason})
    },
  )
})

describe('a version of Buildx, which the input means in docker/setup-buildx-action', () => {
  const isRefused = async (release: Release): Promise<boolean> =>
    run(release).then(
      () => false,
      (error: unknown) => {
        expect(error).toMatchObject({code: 'input-invalid', evidence: [expect.stringMatching(/^version: .*Buildx/)]})
        return true
      },
    )

  test.each([
    {name: 'contradicts the Git tag', version: 'v0.12.0', tag: 'v1.2.3', expected: true},
    {name: 'is an alias', version: 'latest', tag: 'v1.2.3', expected: true},
    {name: 'is the Git tag', version: 'v0.12.0', tag: 'v0.12.0', expected: false},
    {name: 'cannot be one of Buildx', version: 'v1.12.0', tag: 'v1.2.3', expected: false},
    {name: 'is written as that of an image', version: '0.12.0', tag: 'v1.2.3', expected: false},
  ])('is refused unless it is that of the image: $name', async ({version, tag, expected}) => {
    const inputs = {version, tags: versionRules}
    expect(await isRefused({event: 'push-tag', inputs, tag})).toBe(expected)
  })

  test.each([
    {name: 'a branch, by rules', event: 'push-branch', inputs: {tags: versionRules}},
    {name: 'a branch, without rules', event: 'push-branch', inputs: {}},
    {name: 'a branch, by a fixed tag', event: 'push-branch', inputs: {tags: 'type=raw,value=nightly'}},
    {name: 'a Git tag without a version', event: 'push-tag', inputs: {tags: 'type=match,pattern=v12'}, tag: 'v12'},
  ])('is refused for any event and rule: $name', async ({event, inputs, tag}) => {
    const given = {event, inputs: {...inputs, version: 'v0.12.0'}, ...(tag !== undefined && {tag})}
    expect(await isRefused(given)).toBe(true)
  })

  test.each([
    {version: 'v0.12.0', expected: true},
    {version: 'latest', expected: false},
  ])('a version of an image has no v: $version', async ({version, expected}) => {
    const release = run({event: 'push-tag', inputs: {version, tags: versionRules}, tag: 'v1.2.3'})
    const line = expect.stringContaining('without the v')
    await expect(release).rejects.toMatchObject({
      evidence: [expected ? line : expect.not.stringContaining('without the v')],
    })
  })
})
