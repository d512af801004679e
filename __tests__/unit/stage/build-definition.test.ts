import {describe, expect, test} from '@jest/globals'
import {makingOf, type Making} from '../../../src/stage/build-definition.ts'
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

async function making(inputs: Readonly<Record<string, string>> = {}, machine: Machine = {}): Promise<Making> {
  const prepared = await planOf('push-tag', {images: 'user/app', context: '.', ...inputs})
  const {platforms = [amd64]} = machine
  const features = {
    name: 'b',
    driver: 'docker-container',
    staging: 'push-by-digest',
    nodes: [],
    platforms,
    errors: [],
  } as const
  return makingOf({prepared, builder: {features}, io: {environment: {...environment, ...machine.environment}}})
}

async function difference(
  one: Readonly<Record<string, string>>,
  two: Readonly<Record<string, string>>,
): Promise<string> {
  const [a, b] = [await making(one), await making(two)]
  const differences = differencesOf(parseDefinition(a.build ?? ''), parseDefinition(b.build ?? ''))
  return differences.map(({name}) => name).join(' ')
}

describe('what an image says of its making', () => {
  test('are its release tags, and what it was made from, without values', async () => {
    const made = await making({
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
      name: 'another shape',
      one: {outputs: 'type=image,compression=zstd'},
      two: {outputs: 'type=registry,compression=gzip'},
      expected: 'output:compression',
    },
    {name: 'another argument', one: {'build-args': 'A=1'}, two: {'build-args': 'A=2'}, expected: 'arg:A'},
    {name: 'an argument more', one: {}, two: {'build-args': 'A='}, expected: 'arg:A'},
    {
      name: 'the same value of another name',
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
      name: 'another commit of another repository',
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
  ])('differs by $name', async ({one, two, expected}) => {
    expect(await difference(one, two)).toBe(expected)
  })

  test.each([
    {name: 'a path written another way', one: {context: '.'}, two: {context: './'}},
    {
      name: 'the absolute path',
      one: {context: 'app', file: 'app/x'},
      two: {context: `${workspace}/app`, file: `${workspace}/app/x`},
    },
    {name: 'the Dockerfile by its name', one: {}, two: {file: './Dockerfile'}},
    {
      name: 'platforms in another order',
      one: {platforms: 'linux/amd64,linux/arm64'},
      two: {platforms: 'linux/arm64,linux/amd64'},
    },
    {name: 'the platform that the builder takes', one: {}, two: {platforms: 'linux/amd64'}},
    {name: 'a variable by its value', one: {'build-args': 'NAMED'}, two: {'build-args': 'NAMED=one'}},
    {name: 'a variable that is not set', one: {'build-args': 'UNSET'}, two: {}},
    {name: 'an argument that is overridden', one: {'build-args': 'A=1\nA=2'}, two: {'build-args': 'A=2'}},
    {
      name: 'another login',
      one: {context: 'https://u:one@example.com/a.git'},
      two: {context: 'https://u:two@example.com/a.git'},
    },
    {name: 'a directory by chance', one: {context: '/tmp/tmp.0123456789/x'}, two: {context: '/tmp/tmp.abcdefghij/x'}},
    {
      name: 'labels, caches and outputs',
      one: {},
      two: {labels: 'a=b', 'cache-from': 'type=gha', outputs: 'out', 'no-cache': 'true'},
    },
  ])('does not differ by $name', async ({one, two}) => {
    expect(await difference(one, two)).toBe('')
  })

  test('is the same on another runner', async () => {
    const here = await making({file: `${environment.RUNNER_TEMP}/Dockerfile`})
    const elsewhere = {GITHUB_WORKSPACE: '/actions/app', RUNNER_TEMP: '/actions/temp'}
    expect(await making({file: '/actions/temp/Dockerfile'}, {environment: elsewhere})).toEqual(here)
  })

  test('names the commits of other repositories that it was made from', async () => {
    const prepared = {...(await planOf('push-tag', {images: 'user/app', context: 'up'})), around: ['b'.repeat(40)]}
    const {build} = makingOf({prepared, builder: {features: undefined}, io: {environment}})
    expect(build).toBe(`around=${'b'.repeat(12)} context=up file=up/Dockerfile`)
  })

  test('does not show a path outside of the workspace', async () => {
    const {build} = await making({context: '/srv/secret-place/app'})
    expect(build).toMatch(/^context=outside:~\w{8} /)
    expect(await making({context: '/srv/other/app'})).not.toEqual(await making({context: '/srv/secret-place/app'}))
  })

  test('of a reproducible image does not depend on such a path', async () => {
    const of = async (context: string): Promise<unknown> => making({context, reproducible: 'true'})
    expect(await of('/srv/one/app')).toEqual(await of('/srv/two/app'))
  })

  test('names no platform that the builder has not said', async () => {
    expect((await making({}, {platforms: []})).build).toBe('context=. file=Dockerfile')
  })

  test('holds no login of an address, and no value', async () => {
    const {build} = await making({
      context: 'https://mona:canary-1@example.com/a.git?token=canary-2',
      'build-args': 'TOKEN=canary-3',
      'build-contexts': 'a=https://canary-4@example.com/b.git\nb=docker-image://canary-5@example.com/c',
    })
    expect(build).not.toMatch(/canary-[1-4]|mona|example\.com\/[ab]/)
  })
})
