import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {httpClient} from '../../src/io/http.ts'
import {actProgram, makeUserRepository, runAct, runnersHere, type ActResult} from '../../testing/act.ts'
import {imageOfRef} from '../../testing/closed-run.ts'
import {pushImage, testClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'

const app = 'team/app'
const repository = {
  id: 1,
  name: 'app',
  full_name: app,
  owner: {login: 'team', type: 'Organization'},
  default_branch: 'main',
  html_url: 'https://github.com/team/app',
}
const sha = 'a'.repeat(40)
let registry: Registry
let scratch: string
let act: string

beforeAll(async () => {
  ;[registry, scratch, act] = await Promise.all([
    startRegistry(),
    mkdtemp(path.join(tmpdir(), 'tagboat-act-')),
    actProgram(),
  ])
  await makeUserRepository(path.join(scratch, 'repository'), {
    parts: ['action.yml', 'dist'],
    workflow: path.join(import.meta.dirname, 'closed.yml'),
  })
  using clients = testClients(httpClient(new AbortController().signal, {}))
  const client = clients.of(registry.host, app)
  for (const [tag, ref] of [
    ['main', 'refs/heads/main'],
    ['feature-a', 'refs/heads/feature/a'],
    ['pr-2', 'refs/pull/2/merge'],
    ['pr-267', 'refs/pull/267/merge'],
  ] as const) {
    const image = imageOfRef(ref)
    await pushImage(client, image)
    await client.putManifest(tag, image)
  }
}, 600_000)

afterAll(async () => {
  await Promise.all([registry.stop(), rm(scratch, {recursive: true, force: true})])
})

async function job(event: string, payload: object, tag: string): Promise<ActResult> {
  const file = path.join(scratch, `${event}.json`)
  await writeFile(file, JSON.stringify({...payload, repository}))
  return runAct(act, {
    scratch,
    repository: path.join(scratch, 'repository'),
    event,
    args: [
      ...runnersHere(['ubuntu-latest']),
      ...['--eventpath', file, '--env', `REGISTRY=${registry.host}`, '--env', `EXPECTED_TAG=${tag}`],
    ],
    secrets: {},
  })
}

test('`pull_request` with the type `closed`', async () => {
  const [head, base] = ['changes', 'main'].map((ref) => ({ref, sha, repo: repository}))
  const {exitCode, log} = await job(
    'pull_request',
    {action: 'closed', number: 2, pull_request: {number: 2, merged: false, head, base}},
    'pr-2',
  )
  expect(log).toContain('Success - Main read the outputs')
  expect(exitCode).toBe(0)
  expect((await registry.tags(app)).toSorted()).toEqual(['feature-a', 'main', 'pr-267'])
})

test('`delete` of a branch', async () => {
  const {exitCode, log} = await job('delete', {ref: 'feature/a', ref_type: 'branch'}, 'feature-a')
  expect(log).toContain('Success - Main read the outputs')
  expect(exitCode).toBe(0)
  expect((await registry.tags(app)).toSorted()).toEqual(['main', 'pr-267'])
})
