import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {randomBytes} from 'node:crypto'
import {docker} from '../../testing/docker.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {Step} from '../../testing/runner.ts'
import {publishTo} from '../../testing/sample.ts'
import {loginMarks, modesBelow, tracesIn} from '../../testing/traces.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: `canary-${randomBytes(12).toString('hex')}`}
let registry: Registry
let workspace: Workspace

beforeAll(async () => {
  ;[registry, workspace] = await Promise.all([startRegistry({login}), workspaceOf({Dockerfile: plainDockerfile})])
})

afterAll(async () => {
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

async function prepare(repository: string, inputs: Readonly<Record<string, string>>): Promise<Step> {
  return Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {...publishTo(registry.host, login), images: `${registry.host}/${repository}`, ...inputs},
  })
}

describe('export-login: true', () => {
  test('lets later steps pull and push, until post', async () => {
    await using step = await prepare('export/app', {'export-login': 'true'})
    const {exitCode, exported} = await step.main()
    expect(exitCode).toBe(0)
    const config = exported.get('DOCKER_CONFIG') ?? ''
    expect(config.startsWith(`${step.temp}/`)).toBe(true)
    const name = `${registry.host}/export/app`
    try {
      // The image is removed from the engine that built it, so that it must be pulled.
      await docker([
        'image',
        'rm',
        '--force',
        ...['1.2.3', '1.2', '1', 'latest', 'sha-6113728'].map((tag) => `${name}:${tag}`),
      ])
      await docker(['pull', '--quiet', '--platform', 'linux/amd64', `${name}:1.2.3`], config)
      await docker(['tag', `${name}:1.2.3`, `${name}:again`], config)
      await docker(['push', '--quiet', `${name}:again`], config)
      expect(await registry.tags('export/app')).toContain('again')
      expect(await docker(['buildx', 'version'], config)).toContain('buildx')

      expect((await step.post()).exitCode).toBe(0)
      await expect(docker(['push', `${name}:again`], config)).rejects.toThrow(
        /no basic auth credentials|unauthorized|authentication required/,
      )
    } finally {
      await docker(['image', 'rm', '--force', `${name}:1.2.3`, `${name}:again`])
    }
    expect(await tracesIn(loginMarks(login), step.directory)).toEqual([])
    // The last command above has created it again, as the CLI does with its configuration directory.
    expect((await modesBelow(step.temp)).filter(({name: file}) => /config\.json|logins/.test(file))).toEqual([])
  })

  test('leaves nothing after a failed run', async () => {
    await using step = await prepare('export/fails', {'export-login': 'true', target: 'nowhere'})
    const {exitCode} = await step.main()
    expect(exitCode).toBe(1)
    expect((await step.post()).exitCode).toBe(0)
    expect(await modesBelow(step.temp)).toEqual([])
  })
})

describe('without export-login', () => {
  test.each([{logout: 'true'}, {logout: 'false'}])('logout: $logout exports and leaves nothing', async (inputs) => {
    await using step = await prepare('export/not', inputs)
    const {exitCode, exported} = await step.main()
    expect(exitCode).toBe(0)
    expect([...exported.keys()]).toEqual([])
    const left = await modesBelow(step.temp)
    expect(left.filter(({name}) => !name.startsWith('tagboat-bake-'))).toEqual([])
    expect((await step.post()).exitCode).toBe(0)
    expect(await modesBelow(step.temp)).toEqual([])
    expect(await tracesIn(loginMarks(login), step.directory)).toEqual([])
  })
})
