import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {Secret} from '../../src/errors/secret.ts'
import {httpClient} from '../../src/io/http.ts'
import {actProgram, makeUserRepository, runAct, runnersHere, type ActResult} from '../../testing/act.ts'
import {imageOfAge} from '../../testing/prune-run.ts'
import {pushImage, testClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'

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
    parts: ['prune', 'dist'],
    workflow: path.join(import.meta.dirname, 'prune-workflow.yml'),
  })
  await writeFile(path.join(scratch, 'event.json'), JSON.stringify({repository: {default_branch: 'main'}}))
  using clients = testClients(httpClient(new AbortController().signal, {}), {
    credentials: async () =>
      Promise.resolve({kind: 'basic', username: login.username, password: new Secret(login.password)}),
  })
  const client = clients.of(registry.host, 'team/app')
  for (const [index, tag] of ['build-1', 'build-2', 'build-3', 'build-4', '1.2.3'].entries()) {
    const image = imageOfAge(100 - index, tag)
    await pushImage(client, image)
    await client.putManifest(tag, image)
  }
}, 600_000)

afterAll(async () => {
  await Promise.all([registry.stop(), rm(scratch, {recursive: true, force: true})])
})

/** Runs the workflow for the event schedule. */
async function job(dryRun: boolean): Promise<ActResult> {
  return runAct(act, {
    scratch,
    repository: path.join(scratch, 'repository'),
    event: 'schedule',
    args: [
      ...runnersHere(['ubuntu-latest']),
      ...['--eventpath', path.join(scratch, 'event.json')],
      ...['--env', `REGISTRY=${registry.host}`, '--env', `DRY_RUN=${dryRun}`],
    ],
    secrets: {REGISTRY_PASSWORD: login.password},
  })
}

test('a schedule looks first, and then deletes', async () => {
  const look = await job(true)
  expect(look.log).toContain('Success - Main read the outputs')
  expect([look.exitCode, (await registry.tags('team/app')).length]).toEqual([0, 5])
  const real = await job(false)
  expect(real.log).toContain('Success - Main read the outputs')
  expect(real.log).toContain('Success - Post ./prune')
  expect([real.exitCode, [...(await registry.tags('team/app'))].sort()]).toEqual([0, ['1.2.3', 'build-3', 'build-4']])
})
