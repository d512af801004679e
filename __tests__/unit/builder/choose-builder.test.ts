import {describe, expect, test} from '@jest/globals'
import {
  chooseBuilder,
  choiceLine,
  needsOf,
  choiceFromInputs,
  type BuilderFeatures,
  type BuilderNeeds,
} from '../../../src/builder/choose-builder.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import type {Inputs} from '../../../src/inputs/inputs.ts'
import {parsePlatform, type Platform} from '../../../src/oci/platform.ts'
import type {BuilderLack} from '../../../src/reasons/builder-reasons.ts'
import {formatReason} from '../../../src/reasons/reason.ts'

function platforms(text: string): readonly Platform[] {
  return text.split(',').flatMap((one) => parsePlatform(one) ?? [])
}

const own = platforms('linux/amd64,linux/386')
const found = {
  'the engine with the containerd store': {name: 'default', driver: 'docker', staging: 'oci-layout', platforms: own},
  'the engine without it': {name: 'default', driver: 'docker', staging: 'none', platforms: own},
  'a container': {name: 'mine', driver: 'docker-container', staging: 'push-by-digest', platforms: own},
  'a container that has not booted': {
    name: 'mine',
    driver: 'docker-container',
    staging: 'push-by-digest',
    platforms: [],
  },
  'a remote BuildKit': {name: 'far', driver: 'remote', staging: 'push-by-digest', platforms: own},
} as const satisfies Record<string, BuilderFeatures>

const nothing: BuilderNeeds = {
  platforms: [],
  staging: false,
  cacheExport: 'none',
  attestations: false,
  rewrittenTimes: false,
  shape: [],
}
const needs = {
  nothing,
  'one platform that it has': {...nothing, platforms: platforms('linux/amd64')},
  'one platform that it lacks': {...nothing, platforms: platforms('linux/arm64')},
  'platforms without an emulator': {...nothing, platforms: platforms('darwin/arm64,windows/amd64,linux/amd64/v4')},
  'several platforms': {...nothing, platforms: platforms('linux/amd64,linux/386')},
  staging: {...nothing, staging: true},
  cache: {...nothing, cacheExport: 'wanted'},
  'cache-to': {...nothing, cacheExport: 'required'},
  attestations: {...nothing, attestations: true},
  reproducible: {...nothing, rewrittenTimes: true},
} as const satisfies Record<string, BuilderNeeds>

type Cell = readonly [keyof typeof found, keyof typeof needs, BuilderLack]

/** Features that require a new builder with `driver: auto`. The existing builder supports all others. */
const lacking: readonly Cell[] = [
  ['the engine without it', 'several platforms', {code: 'several-platforms'}],
  ['the engine without it', 'staging', {code: 'staging'}],
  ['the engine without it', 'cache', {code: 'cache-export'}],
  ['the engine without it', 'cache-to', {code: 'cache-export'}],
  ['the engine without it', 'attestations', {code: 'attestations'}],
  ['the engine without it', 'reproducible', {code: 'rewritten-times'}],
  ['the engine without it', 'platforms without an emulator', {code: 'several-platforms'}],
  ['a remote BuildKit', 'one platform that it lacks', {code: 'run-platforms', platforms: ['linux/arm64']}],
]

function cells<A extends string, B extends string>(a: Record<A, unknown>, b: Record<B, unknown>): readonly [A, B][] {
  return (Object.keys(a) as A[]).flatMap((one) => (Object.keys(b) as B[]).map((other): [A, B] => [one, other]))
}

describe('driver: auto, features x needs', () => {
  test.each(cells(found, needs))('%s, %s', (feature, need) => {
    const [, , lack] = lacking.find(([one, other]) => one === feature && other === need) ?? []
    const builder = found[feature]
    const choice = chooseBuilder('auto', builder, needs[need])
    if (lack === undefined) expect(choice).toMatchObject({kind: 'use', name: undefined})
    else {
      const reason = {code: 'builder-lacks', name: builder.name, driver: builder.driver, lacks: [lack]}
      // The image exists without them.
      const optionalLoss = ['staging', 'cache', 'one platform that it lacks'].includes(need)
        ? {optionalLoss: [lack]}
        : {}
      expect(choice).toEqual({kind: 'create', driver: 'docker-container', reason, ...optionalLoss})
    }
  })

  test.each([
    {name: 'all of it can be done without', need: {staging: true, cacheExport: 'wanted'}, isSpared: true},
    {name: 'some of it cannot', need: {staging: true, cacheExport: 'required'}, isSpared: false},
  ] as const)('$name', ({need, isSpared}) => {
    const choice = chooseBuilder('auto', found['the engine without it'], {...nothing, ...need})
    if (choice.kind !== 'create') throw new Error('nothing is created')
    expect(choice.optionalLoss !== undefined).toBe(isSpared)
  })

  test('all missing features are reported together', () => {
    const all: BuilderNeeds = {...needs['several platforms'], staging: true, attestations: true, cacheExport: 'wanted'}
    const choice = chooseBuilder('auto', found['the engine without it'], all)
    expect(choice).toMatchObject({
      reason: {
        code: 'builder-lacks',
        lacks: [{code: 'several-platforms'}, {code: 'staging'}, {code: 'cache-export'}, {code: 'attestations'}],
      },
    })
  })
})

describe('driver: docker, features x needs', () => {
  const engines = {
    'the engine with the containerd store': found['the engine with the containerd store'],
    'the engine without it': found['the engine without it'],
  }
  // A tag can be pushed without staging, and `cache` does without where it must.
  const refused = ['several platforms', 'platforms without an emulator', 'cache-to', 'attestations', 'reproducible']

  test.each(cells(engines, needs))('%s, %s', (engine, need) => {
    const isRefused = engine === 'the engine without it' && refused.includes(need)
    expect(chooseBuilder('docker', engines[engine], needs[need])).toMatchObject(
      isRefused ? {kind: 'refuse'} : {kind: 'use', name: 'default', reason: {code: 'driver-chosen', driver: 'docker'}},
    )
  })

  test('the engine of another context has its name', () => {
    const colima = {...found['the engine with the containerd store'], name: 'colima'}
    expect(chooseBuilder('docker', colima, nothing)).toMatchObject({kind: 'use', name: 'colima'})
  })

  test('a refusal names what is lacking', () => {
    expect(chooseBuilder('docker', found['the engine without it'], needs['several platforms'])).toEqual({
      kind: 'refuse',
      lacks: [{code: 'several-platforms'}],
    })
  })
})

async function read(given: Readonly<Record<string, string>>): Promise<Inputs> {
  const problems = new Problems()
  const inputs = await readInputs(new Map(Object.entries(given)), problems)
  expect(problems.all).toEqual([])
  return inputs
}

describe('a choice without inspecting a builder', () => {
  test.each([
    {given: {}, expected: undefined},
    {given: {driver: 'docker'}, expected: undefined},
    {given: {'keep-state': 'true'}, expected: undefined},
    {given: {builder: 'mine'}, expected: {kind: 'use', name: 'mine', reason: {code: 'builder-named'}}},
    {
      given: {driver: 'docker-container'},
      expected: {
        kind: 'create',
        driver: 'docker-container',
        reason: {code: 'driver-chosen', driver: 'docker-container'},
      },
    },
    {
      given: {driver: 'remote', endpoint: 'tcp://host:1'},
      expected: {kind: 'create', driver: 'remote', reason: {code: 'driver-chosen', driver: 'remote'}},
    },
    {
      given: {driver: 'kubernetes'},
      expected: {kind: 'create', driver: 'kubernetes', reason: {code: 'driver-chosen', driver: 'kubernetes'}},
    },
    {
      given: {'buildkitd-flags': '--debug', mirrors: 'docker.io=mirror.example'},
      expected: {
        kind: 'create',
        driver: 'docker-container',
        reason: {code: 'builder-settings', inputs: ['buildkitd-flags', 'mirrors']},
      },
    },
  ])('$given', async ({given, expected}) => {
    const {builder, build} = await read(given)
    expect(choiceFromInputs(builder, build.builder)).toEqual(expected)
  })
})

describe('what a run needs', () => {
  test.each([
    {given: {}, pushes: true, expected: {staging: true}},
    {given: {}, pushes: false, expected: {}},
    {given: {outputs: 'type=registry'}, pushes: true, expected: {staging: true}},
    {
      given: {outputs: 'type=image,name=a/b:1,push=true,compression=zstd,annotation.a=b'},
      pushes: true,
      expected: {staging: true, shape: ['compression', 'a']},
    },
    {given: {outputs: 'type=image,compression=zstd'}, pushes: false, expected: {}},
    {given: {outputs: 'type=image,rewrite-timestamp=true'}, pushes: false, expected: {rewrittenTimes: true}},
    {given: {platforms: 'linux/amd64'}, pushes: false, expected: {platforms: platforms('linux/amd64')}},
    {given: {'cache-to': 'type=inline'}, pushes: false, expected: {}},
    {given: {'cache-to': 'type=gha'}, pushes: false, expected: {cacheExport: 'required'}},
    {given: {cache: 'auto'}, pushes: false, expected: {cacheExport: 'wanted'}},
    {given: {provenance: 'mode=max'}, pushes: false, expected: {attestations: true}},
    {given: {provenance: 'false'}, pushes: false, expected: {}},
    {given: {sbom: 'true'}, pushes: false, expected: {attestations: true}},
    {given: {reproducible: 'true'}, pushes: false, expected: {rewrittenTimes: true}},
    {given: {attests: 'type=sbom'}, pushes: false, expected: {attestations: true}},
  ])('$given, pushes: $pushes', async ({given, pushes, expected}) => {
    expect(needsOf((await read(given)).build, pushes)).toEqual({...nothing, ...expected})
  })
})

test('the line of the log', () => {
  const current = found['the engine with the containerd store']
  const need = {...needs['several platforms'], staging: true}
  const use = chooseBuilder('auto', current, need)
  const create = chooseBuilder('auto', found['the engine without it'], need)
  if (use.kind === 'refuse' || create.kind === 'refuse') throw new Error('no choice')
  expect(use.reason).toEqual({
    code: 'builder-suits',
    needs: [{code: 'several-platforms', count: 2}, {code: 'staging'}],
  })
  expect(choiceLine(use, current)).toBe(`Builder: default (docker), since ${formatReason(use.reason)}`)
  expect(choiceLine(create, undefined)).toBe(`Builder: new docker-container, since ${formatReason(create.reason)}`)
})
