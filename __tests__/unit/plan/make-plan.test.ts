import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import {formatRepository, formatTagRef} from '../../../src/oci/reference.ts'
import {formatReason} from '../../../src/reasons/reason.ts'
import {pushOf} from '../../../testing/plans.ts'
import {planOf} from '../../../testing/reports.ts'

const release = pushOf('refs/tags/v1.2.3')
const branch = pushOf('refs/heads/feature/a')
const main = pushOf('refs/heads/main')

interface Row {
  readonly name: string
  readonly context?: typeof release
  readonly given: Readonly<Record<string, string>>
  readonly expected: {readonly images: readonly string[]; readonly tags: readonly string[]}
}

const rows: readonly Row[] = [
  {
    name: 'the default image, in lower case',
    given: {tags: 'type=semver,pattern={{version}}\ntype=sha'},
    expected: {
      images: ['ghcr.io/octocat/hello-world'],
      tags: [
        'ghcr.io/octocat/hello-world:1.2.3',
        'ghcr.io/octocat/hello-world:sha-860c190',
        'ghcr.io/octocat/hello-world:latest',
      ],
    },
  },
  {
    name: 'several images have every tag, in order',
    given: {images: 'user/app\nquay.io/team/app', tags: 'a\nb'},
    expected: {
      images: ['user/app', 'quay.io/team/app'],
      tags: ['user/app:a', 'user/app:b', 'quay.io/team/app:a', 'quay.io/team/app:b'],
    },
  },
  {
    name: 'an image that is written twice counts once, by whatever name',
    given: {images: 'user/app\ndocker.io/user/app\nindex.docker.io/user/app', tags: 'a'},
    expected: {images: ['user/app'], tags: ['user/app:a']},
  },
  {
    name: 'an image that is switched off',
    given: {images: 'user/app\nname=quay.io/team/app,enable=false', tags: 'a'},
    expected: {images: ['user/app'], tags: ['user/app:a']},
  },
  {
    name: 'an image that an expression switches on',
    context: main,
    given: {images: 'name=user/app,enable={{is_default_branch}}', tags: 'a'},
    expected: {images: ['user/app'], tags: ['user/app:a']},
  },
  {
    name: 'an image that an expression switches off',
    context: branch,
    given: {images: 'user/all\nname=user/app,enable={{is_default_branch}}', tags: 'a'},
    expected: {images: ['user/all'], tags: ['user/all:a']},
  },
  {
    name: 'whole references alone mean no other image',
    given: {tags: 'user/app:1.0\nquay.io/team/app:x'},
    expected: {images: [], tags: ['user/app:1.0', 'quay.io/team/app:x']},
  },
  {
    name: 'whole references beside a rule come after the default image',
    given: {tags: 'user/app:1.0\ntype=sha'},
    expected: {
      images: ['ghcr.io/octocat/hello-world'],
      tags: ['ghcr.io/octocat/hello-world:sha-860c190', 'user/app:1.0'],
    },
  },
  {
    name: 'a whole reference that an image has anyway counts once',
    given: {images: 'user/app', tags: 'x\ndocker.io/user/app:x'},
    expected: {images: ['user/app'], tags: ['user/app:x']},
  },
  {
    name: 'the environment as a suffix',
    given: {images: 'user/app', tags: 'type=semver,pattern={{version}}\nquay.io/a/b:1', environment: 'staging'},
    expected: {
      images: ['user/app'],
      tags: ['user/app:1.2.3-staging', 'user/app:latest-staging', 'quay.io/a/b:1-staging'],
    },
  },
  {
    name: 'the environment as a repository',
    given: {images: 'user/app', tags: 'x\nquay.io/a/b:1', environment: 'Staging', 'environment-style': 'repository'},
    expected: {images: ['user/app-staging'], tags: ['user/app-staging:x', 'quay.io/a/b-staging:1']},
  },
]

describe('images and tags', () => {
  test.each(rows)('$name', async ({context = release, given, expected}) => {
    const {plan} = await planOf(context, {push: 'true', ...given})
    expect({
      images: plan.repositories.map(formatRepository),
      tags: plan.tags.map(({reference}) => formatTagRef(reference)),
    }).toEqual(expected)
  })

  test('names of tags, each once', async () => {
    const {plan} = await planOf(release, {images: 'a/a\nb/b', tags: 'x\ny'})
    expect(plan.tagNames).toEqual(['x', 'y'])
  })
})

describe('the version', () => {
  test.each([
    {name: 'the first tag', given: {tags: 'type=semver,pattern={{version}}\nstable'}, expected: '1.2.3'},
    {name: 'without the environment', given: {tags: 'a', environment: 'staging'}, expected: 'a'},
    {name: 'of a whole reference alone', given: {tags: 'user/app:7'}, expected: '7'},
  ])('$name', async ({given, expected}) => {
    const {plan} = await planOf(release, given)
    expect(plan.version).toBe(expected)
    expect(plan.labels.find(({key}) => key === 'org.opencontainers.image.version')?.value).toBe(expected)
  })

  test('none without a tag, and no label', async () => {
    const {plan} = await planOf(branch, {tags: 'type=ref,event=tag', push: 'false'})
    expect(plan.version).toBeUndefined()
    expect(plan.labels.map(({key}) => key)).not.toContain('org.opencontainers.image.version')
  })
})

describe('labels and annotations', () => {
  test('own ones over the standard ones, templates rendered', async () => {
    const labels = 'org.opencontainers.image.title=Mine\norg.opencontainers.image.licenses=\nbuilt-for={{branch}}'
    const {plan} = await planOf(branch, {
      labels,
      annotations: 'index:a=b\nc={{sha}}',
      platforms: 'linux/amd64,linux/arm64',
    })
    const text = plan.labels.map(({key, value}) => `${key}=${value}`)
    expect(text).toContain('built-for=feature/a')
    expect(text).toContain('org.opencontainers.image.title=Mine')
    expect(text.some((line) => line.includes('licenses'))).toBe(false)
    const own = plan.annotations.filter(({key}) => ['a', 'c'].includes(key))
    expect(own).toEqual([
      {key: 'a', value: 'b', levels: ['index']},
      {key: 'c', value: '860c190', levels: ['manifest', 'index']},
    ])
  })
})

describe('nothing to do', () => {
  test('a push without a tag is an error with the reason of each rule', async () => {
    const failure = await planOf(branch, {
      tags: 'type=semver,pattern={{version}}\ntype=ref,event=tag',
      push: 'true',
    }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(TagboatError)
    const reason = formatReason({code: 'other-event', wanted: 'tag'})
    expect(failure).toMatchObject({
      code: 'nothing-to-tag',
      evidence: [
        `type=semver,pattern={{version}} (tags, line 1): ${reason}`,
        `type=ref,event=tag (tags, line 2): ${reason}`,
      ],
    })
  })

  test('no tag is required without a push', async () => {
    const {plan} = await planOf(branch, {tags: 'type=ref,event=tag', push: 'false'})
    expect({tags: plan.tags, skip: plan.skip}).toEqual({tags: [], skip: undefined})
  })

  test.each([
    {
      name: 'every image is switched off',
      event: 'push-default-branch',
      given: {images: 'name=user/app,enable=false'},
      expected: {code: 'images-disabled'},
    },
    {
      name: 'the only image is switched off, and its name lacks a part',
      event: 'push-default-branch',
      given: {images: 'name=ghcr.io//app,enable=false'},
      expected: {code: 'images-disabled'},
    },
    {
      name: 'the ref was deleted',
      event: 'push-branch-deleted',
      given: {},
      expected: {code: 'ref-deleted', ref: {kind: 'branch', name: 'feature/login'}},
    },
    {
      name: 'the pull request was closed',
      event: 'pull-request-closed',
      given: {push: 'true'},
      expected: {code: 'pull-request-closed', ref: {kind: 'pull', name: '2'}},
    },
  ])('skipped: $name', async ({event, given, expected}) => {
    const {plan} = await planOf(event, given)
    expect({skip: plan.skip, push: plan.push}).toEqual({skip: expected, push: {do: false, reason: expected}})
  })
})

describe('inputs that cannot be used', () => {
  test.each([
    {
      name: 'enable that is neither',
      given: {images: 'user/ok\nname=user/app,enable={{branch}}'},
      expected: expect.stringMatching(/^images, line 2, column 22: enable is "feature\/a".*\{\{is_default_branch\}\}/),
    },
    {
      name: 'an unknown expression in a label',
      given: {labels: 'a={{brunch}}'},
      expected: 'labels, line 1, column 3: unknown expression "brunch". Did you mean "branch"?',
    },
  ])('$name', async ({given, expected}) => {
    const failure = await planOf(branch, given).catch((error: unknown) => error)
    expect(failure).toMatchObject({code: 'input-invalid', evidence: [expected]})
  })

  test('a repository name that is not an image name requires `images`', async () => {
    const context = {...branch, repository: {...branch.repository, name: '.github'}}
    const failure = await planOf(context, {tags: 'x'}).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'input-invalid',
      evidence: [expect.stringMatching(/^images: ghcr\.io\/octocat\/\.github.*"\.github".*Set `images`/)],
    })
  })
})
