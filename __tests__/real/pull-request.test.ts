import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {changesOf, startRegistry, type Registry} from '../../testing/registry.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {publishTo, sampleDirectory, sampleInputs} from '../../testing/sample.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
let registry: Registry

beforeAll(async () => {
  registry = await startRegistry({login})
})

afterAll(async () => {
  await registry.stop()
})

async function run(event: string, inputs: Readonly<Record<string, string>>): Promise<StepResult> {
  await using step = await Step.prepare({
    event,
    workspace: sampleDirectory,
    inputs: {...publishTo(registry.host, login), ...sampleInputs(), ...inputs},
  })
  return await step.run()
}

/** Requests that could have changed the registry. */
async function writes(): Promise<readonly string[]> {
  return changesOf(await registry.requests()).map(({method, path}) => `${method} ${path}`)
}

describe('a pull request builds and pushes nothing', () => {
  test.each([
    {name: 'from a branch of the repository', event: 'pull-request', inputs: {}},
    {
      name: 'from a fork, without secrets',
      event: 'pull-request-fork',
      inputs: {username: '', password: ''},
    },
    {
      name: 'of Dependabot, without secrets',
      event: 'pull-request-dependabot',
      inputs: {username: '', password: ''},
    },
    {
      name: 'of Dependabot, with several empty logins',
      event: 'pull-request-dependabot',
      inputs: {registry: '', username: '', password: '', 'registry-auth': emptyLogins()},
    },
  ])('$name', async ({event, inputs}) => {
    const {exitCode, outputs, summary, log} = await run(event, inputs)
    expect(exitCode).toBe(0)
    expect(outputs.get('pushed')).toBe('false')
    expect(outputs.get('digest')).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(outputs.get('tag-names')).toBe('pr-2')
    expect(JSON.parse(outputs.get('plan') ?? '')).toMatchObject({push: false, code: 'pull-request'})
    // Both platforms were built.
    expect(new Set(log.match(/exporting manifest sha256:[0-9a-f]{64}/g)).size).toBe(2)
    expect(summary).toMatch(/^### ✅ Built `.*`, not pushed$/m)
    expect(summary).not.toContain('image: ')
    expect(log).toMatch(/^Built \S+\/team\/app:pr-2 for .* in [\d.]+ s, not pushed: .+$/m)
    expect(await registry.tags('team/app')).toEqual([])
    expect(await writes()).toEqual([])
  })

  test('for one platform', async () => {
    const {exitCode, outputs, log} = await run('pull-request', {platforms: 'linux/amd64'})
    expect(exitCode).toBe(0)
    expect(outputs.get('pushed')).toBe('false')
    expect(outputs.get('digest')).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(new Set(log.match(/exporting manifest sha256:[0-9a-f]{64}/g)).size).toBe(1)
    expect(await writes()).toEqual([])
  })

  test('but publishes with `push: true`', async () => {
    const {exitCode, outputs} = await run('pull-request', {push: 'true', images: `${registry.host}/team/wanted`})
    expect(exitCode).toBe(0)
    expect(outputs.get('pushed')).toBe('true')
    expect(await registry.tags('team/wanted')).toEqual(['pr-2'])
    const stored = await registry.manifest('team/wanted', 'pr-2')
    expect(stored?.digest).toBe(outputs.get('digest'))
  })
})

function emptyLogins(): string {
  return ['- registry: one.example', '  username: ""', '  password: ""'].join('\n')
}
