import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {actProgram, makeUserRepository, runAct, runnersHere, type ActResult} from '../../testing/act.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {busyboxDirectory} from '../../testing/sample.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
let registry: Registry
let scratch: string
let act: string

beforeAll(async () => {
  ;[registry, scratch, act] = await Promise.all([
    startRegistry({login}),
    mkdtemp(path.join(tmpdir(), 'tagboat-act-')),
    actProgram(),
  ])
  await makeUserRepository(path.join(scratch, 'repository'), {
    parts: ['action.yml', 'dist', 'sample'],
    workflow: path.join(import.meta.dirname, 'workflow.yml'),
  })
}, 600_000)

afterAll(async () => {
  await Promise.all([registry.stop(), rm(scratch, {recursive: true, force: true})])
})

/** Runs the workflow for the event push. `variables` override those of the workflow. */
async function job(variables: Readonly<Record<string, string>>, password = login.password): Promise<ActResult> {
  const values = {
    REGISTRY: registry.host,
    TAGBOAT_BUSYBOX: busyboxDirectory(),
    DIGEST_FILE: path.join(scratch, 'digest'),
    EXPECTED_VERSION: '1.2.3',
    ...variables,
  }
  return runAct(act, {
    scratch,
    repository: path.join(scratch, 'repository'),
    args: [
      ...runnersHere(['ubuntu-latest']),
      ...Object.entries(values).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ],
    secrets: {REGISTRY_PASSWORD: password},
  })
}

describe('a workflow with the action in its repository', () => {
  test('publishes, and reads the outputs in later steps', async () => {
    const {exitCode, log} = await job({})
    expect(log).toContain('Success - Main read the outputs')
    expect(log).toContain('Success - Main find no login')
    expect(log).toContain('Success - Post ./')
    expect(log).toContain('Job succeeded')
    expect(exitCode).toBe(0)
    const digest = (await readFile(path.join(scratch, 'digest'), 'utf8')).trim()
    for (const tag of ['1.2.3', '1.2', '1', 'latest']) {
      expect((await registry.manifest('team/app', tag))?.digest).toBe(digest)
    }
  })

  test('fails if an output has another value than expected', async () => {
    const {exitCode, log} = await job({EXPECTED_VERSION: '1.2.4'})
    expect(log).toContain('Success - Main ./')
    expect(log).toContain('Failure - Main read the outputs')
    expect(log).toContain('Job failed')
    expect(exitCode).toBe(1)
  })

  test('fails if the action fails, and cleans up', async () => {
    const {exitCode, log} = await job({}, 'an-old-password')
    expect(log).toContain('[login-refused]')
    expect(log).toContain('Failure - Main ./')
    expect(log).not.toContain('Main read the outputs')
    expect(log).toContain('Success - Post ./')
    expect(exitCode).toBe(1)
  })
})
