import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {directClients, headsOf, older, store, storeOlder} from '../../testing/next-release.ts'
import {errorsIn} from '../../testing/runner-log.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {publishTo, sampleDirectory, sampleInputs} from '../../testing/sample.ts'
import {modesBelow, snapshotOf} from '../../testing/traces.ts'
import {childrenOf} from '../../testing/process-watch.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
let registry: Registry
let step: Step
let result: StepResult
let children: readonly string[]
/** State that the run could have changed. */
let places: {readonly before: readonly (readonly string[])[]; readonly after: readonly (readonly string[])[]}
let emptyPath: string

beforeAll(async () => {
  registry = await startRegistry({login})
  emptyPath = await mkdtemp(path.join(tmpdir(), 'tagboat-path-'))
  step = await Step.prepare({
    event: 'push-tag',
    workspace: sampleDirectory,
    inputs: {...publishTo(registry.host, login), ...sampleInputs(), 'dry-run': 'true'},
    env: {PATH: emptyPath},
  })
  const before = await look()
  const main = step.main()
  children = await childrenOf(step.pid ?? 0)
  result = await main
  places = {before, after: await look()}
})

afterAll(async () => {
  await step.remove()
  await rm(emptyPath, {recursive: true, force: true})
  await registry.stop()
})

async function look(): Promise<readonly (readonly string[])[]> {
  return Promise.all([step.temp, step.home, sampleDirectory].map(snapshotOf))
}

describe('dry-run: true', () => {
  test('succeeds without Docker', () => {
    expect(errorsIn(result.log)).toEqual([])
    expect(result.exitCode).toBe(0)
  })

  test('prints the plan', () => {
    expect(result.log).toContain('Plan for push of refs/tags/v1.2.3, commit 6113728')
    expect(result.log).toContain('Dry run')
    expect(result.log).toMatch(/^ {4}yes: push: auto, push of tag v1\.2\.3$/m)
    expect(result.log).toMatch(/^ {2}1\.2\.3 +exact +type=semver,pattern=\{\{version\}\} \(default strategy\)$/m)
    expect(result.log).toMatch(/^ {2}latest +floating +type=semver/m)
    expect(result.log).toMatch(/^ {4}platforms linux\/amd64, linux\/arm64$/m)
    expect(result.log).toMatch(new RegExp(`^ {4}${registry.host}/team/app$`, 'm'))
  })

  test('sets the outputs', () => {
    expect(result.outputs.get('version')).toBe('1.2.3')
    expect(result.outputs.get('tag-names')).toBe('1.2.3\n1.2\n1\nsha-6113728\nlatest')
    expect(result.outputs.get('pushed')).toBe('false')
    expect(result.outputs.get('skipped')).toBe('false')
    expect(result.outputs.get('digest')).toBe('')
    expect(JSON.parse(result.outputs.get('plan') ?? '')).toMatchObject({push: true, version: '1.2.3'})
  })

  test('has a summary with the planned tags', () => {
    expect(result.summary).toContain(`### Dry run \`${registry.host}/team/app:1.2.3\``)
    expect(result.summary).toContain('\n\n| Tag | Kind | Rule |')
  })

  test('starts no process', () => {
    expect(children).toEqual([])
  })

  test('changes no file, and creates only the Bake files, which exist until the post step', () => {
    const withoutBakeFiles = places.after.map((lines) => lines.filter((line) => !line.startsWith('tagboat-bake-')))
    expect(withoutBakeFiles).toEqual(places.before)
  })

  test('sends no request to the registry', async () => {
    expect((await registry.requests()).filter(({userAgent}) => userAgent !== '')).toEqual([])
  })

  test('saves no work for post', async () => {
    const post = await step.post()
    expect({exitCode: post.exitCode, log: post.log}).toEqual({exitCode: 0, log: ''})
    expect(await modesBelow(step.temp)).toEqual([])
  })

  test.each([
    {name: 'a bad input', inputs: {push: 'maybe'}, code: 'input-invalid'},
    {name: 'an unknown rule', inputs: {tags: 'type=branch'}, code: 'input-invalid'},
  ])('$name', async ({inputs, code}) => {
    await using other = await Step.prepare({
      event: 'push-tag',
      workspace: sampleDirectory,
      inputs: {...publishTo(registry.host, login), 'dry-run': 'true', ...inputs},
      env: {PATH: emptyPath},
    })
    const {exitCode, log, summary} = await other.run()
    expect(exitCode).toBe(1)
    expect(log).toContain(`[${code}]`)
    expect(summary).toMatch(new RegExp(`^### ❌ Not started\n\n.*[\\s\\S]*#${code}\\)\\)$`, 'm'))
  })
})

describe('dry-run: registry', () => {
  async function run(inputs: Readonly<Record<string, string>>): Promise<StepResult> {
    await using other = await Step.prepare({
      event: 'push-tag',
      workspace: sampleDirectory,
      inputs: {
        ...publishTo(registry.host, login),
        images: `${registry.host}/team/preview`,
        'dry-run': 'registry',
        ...inputs,
      },
      env: {PATH: emptyPath},
    })
    return await other.run()
  }

  function outcomesOf({outputs}: StepResult): Readonly<Record<string, string>> {
    const {tags} = JSON.parse(outputs.get('plan') ?? '') as {readonly tags: readonly {tag: string; outcome: string}[]}
    return Object.fromEntries(tags.map(({tag, outcome}) => [tag, outcome]))
  }

  test('needs no Docker for tags, and fails like a real run', async () => {
    const client = directClients(login).repository({host: registry.host, path: 'team/preview'})
    await storeOlder(client)
    const before = await headsOf(client)
    const good = await run({})
    expect(errorsIn(good.log)).toEqual([])
    expect(good.exitCode).toBe(0)
    expect(outcomesOf(good)).toEqual({
      '1.2.3': 'new',
      '1.2': 'moved',
      '1': 'moved',
      'sha-6113728': 'new',
      latest: 'moved',
    })
    expect(good.outputs.get('pushed')).toBe('false')
    expect(good.summary).toMatch(/\| `latest` \| \S+\swould\smove\sfrom\s`/u)
    expect(good.log).toMatch(/^Dry run of \S+: .*would create 2 tags, move 3 tags\n*$/m)

    await store(client, older, ['1.2.3'])
    const refused = await run({})
    expect(refused.exitCode).toBe(1)
    expect(refused.log).toContain('[tag-taken]')
    expect(outcomesOf(refused)).toMatchObject({'1.2.3': 'failed', latest: 'kept'})
    expect(await headsOf(client)).toEqual({...before, '1.2.3': older.digest})

    const wrong = await run({password: 'a-wrong-wind'})
    expect(wrong.exitCode).toBe(1)
    expect(wrong.log).toContain('[login-refused]')
  })
})
