import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {buildArguments, secretVariables, type BuildRequest} from '../../../src/buildx/arguments.ts'
import type {Builder, BuilderNode} from '../../../src/buildx/inspect.ts'
import {keepsContent, outputFlags, stagingOf, type Destination} from '../../../src/buildx/outputs.ts'
import {Secret} from '../../../src/errors/secret.ts'
import type {BuildInputs} from '../../../src/inputs/inputs.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {buildSpecs} from '../../../src/inputs/spec/spec-build.ts'
import type {Annotation, Label} from '../../../src/tags/labels.ts'
import {parseTagRef, type TagRef} from '../../../src/oci/reference.ts'

/** A row of `golden/build-arguments.json`: a step's `with:`, what the plan adds, and the words after `docker`. */
interface Row {
  readonly name: string
  readonly with: Readonly<Record<string, string>>
  readonly plan?: {
    readonly tags?: readonly string[]
    readonly labels?: readonly Label[]
    readonly annotations?: readonly Annotation[]
    readonly destination?: Destination
    readonly sourceDateEpoch?: number
    readonly gitContext?: string
    /** Default: a run that has the job's token. */
    readonly gitToken?: false
  }
  readonly arguments: readonly string[]
}

const rows = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '..', '..', 'golden', 'build-arguments.json'), 'utf8'),
) as readonly Row[]

function tagRef(text: string): TagRef {
  const parsed = parseTagRef(text)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.value
}

async function inputsOf(given: Row['with']): Promise<BuildInputs> {
  const problems = new Problems()
  const inputs = await readInputs(new Map(Object.entries(given)), problems)
  problems.throwIfAny()
  return inputs.build
}

async function requestOf({with: given, plan = {}}: Row): Promise<BuildRequest> {
  const inputs = await inputsOf(given)
  return {
    inputs,
    builder: inputs.builder,
    tags: (plan.tags ?? []).map(tagRef),
    labels: plan.labels ?? [],
    annotations: plan.annotations ?? [],
    destination: plan.destination ?? {kind: 'none'},
    sourceDateEpoch: plan.sourceDateEpoch,
    gitContext:
      plan.gitContext ?? 'https://github.com/octocat/Hello-World.git#860c1904a1ce19322e91ac35af1ab07466440c37',
    gitToken: plan.gitToken === false ? undefined : new Secret('job-token'),
    builderId: 'https://github.com/octocat/Hello-World/actions/runs/1658821493',
    metadataFile: 'HOME/build-metadata.json',
    imageIdFile: 'HOME/image-id',
  }
}

describe('the arguments of docker buildx build', () => {
  test.each(rows)('$name', async (row) => {
    expect(buildArguments(await requestOf(row))).toEqual(row.arguments)
  })

  test('every build input has a row of its own', () => {
    const alone = new Set(rows.flatMap((row) => (Object.keys(row.with).length === 1 ? Object.keys(row.with) : [])))
    expect(Object.keys(buildSpecs).filter((name) => !alone.has(name))).toEqual([])
  })

  test('nothing that is a value of a secret is in a row', () => {
    const secrets = rows.flatMap((row) => (row.with['secrets'] ?? '').match(/s3cr[^"\n]*/g) ?? [])
    expect(secrets.length).toBeGreaterThan(3)
    expect(secrets.filter((value) => rows.some((row) => row.arguments.join('\n').includes(value)))).toEqual([])
  })
})

describe('stagingOf', () => {
  test.each([
    {name: 'nothing beside it', given: {}, expected: 'push-by-digest'},
    {
      name: 'files beside it',
      given: {outputs: 'type=local,dest=out\nout2\ntype=cacheonly'},
      expected: 'push-by-digest',
    },
    {name: 'an image that is loaded', given: {load: 'true'}, expected: 'oci-layout'},
    {name: 'an archive of the image', given: {outputs: 'type=oci,dest=image.tar'}, expected: 'oci-layout'},
    {name: 'an image with a name of its own', given: {outputs: 'type=image,name=a'}, expected: 'oci-layout'},
    {name: 'the image itself', given: {outputs: 'type=image,push=false,compression=zstd'}, expected: 'push-by-digest'},
    {name: 'an output that pushes', given: {outputs: 'type=image,name=a/b,push=true'}, expected: 'push-by-digest'},
    {name: 'an output that pushes, in quotes', given: {outputs: 'type=image,"push=true"'}, expected: 'push-by-digest'},
    {name: 'an output to the registry', given: {outputs: 'type=registry'}, expected: 'push-by-digest'},
  ] as const)('$name', async ({given, expected}) => {
    expect(stagingOf(await inputsOf(given), 'push-by-digest')).toBe(expected)
  })

  test.each(['oci-layout', 'none'] as const)('never more than %s, if that is what the builder can', async (able) => {
    expect(stagingOf(await inputsOf({}), able)).toBe(able)
  })

  test('nothing, where the builder can do nothing', async () => {
    expect(stagingOf(await inputsOf({load: 'true'}), 'none')).toBe('none')
  })
})

describe('keepsContent', () => {
  const node: BuilderNode = {name: 'x0', endpoint: '', status: '', platforms: [], fixed: [], buildkit: undefined}
  const engine: Builder = {
    name: 'x',
    driver: 'docker',
    staging: 'oci-layout',
    dials: true,
    nodes: [node],
    platforms: [],
    errors: [],
  }
  const own: Builder = {...engine, driver: 'docker-container', staging: 'push-by-digest'}

  test.each([
    {name: 'the engine', builder: engine, given: {}, expected: true},
    {name: 'a container', builder: own, given: {}, expected: true},
    {name: 'a remote builder', builder: {...own, driver: 'remote'}, given: {}, expected: true},
    {name: 'files in `outputs`', builder: own, given: {outputs: 'type=local,dest=out'}, expected: true},
    {name: 'Kubernetes', builder: {...own, driver: 'kubernetes'}, given: {}, expected: false},
    {name: 'several nodes', builder: {...own, nodes: [node, node]}, given: {}, expected: false},
    {name: 'Buildx before 0.13', builder: {...own, dials: false}, given: {}, expected: false},
    {name: 'an engine that cannot stage', builder: {...engine, staging: 'none' as const}, given: {}, expected: false},
    {name: '`load`', builder: engine, given: {load: 'true'}, expected: false},
    {name: 'another image', builder: own, given: {outputs: 'type=oci,dest=image.tar'}, expected: false},
    {name: 'rewritten times', builder: own, given: {reproducible: 'true'}, expected: false},
    {name: 'a check', builder: own, given: {call: 'check'}, expected: false},
  ])('$name: $expected', async ({builder, given, expected}) => {
    expect(keepsContent(builder, await inputsOf(given))).toBe(expected)
  })
})

test('content has names for its attestations, and the media types of a layout', async () => {
  const destination = {kind: 'content', repositories: []} as const
  const tags: readonly TagRef[] = []
  const flags = outputFlags({inputs: await inputsOf({}), tags, destination})
  expect(flags).toEqual(['--output', 'type=image,push=false,store=false,dangling-name-prefix=,oci-mediatypes=true'])
  const named = outputFlags({inputs: await inputsOf({}), tags: [tagRef('ghcr.io/a/b:1'), tagRef('c/d:1')], destination})
  expect(named[1]).toMatch(/,"name=ghcr\.io\/a\/b:1,c\/d:1"$/)
  const shaped = await inputsOf({outputs: 'type=image,oci-mediatypes=false,compression=zstd'})
  expect(outputFlags({inputs: shaped, tags, destination})).toEqual([
    '--output',
    'type=image,push=false,store=false,dangling-name-prefix=,oci-mediatypes=false,compression=zstd',
  ])
})

describe('the environment of the build', () => {
  test.each([
    {name: 'no secret', given: {}, expected: {}},
    {
      name: 'secrets by place, to the letter',
      given: {secrets: 'a=one\nb=two, "quoted"\n"c=three\nlines"'},
      expected: {TAGBOAT_SECRET_0: 'one', TAGBOAT_SECRET_1: 'two, "quoted"', TAGBOAT_SECRET_2: 'three\nlines'},
    },
    {name: 'the token for a Git context', given: {context: 'git'}, expected: {TAGBOAT_GIT_AUTH_TOKEN: 'job-token'}},
    {
      name: 'the token for a further Git context',
      given: {'build-contexts': 'src={{defaultContext}}'},
      expected: {TAGBOAT_GIT_AUTH_TOKEN: 'job-token'},
    },
    {name: 'no token for a directory named git', given: {'build-contexts': 'src=git'}, expected: {}},
    {name: 'no token for another repository', given: {context: 'https://github.com/a/b.git'}, expected: {}},
    {
      name: 'the token for the own address',
      given: {context: 'https://github.com/octocat/Hello-World.git#main'},
      expected: {TAGBOAT_GIT_AUTH_TOKEN: 'job-token'},
    },
    {name: 'no token where there is none', given: {context: 'git'}, gitToken: false as const, expected: {}},
  ])('$name', async ({given, gitToken, expected}) => {
    const plan = gitToken === undefined ? {} : {gitToken}
    expect(secretVariables(await requestOf({name: '', with: given, plan, arguments: []}))).toEqual(expected)
  })
})
