import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {parseBuilder, type Builder} from '../../../src/buildx/inspect.ts'
import {requireReproducible} from '../../../src/buildx/require-reproducible.ts'
import {writtenEpoch} from '../../../src/buildx/source-date-epoch.ts'
import type {BuildArgument, BuildInputs} from '../../../src/inputs/inputs.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'

const name = 'SOURCE_DATE_EPOCH'

describe('a time that the user has set', () => {
  test.each<{
    name: string
    args: readonly BuildArgument[]
    variables: Readonly<Record<string, string>>
    expected: number | undefined
  }>([
    {name: 'none', args: [{key: 'VERSION', value: '1'}], variables: {}, expected: undefined},
    {name: 'an argument', args: [{key: name, value: '7'}], variables: {}, expected: 7},
    {name: 'the last of two', args: [7, 8].map((n) => ({key: name, value: `${n}`})), variables: {}, expected: 8},
    {name: 'a variable', args: [], variables: {[name]: '9'}, expected: 9},
    {name: 'an argument over a variable', args: [{key: name, value: '7'}], variables: {[name]: '9'}, expected: 7},
    {name: 'a bare name', args: [{key: name, value: undefined}], variables: {[name]: '9'}, expected: 9},
    {name: 'a bare name of nothing', args: [{key: name, value: undefined}], variables: {}, expected: undefined},
    {name: 'an empty variable', args: [], variables: {[name]: ''}, expected: undefined},
    {name: 'the beginning of time', args: [{key: name, value: '0'}], variables: {}, expected: 0},
  ])('$name', ({args, variables, expected}) => {
    const problems = new Problems()
    expect(writtenEpoch(args, variables, problems)).toEqual(expected)
    expect(problems.all).toEqual([])
  })

  test.each(['yesterday', '-1', '1.5', '2020-01-01', '1e9'])('"%s" is not a time', (value) => {
    const problems = new Problems()
    expect(writtenEpoch([{key: name, value}], {}, problems)).toBeUndefined()
    expect(problems.all).toEqual([
      expect.objectContaining({input: 'build-args', message: expect.stringContaining(`"${value}"`)}),
    ])
  })
})

function builderOf(fixture: string, changes: Partial<Builder> = {}): Builder {
  const file = path.join(import.meta.dirname, '..', '..', 'fixtures', 'buildx', `${fixture}.txt`)
  return {...parseBuilder(readFileSync(file, 'utf8')), ...changes}
}

async function inputsOf(reproducible: 'true' | 'false'): Promise<BuildInputs> {
  return (await readInputs(new Map([['reproducible', reproducible]]), new Problems())).build
}

/** A builder whose nodes have a BuildKit of this version. */
function withVersion(buildkit: string | undefined): Builder {
  const builder = builderOf('inspect-remote')
  return {...builder, nodes: builder.nodes.map((node) => ({...node, buildkit}))}
}

describe('a builder that is to rewrite times', () => {
  test.each([
    {name: 'the engine with the containerd store', builder: builderOf('inspect-containerd-store')},
    {name: 'a BuildKit of its own', builder: builderOf('inspect-remote')},
    ...['v0.13.0', 'v0.25.1', '1.2.3', 'v0.0.0+unknown', '8a7d2b1', undefined].map((version) => ({
      name: `BuildKit ${version ?? 'of no version'}`,
      builder: withVersion(version),
    })),
  ])('can be $name', async ({builder}) => {
    const inputs = await inputsOf('true')
    expect(() => {
      requireReproducible(builder, inputs)
    }).not.toThrow()
  })

  test.each([
    {name: 'the engine without it', builder: builderOf('inspect-docker-driver'), says: 'containerd'},
    {name: 'BuildKit 0.12', builder: withVersion('v0.12.5'), says: 'BuildKit v0.12.5 '},
  ])('cannot be $name', async ({builder, says}) => {
    const inputs = await inputsOf('true')
    const evidence = [expect.stringContaining(says)]
    expect(() => {
      requireReproducible(builder, inputs)
    }).toThrow(expect.objectContaining({code: 'builder-unsuited', evidence}))
    const others = await inputsOf('false')
    expect(() => {
      requireReproducible(builder, others)
    }).not.toThrow()
    const outputs = await readInputs(new Map([['outputs', 'type=image,rewrite-timestamp=true']]), new Problems())
    const message = expect.stringContaining('`rewrite-timestamp`')
    expect(() => {
      requireReproducible(builder, outputs.build)
    }).toThrow(expect.objectContaining({code: 'builder-unsuited', message, evidence}))
  })
})
