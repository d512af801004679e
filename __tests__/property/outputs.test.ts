import {describe, expect, test} from '@jest/globals'
import {buildArguments} from '../../src/buildx/arguments.ts'
import type {Destination} from '../../src/buildx/outputs.ts'
import {buildRequest} from '../../src/stage/build-request.ts'
import {prepare, type Prepared} from '../../src/prepare/prepare.ts'
import {TagboatError} from '../../src/errors/error.ts'
import {formatRepository} from '../../src/oci/reference.ts'
import {loadEvent} from '../../testing/events.ts'
import {fakeIo, scriptedGitHub} from '../../testing/fake-io.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

/** Interpretation of a value of `--output` by Buildx and BuildKit: whether it pushes, and to which names. */
function interpret(output: string): {readonly pushes: boolean; readonly names: readonly string[]} {
  const fields = output.match(/"(?:[^"]|"")*"|[^,]+/g) ?? []
  const pairs = fields.map((field) => {
    const plain = field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field
    const [key = '', ...rest] = plain.split('=')
    return [key.trim().toLowerCase(), rest.join('=')] as const
  })
  const attributes = new Map(pairs)
  const type = output.includes(',') || /^"?type=/.test(output) ? (attributes.get('type') ?? '') : 'local'
  const push = attributes.get('push')
  const pushes = push !== undefined && ['', '1', 't', 'T', 'true', 'TRUE', 'True'].includes(push)
  // The builder of the engine pushes an image with `push=true`.
  const obeys = ['image', 'docker'].includes(type) && pushes
  return {pushes: type === 'registry' || obeys, names: (attributes.get('name') ?? '').split(',')}
}

const field = fc.constantFrom(
  'push=true',
  'push=TRUE',
  'push=t',
  'push=1',
  'push=',
  'push=false',
  'push=yes',
  'push',
  ' Push=true',
  '"push=true"',
  'PUSH=true',
  'push-by-digest=true',
  'push-by-digest=false',
  'name-canonical=true',
  'name=r.example/other/app:dev',
  'name=app:local',
  '"name=r.example/a/b:1,r.example/c/d"',
  'compression=zstd',
  'force-compression=true',
  'annotation.a=b',
  '"annotation-index.c=d, ""push=true"""',
  'dest=out.tar',
  'unpack=true',
  'store=false',
  'type=registry',
  'registry.insecure=true',
)
const type = fc.constantFrom(
  ...['image', 'registry', 'docker', 'oci', 'local', 'tar', 'cacheonly', 'IMAGE'].map((name) => `type=${name}`),
  '"type=registry"',
  'TYPE=registry',
  'type = registry',
  ' type=image',
)
const output = fc.oneof(
  fc
    .tuple(type, fc.array(field, {maxLength: 5}))
    .chain(([first, rest]) => fc.shuffledSubarray([first, ...rest], {minLength: rest.length + 1}))
    .map((fields) => fields.join(',')),
  fc.constantFrom('out', '-', 'type=registry', 'registry', '# type=registry'),
)
const inputs = fc.record(
  {
    outputs: fc.array(output, {minLength: 1, maxLength: 3}).map((lines) => lines.join('\n')),
    images: fc.constantFrom('r.example/o/app', 'r.example/o/app\nr.example/other/app', ''),
    tags: fc.constantFrom('', 'type=raw,value=one', 'r.example/o/app:one', 'type=sha'),
    load: fc.constantFrom('true', 'false'),
    reproducible: fc.constantFrom('true', 'false'),
    platforms: fc.constantFrom('', 'linux/amd64', 'linux/amd64,linux/arm64'),
    call: fc.constantFrom('', 'build', 'check', 'outline'),
    cache: fc.constantFrom('off', 'auto', 'registry'),
    provenance: fc.constantFrom('', 'mode=max'),
  },
  {requiredKeys: ['outputs']},
)
const quiet = fc.constantFrom(
  {event: 'pull-request', push: 'auto'},
  {event: 'pull-request-fork', push: 'auto'},
  {event: 'pull-request-dependabot', push: 'auto'},
  {event: 'push-tag', push: 'false'},
  {event: 'push-default-branch', push: 'False'},
)

/** Prepares a run, or returns undefined if its inputs are refused. */
async function prepared(event: string, values: Readonly<Record<string, string>>): Promise<Prepared | undefined> {
  const {environment, payloadPath} = loadEvent(event)
  const io = fakeIo({
    environment: {...environment, GITHUB_EVENT_PATH: payloadPath, SOURCE_DATE_EPOCH: '7'},
    inputs: new Map(Object.entries(values)),
    gitHub: () => scriptedGitHub({}),
  })
  try {
    return await prepare(io)
  } catch (error) {
    if (error instanceof TagboatError && error.code === 'input-invalid') return undefined
    throw error
  }
}

/** Names that the build of a run would push, per output. */
function pushedBy(run: Prepared, destination: Destination): readonly (readonly string[])[] {
  const tags = run.plan.tags.map(({reference}) => reference)
  const args = buildArguments(
    buildRequest(run, tags, destination, {
      directory: '/home',
      builder: undefined,
      definition: {tags: undefined, build: undefined},
    }),
  )
  expect(args).not.toContain('--push')
  expect(args).not.toContain('--tag')
  return args
    .filter((_, index) => args[index - 1] === '--output')
    .map(interpret)
    .flatMap(({pushes, names}) => (pushes ? [names] : []))
}

const layout: Destination = {kind: 'layout', directory: '/home/layout'}

describe('for any inputs', () => {
  test('a run without a push in its plan does not let Buildx push', async () => {
    let built = 0
    await fc.assert(
      fc.asyncProperty(quiet, inputs, async ({event, push}, values) => {
        const run = await prepared(event, {...values, push})
        if (run === undefined) return
        built += 1
        expect(run.plan.push.do).toBe(false)
        for (const destination of [{kind: 'none'}, layout] as const) expect(pushedBy(run, destination)).toEqual([])
      }),
      {numRuns: times(30)},
    )
    expect(built).toBeGreaterThan(times(3))
  })

  test('a run with a push lets Buildx push only its image', async () => {
    let built = 0
    await fc.assert(
      fc.asyncProperty(inputs, async (values) => {
        const run = await prepared('push-tag', values)
        if (run?.plan.push.do !== true) return
        built += 1
        const repositories = [
          ...new Map(run.plan.tags.map(({reference: {repository}}) => [formatRepository(repository), repository])),
        ]
        const names = repositories.map(([name]) => name)
        const byDigest = {kind: 'digest', repositories: repositories.map(([, repository]) => repository)} as const
        expect(pushedBy(run, byDigest)).toEqual([names])
        expect(pushedBy(run, layout)).toEqual([])
      }),
      {numRuns: times(30)},
    )
    expect(built).toBeGreaterThan(times(3))
  })
})
