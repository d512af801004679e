import {describe, expect, test} from '@jest/globals'
import {buildDefinitionOf, type BuildDefinition} from '../../../src/stage/build-definition.ts'
import type {Platform} from '../../../src/oci/platform.ts'
import {differencesOf, parseDefinition} from '../../../src/plan/build-definition.ts'
import {planOf} from '../../../testing/reports.ts'

const workspace = '/home/runner/work/app/app'
const environment = {GITHUB_WORKSPACE: workspace, RUNNER_TEMP: '/home/runner/work/_temp', NAMED: 'one'}
const amd64: Platform = {os: 'linux', architecture: 'amd64'}

interface Machine {
  readonly environment?: Readonly<Record<string, string>>
  readonly platforms?: readonly Platform[]
}

async function definition(
  inputs: Readonly<Record<string, string>> = {},
  machine: Machine = {},
): Promise<BuildDefinition> {
  const prepared = await planOf('push-tag', {images: 'user/app', context: '.', ...inputs})
  const {platforms = [amd64]} = machine
  const features = {
    name: 'b',
    driver: 'docker-container',
    staging: 'push-by-digest',
    dials: true,
    nodes: [],
    platforms,
    errors: [],
  } as const
  return buildDefinitionOf({prepared, builder: {features}, io: {environment: {...environment, ...machine.environment}}})
}

async function difference(
  one: Readonly<Record<string, string>>,
  two: Readonly<Record<string, string>>,
): Promise<string> {
  const [a, b] = [await definition(one), await definition(two)]
  const differences = differencesOf(parseDefinition(a.build ?? ''), parseDefinition(b.build ?? ''))
  return differences.map(({name}) => name).join(' ')
}

describe('buildDefinitionOf', () => {
  test('contains the release tags and the inputs of the build without values', async () => {
    const made = await definition({
      tags: 'type=semver,pattern={{version}}\ntype=semver,pattern={{version}},suffix=-x\ntype=semver,pattern={{major}}\ntype=sha',
      target: 'app',
      file: 'docker/Dockerfile',
      platforms: 'linux/arm64,linux/amd64',
      'build-args': 'A=canary',
      'build-contexts': 'base=docker-image://alpine:3.20\nother=./lib/',
      variant: 'slim',
    })
    expect(made.tags).toBe('1.2.3-slim,1.2.3-x-slim')
    expect(made.build).toMatch(
      /^arg:A=~[0-9a-f]{8} context:base=docker-image:\/\/alpine:3\.20 context:other=lib context=\. file=docker\/Dockerfile platforms=linux\/amd64,linux\/arm64 target=app variant=slim$/,
    )
  })

  test.each([
    {name: 'another target', one: {target: 'a'}, two: {target: 'b'}, expected: 'target'},
    {name: 'a target and none', one: {target: 'a'}, two: {}, expected: 'target'},
    {name: 'another file', one: {}, two: {file: 'Dockerfile.alpine'}, expected: 'file'},
    {name: 'another context', one: {}, two: {context: 'app', file: 'Dockerfile'}, expected: 'context'},
    {name: 'another context with its Dockerfile', one: {}, two: {context: 'app'}, expected: 'context file'},
    {
      name: 'another attribute of the image output',
      one: {outputs: 'type=image,compression=zstd'},
      two: {outputs: 'type=registry,compression=gzip'},
      expected: 'output:compression',
    },
    {name: 'another argument', one: {'build-args': 'A=1'}, two: {'build-args': 'A=2'}, expected: 'arg:A'},
    {name: 'an additional argument', one: {}, two: {'build-args': 'A='}, expected: 'arg:A'},
    {
      name: 'an argument with another name',
      one: {'build-args': 'A=1'},
      two: {'build-args': 'B=1'},
      expected: 'arg:A arg:B',
    },
    {
      name: 'another build context',
      one: {'build-contexts': 'a=docker-image://alpine'},
      two: {'build-contexts': 'a=docker-image://debian'},
      expected: 'context:a',
    },
    {
      name: 'more platforms',
      one: {platforms: 'linux/amd64'},
      two: {platforms: 'linux/amd64,linux/arm64'},
      expected: 'platforms',
    },
    {name: 'another variant', one: {variant: 'a'}, two: {variant: 'b'}, expected: 'variant'},
    {
      name: 'another commit of a remote context',
      one: {context: 'https://example.com/a.git#1'},
      two: {context: 'https://example.com/a.git#2'},
      expected: 'context',
    },
    {
      name: 'the Git context of a folder',
      one: {context: '{{defaultContext}}:a'},
      two: {context: '{{defaultContext}}:b'},
      expected: 'context',
    },
  ])('differs: $name', async ({one, two, expected}) => {
    expect(await difference(one, two)).toBe(expected)
  })

  test.each([
    {name: 'another spelling of a path', one: {context: '.'}, two: {context: './'}},
    {
      name: 'an absolute path',
      one: {context: 'app', file: 'app/x'},
      two: {context: `${workspace}/app`, file: `${workspace}/app/x`},
    },
    {name: 'the Dockerfile with its name', one: {}, two: {file: './Dockerfile'}},
    {
      name: 'platforms in another order',
      one: {platforms: 'linux/amd64,linux/arm64'},
      two: {platforms: 'linux/arm64,linux/amd64'},
    },
    {name: 'the default platform', one: {}, two: {platforms: 'linux/amd64'}},
    {name: 'a variable instead of its value', one: {'build-args': 'NAMED'}, two: {'build-args': 'NAMED=one'}},
    {name: 'a variable that is not set', one: {'build-args': 'UNSET'}, two: {}},
    {name: 'an argument that is overridden', one: {'build-args': 'A=1\nA=2'}, two: {'build-args': 'A=2'}},
    {
      name: 'another login',
      one: {context: 'https://u:one@example.com/a.git'},
      two: {context: 'https://u:two@example.com/a.git'},
    },
    {name: 'a random directory name', one: {context: '/tmp/tmp.0123456789/x'}, two: {context: '/tmp/tmp.abcdefghij/x'}},
    {
      name: 'labels, caches and outputs',
      one: {},
      two: {labels: 'a=b', 'cache-from': 'type=gha', outputs: 'out', 'no-cache': 'true'},
    },
  ])('does not differ: $name', async ({one, two}) => {
    expect(await difference(one, two)).toBe('')
  })

  test('is the same on another runner', async () => {
    const here = await definition({file: `${environment.RUNNER_TEMP}/Dockerfile`})
    const elsewhere = {GITHUB_WORKSPACE: '/actions/app', RUNNER_TEMP: '/actions/temp'}
    expect(await definition({file: '/actions/temp/Dockerfile'}, {environment: elsewhere})).toEqual(here)
  })

  test('names the commits of other repositories', async () => {
    const prepared = {...(await planOf('push-tag', {images: 'user/app', context: 'up'})), around: ['b'.repeat(40)]}
    const {build} = buildDefinitionOf({prepared, builder: {features: undefined}, io: {environment}})
    expect(build).toBe(`around=${'b'.repeat(12)} context=up file=up/Dockerfile`)
  })

  test('does not expose a path outside the workspace', async () => {
    const {build} = await definition({context: '/srv/secret-place/app'})
    expect(build).toMatch(/^context=outside:~\w{8} /)
    expect(await definition({context: '/srv/other/app'})).not.toEqual(
      await definition({context: '/srv/secret-place/app'}),
    )
  })

  test('does not depend on such a path for a reproducible image', async () => {
    const of = async (context: string): Promise<unknown> => definition({context, reproducible: 'true'})
    expect(await of('/srv/one/app')).toEqual(await of('/srv/two/app'))
  })

  test('omits an unknown platform', async () => {
    expect((await definition({}, {platforms: []})).build).toBe('context=. file=Dockerfile')
  })

  test('holds no login, no value', async () => {
    const {build} = await definition({
      context: 'https://mona:canary-1@example.com/a.git?token=canary-2',
      'build-args': 'TOKEN=canary-3',
      'build-contexts': 'a=https://canary-4@example.com/b.git\nb=docker-image://canary-5@example.com/c',
    })
    expect(build).not.toMatch(/canary-[1-4]|mona|example\.com\/[ab]/)
  })
})
