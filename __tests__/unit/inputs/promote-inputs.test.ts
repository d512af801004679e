import {describe, expect, test} from '@jest/globals'
import type {PromoteSource} from '../../../src/inputs/promote-inputs.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {brief} from '../../../testing/problems.ts'

const [a, b] = ['a', 'b'].map((digit): `sha256:${string}` => `sha256:${digit.repeat(64)}`)
const one: PromoteSource = {kind: 'digest', digest: a ?? 'sha256:', repository: undefined}
const two: PromoteSource = {kind: 'digest', digest: b ?? 'sha256:', repository: undefined}
const app = {host: 'ghcr.io', path: 'octo/app'}

async function read(
  given: Readonly<Record<string, string>>,
): Promise<{readonly sources: readonly PromoteSource[]; readonly problems: readonly string[]}> {
  const problems = new Problems()
  const {promote} = await readInputs(new Map(Object.entries(given)), problems, 'promote')
  return {sources: promote.sources, problems: problems.all.map(brief)}
}

describe('digest-names', () => {
  const matrix = JSON.stringify({'alpine-amd64': a, 'debian-amd64': b, 'alpine-arm64': ''})
  const needs = JSON.stringify({
    alpine: {result: 'success', outputs: {digest: a}},
    debian: {result: 'success', outputs: {digests: JSON.stringify({'linux/amd64': b})}},
  })

  test.each([
    {name: 'a name', digests: matrix, names: 'debian-amd64', sources: [two]},
    {name: 'a pattern', digests: matrix, names: 'alpine-*', sources: [one]},
    {name: 'a pattern with several stars', digests: matrix, names: '*pine*64', sources: [one]},
    {name: 'several', digests: matrix, names: 'alpine-*, debian-*', sources: [one, two]},
    {name: 'a stage that pushed nothing', digests: matrix, names: 'alpine-arm64', sources: []},
    {name: 'a job name', digests: needs, names: 'alpine', sources: [one]},
    {name: 'a platform of a stage', digests: needs, names: 'linux/*', sources: [two]},
    {name: 'every name', digests: needs, names: '*', sources: [one, two]},
  ])('choose the entries of one leg of a matrix: $name', async ({digests, names, sources}) => {
    expect(await read({digests, 'digest-names': names})).toEqual({sources, problems: []})
  })

  test.each([
    {name: 'without a match', digests: matrix, names: 'fedora-*'},
    {name: 'with a part of a name', digests: matrix, names: 'alpine'},
    {name: 'with overlapping ends', digests: JSON.stringify({aba: a}), names: 'ab*ba'},
    {name: 'for a list, which has no names', digests: `${a}`, names: 'alpine-*'},
    {name: 'for a JSON list', digests: JSON.stringify([a]), names: '*'},
  ])('are an error $name', async ({digests, names}) => {
    const {problems} = await read({digests, 'digest-names': names})
    expect(problems).toEqual([expect.stringMatching(/^digest-names/)])
  })
})

describe('digests', () => {
  const nest = (levels: number, inner: string): string => `${'['.repeat(levels)}${inner}${']'.repeat(levels)}`

  test.each([
    {name: 'lists', digests: nest(60_000, '')},
    {name: 'lists around a digest', digests: nest(60_000, JSON.stringify(a))},
    {name: 'objects', digests: `${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}`},
  ])('nested too deep are a problem: $name', async ({digests}) => {
    const {problems} = await read({digests})
    expect(problems).toEqual(['digests 1:1'])
  })

  test('in JSON in JSON are found', async () => {
    const digests = JSON.stringify({build: {outputs: {digests: JSON.stringify({'linux/amd64': a, 'linux/arm64': b})}}})
    expect(await read({digests})).toEqual({sources: [one, two], problems: []})
  })

  test.each([
    {name: 'one', text: `${a}`, sources: [one]},
    {name: 'on several lines', text: `\n# both\n${a}\n${b}`, sources: [one, two]},
    {name: 'with commas', text: `${a}, ${b}`, sources: [one, two]},
    {name: 'with the repository', text: `ghcr.io/octo/app@${a}`, sources: [{...one, repository: app}]},
    {name: 'the outputs of a job', text: JSON.stringify({digest: a, image: 'x'}), sources: [one]},
    {
      name: 'the index, not its platforms',
      text: JSON.stringify({digest: a, digests: JSON.stringify({'linux/amd64': b})}),
      sources: [one],
    },
    {
      name: 'the outputs of a matrix',
      text: JSON.stringify({'digest-amd64': a, 'digest-arm64': b}),
      sources: [one, two],
    },
    {name: 'the output digests', text: JSON.stringify({'linux/amd64': a, 'linux/arm64': b}), sources: [one, two]},
    {
      name: 'the output digests of a job',
      text: JSON.stringify({platforms: JSON.stringify({'linux/amd64': a}), other: '{'}),
      sources: [one],
    },
    {
      name: 'needs',
      text: JSON.stringify({
        amd64: {result: 'success', outputs: {digest: a}},
        arm64: {result: 'success', outputs: {digest: b}},
        lint: {result: 'success', outputs: {}},
      }),
      sources: [one, two],
    },
    {name: 'a list', text: JSON.stringify([a, b, a]), sources: [one, two]},
    {name: 'nothing', text: '  ', sources: []},
    {name: 'the outputs of a stage with nothing to publish', text: '{"digest": "", "more": {}}', sources: []},
    {
      name: 'needs of a stage with nothing to publish',
      text: '{"stage": {"result": "success", "outputs": {"digest": "", "pushed": "false", "version": "1.2.3"}}}',
      sources: [],
    },
    {name: 'no outputs', text: '{}', sources: []},
  ])('$name', async ({text, sources}) => {
    expect(await read({digests: text})).toEqual({sources, problems: []})
  })

  test.each([
    {
      name: 'a tag',
      text: `${a}\nghcr.io/octo/app:1`,
      problem: 'digests 2:1 "ghcr.io/octo/app:1"',
    },
    {name: 'a shortened digest', text: 'sha256:abc', problem: 'digests 1:1 "sha256:abc"'},
    {name: 'incomplete JSON', text: '{"digest":', problem: 'digests 1:1'},
  ])('$name is a problem', async ({text, problem}) => {
    const {problems} = await read({digests: text})
    expect(problems).toEqual([problem])
  })
})

describe('from', () => {
  test.each([
    {text: 'ghcr.io/octo/app:1.2.3-staging', source: {kind: 'tag', reference: {repository: app, tag: '1.2.3-staging'}}},
    {text: `ghcr.io/octo/app@${a}`, source: {...one, repository: app}},
  ])('$text', async ({text, source}) => {
    expect(await read({from: text})).toEqual({sources: [source], problems: []})
  })

  test('a name without a tag is a problem', async () => {
    expect((await read({from: 'ghcr.io/octo/app'})).problems).toEqual(['from 1:17'])
  })

  test('excludes digests', async () => {
    expect((await read({from: 'app:1', digests: String(a)})).problems).toEqual(['from'])
  })
})

test.each([
  {action: 'publish' as const, given: {digests: 'x'}, owner: 'tagboat/tagboat/promote@v1'},
  {action: 'stage' as const, given: {from: 'x:1'}, owner: 'tagboat/tagboat/promote@v1'},
  {action: 'promote' as const, given: {target: 'x'}, owner: 'tagboat/tagboat@v1 and tagboat/tagboat/stage@v1'},
])('$action rejects an input of another action, and names that action', async ({action, given, owner}) => {
  const problems = new Problems()
  await readInputs(new Map(Object.entries<string>(given)), problems, action)
  expect(problems.all.map(({remedy}) => remedy)).toContainEqual(expect.stringContaining(` ${owner}.`))
})
