import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {execFile} from 'node:child_process'
import {cp, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {promisify} from 'node:util'
import {startRegistry, type Registry} from '../support/registry.ts'
import {projectRoot} from '../support/runner.ts'
import {busyboxDirectory} from '../support/sample.ts'

const run = promisify(execFile)
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
  await makeRepository(path.join(scratch, 'repository'))
}, 600_000)

afterAll(async () => {
  await Promise.all([registry.stop(), rm(scratch, {recursive: true, force: true})])
})

/** The one that scripts/setup-tools installs; it takes a while where that has to compile it. */
async function actProgram(): Promise<string> {
  const {stdout} = await run(path.join(projectRoot, 'scripts', 'setup-tools'), ['--path'])
  return path.join(stdout.trim(), 'act')
}

/** A user's repository at tag v1.2.3, with the action in it. */
async function makeRepository(directory: string): Promise<void> {
  await mkdir(path.join(directory, '.github', 'workflows'), {recursive: true})
  for (const name of ['action.yml', 'dist', 'sample']) {
    await cp(path.join(projectRoot, name), path.join(directory, name), {recursive: true})
  }
  const workflow = path.join(import.meta.dirname, 'workflow.yml')
  await cp(workflow, path.join(directory, '.github', 'workflows', 'publish.yml'))
  const person = ['-c', 'user.name=A Sailor', '-c', 'user.email=sailor@example.com', '-c', 'commit.gpgSign=false']
  for (const args of [
    ['init', '--quiet', '--initial-branch', 'main'],
    ['remote', 'add', 'origin', 'https://github.com/team/app.git'],
    ['add', '--all'],
    [...person, 'commit', '--quiet', '--message', 'A release'],
    ['tag', 'v1.2.3'],
  ]) {
    await run('git', args, {cwd: directory})
  }
}

interface Job {
  readonly exitCode: number
  readonly log: string
}

/** The workflow on this machine, as event push; `variables` over those of the workflow. */
async function job(variables: Readonly<Record<string, string>>, password = login.password): Promise<Job> {
  const secretFile = path.join(scratch, 'secrets')
  await writeFile(secretFile, `REGISTRY_PASSWORD=${password}\n`, {mode: 0o600})
  const given = {
    REGISTRY: registry.host,
    TAGBOAT_BUSYBOX: busyboxDirectory(),
    DIGEST_FILE: path.join(scratch, 'digest'),
    EXPECTED_VERSION: '1.2.3',
    ...variables,
  }
  const args = [
    'push',
    '--platform',
    'ubuntu-latest=-self-hosted',
    '--no-cache-server',
    '--action-cache-path',
    path.join(scratch, 'actions'),
    '--secret-file',
    secretFile,
    ...Object.entries(given).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
  ]
  // The runner brings Node 24 along; act takes what is on the PATH.
  const env = {
    ...process.env,
    PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    NODE_OPTIONS: '',
    XDG_CONFIG_HOME: path.join(scratch, 'config'),
    XDG_CACHE_HOME: path.join(scratch, 'cache'),
  }
  return new Promise((resolve, reject) => {
    execFile(
      act,
      args,
      {cwd: path.join(scratch, 'repository'), env, maxBuffer: 64 * 1024 * 1024},
      (error, stdout, stderr) => {
        const code = error?.code ?? 0
        if (typeof code === 'number') resolve({exitCode: code, log: stdout + stderr})
        else reject(new Error(`act could not be run: ${stderr}`, {cause: error}))
      },
    )
  })
}

describe('a workflow that uses the action from its own repository', () => {
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

  test('fails where an output is not what a step expects', async () => {
    const {exitCode, log} = await job({EXPECTED_VERSION: '1.2.4'})
    expect(log).toContain('Success - Main ./')
    expect(log).toContain('Failure - Main read the outputs')
    expect(log).toContain('Job failed')
    expect(exitCode).toBe(1)
  })

  test('fails where the action fails, and cleans up', async () => {
    const {exitCode, log} = await job({}, 'an-old-password')
    expect(log).toContain('[login-refused]')
    expect(log).toContain('Failure - Main ./')
    expect(log).not.toContain('Main read the outputs')
    expect(log).toContain('Success - Post ./')
    expect(exitCode).toBe(1)
  })
})
