import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {loadEvent} from '../../testing/events.ts'
import {cloneAt, git, makeRepository, type Branches} from '../../testing/git-checkout.ts'
import {readConfig, readFiles} from '../../testing/image.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {executedCommands} from '../../testing/runner-log.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {plainDockerfile} from '../../testing/workspace.ts'

/** Commit of the build, with clones of a real repository. The image contains the page of that commit. */

let registry: Registry
let root: string
let shas: Branches
let count = 0

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'tagboat-built-'))
  shas = makeRepository(path.join(root, 'source'), `${plainDockerfile.join('\n')}\nCOPY page /page\n`)
  registry = await startRegistry()
})

afterAll(async () => {
  await registry.stop()
  rmSync(root, {recursive: true, force: true})
})

function checkout(commitish: string): string {
  count += 1
  const directory = path.join(root, `clone-${count}`)
  cloneAt(path.join(root, 'source'), directory, commitish)
  return directory
}

interface Given {
  readonly event: string
  readonly workspace: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly payload?: object
}

async function run(repository: string, {event, workspace, inputs, env, payload = {}}: Given): Promise<StepResult> {
  const loaded = loadEvent(event)
  count += 1
  const file = path.join(root, `event-${count}.json`)
  const repositoryPayload = {...(loaded.payload as {repository?: object}).repository, default_branch: 'main'}
  writeFileSync(file, JSON.stringify({...(loaded.payload as object), ...payload, repository: repositoryPayload}))
  await using step = await Step.prepare({
    event,
    workspace,
    inputs: {images: `${registry.host}/${repository}`, platforms: 'linux/amd64', provenance: 'false', ...inputs},
    env: {GITHUB_REF: 'refs/heads/main', GITHUB_SHA: shas.main, ...env, GITHUB_EVENT_PATH: file},
  })
  return await step.run()
}

function annotations({log}: StepResult, level: 'notice' | 'warning'): readonly string[] {
  return executedCommands(log).flatMap(({name, message}) => (name === level ? [message] : []))
}

interface Published {
  readonly page: string | undefined
  readonly revision: string | undefined
}

async function published(repository: string, reference: string): Promise<Published> {
  const location = {registry, repository, reference}
  const [files, config] = await Promise.all([readFiles(location), readConfig(location)])
  return {page: files.get('page'), revision: config.config.Labels?.['org.opencontainers.image.revision']}
}

const short = (sha: string): string => `sha-${sha.slice(0, 7)}`

test('a manual run with another branch checked out uses the built commit, but no branch tag', async () => {
  const options = {event: 'workflow-dispatch-branch', workspace: checkout('origin/topic')}
  const result = await run('built/dispatch', {...options, inputs: {tags: 'type=sha\ntype=raw,value=stable'}})
  expect({exitCode: result.exitCode, warnings: annotations(result, 'warning')}).toEqual({exitCode: 0, warnings: []})
  expect([...(await registry.tags('built/dispatch'))].sort()).toEqual([short(shas.topic), 'stable'].sort())
  expect(await published('built/dispatch', 'stable')).toEqual({page: 'topic', revision: shas.topic})

  const plain = await run('built/dispatch-default', options)
  expect({exitCode: plain.exitCode, warningsCount: annotations(plain, 'warning').length}).toEqual({
    exitCode: 0,
    warningsCount: 1,
  })
  for (const text of [shas.topic, shas.main, 'metadata-context: git'])
    expect(annotations(plain, 'warning')[0]).toContain(text)
  expect(await registry.tags('built/dispatch-default')).toEqual([short(shas.topic)])
})

describe('a schedule with the latest release checked out', () => {
  const tags = 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}'
  const rebuild = {version: '1.2.3', tags, pull: 'true', 'no-cache': 'true'}

  test('finds the release, builds nothing, and replaces it with `if-exists: overwrite`', async () => {
    const workspace = checkout('v1.2.3')
    const tagged = {GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_SHA: shas.release}
    const release = await run('built/weekly', {event: 'push-tag', workspace, inputs: {tags}, env: tagged})
    expect({exitCode: release.exitCode, warnings: annotations(release, 'warning')}).toEqual({exitCode: 0, warnings: []})
    const digest = release.outputs.get('digest')

    const kept = await run('built/weekly', {event: 'schedule', workspace, inputs: rebuild})
    expect({exitCode: kept.exitCode, digest: kept.outputs.get('digest')}).toEqual({exitCode: 0, digest})
    expect(annotations(kept, 'notice')).toContainEqual(expect.stringContaining('`if-exists: overwrite`'))

    const same = {event: 'schedule', workspace, inputs: rebuild, env: {GITHUB_SHA: shas.release}}
    const again = await run('built/weekly', same)
    expect({
      exitCode: again.exitCode,
      digest: again.outputs.get('digest'),
      warnings: annotations(again, 'warning'),
    }).toEqual({
      exitCode: 0,
      digest,
      warnings: [],
    })
    expect(annotations(again, 'notice')).toContainEqual(expect.stringContaining('`pull: true` and `no-cache: true`: '))

    const quiet = await run('built/weekly', {...same, inputs: {version: '1.2.3', tags}})
    expect({exitCode: quiet.exitCode, notices: annotations(quiet, 'notice').join()}).toEqual({
      exitCode: 0,
      notices: expect.not.stringContaining('overwrite'),
    })

    const replaced = await run('built/weekly', {
      event: 'schedule',
      workspace,
      inputs: {...rebuild, 'if-exists': 'overwrite'},
    })
    expect(replaced.exitCode).toBe(0)
    expect(replaced.outputs.get('digest')).not.toBe(digest)
    for (const tag of ['1.2.3', '1.2', 'latest'])
      expect(await published('built/weekly', tag)).toEqual({page: 'release', revision: shas.release})
  })
})

test.each([
  {name: 'by default', tags: ''},
  {name: 'with rules for both', tags: 'type=ref,event=branch\ntype=edge\ntype=ref,event=pr'},
])('a comment on a pull request results in the tag pr-7, $name', async ({tags}) => {
  const payload = {issue: {number: 7, pull_request: {url: 'https://api.github.com/repos/o/r/pulls/7'}}}
  const repository = `built/comment-${tags.length}`
  const workspace = checkout(shas.pull)
  const result = await run(repository, {
    event: 'pull-request-comment',
    workspace,
    payload,
    inputs: {push: 'true', tags},
  })
  expect({exitCode: result.exitCode, warnings: annotations(result, 'warning')}).toEqual({exitCode: 0, warnings: []})
  expect(await registry.tags(repository)).toEqual(['pr-7'])
  expect(await published(repository, 'pr-7')).toEqual({page: 'pull', revision: shas.pull})
})

describe('after another run', () => {
  const payload = (changes: object = {}): object => ({
    workflow_run: {
      event: 'push',
      head_branch: 'v1.2.3',
      head_sha: shas.release,
      head_repository: {id: 300029405},
      ...changes,
    },
  })

  test('of a tag: its commit gets the tags of its version', async () => {
    const workspace = checkout('v1.2.3')
    const result = await run('built/after-tag', {event: 'workflow-run', workspace, payload: payload()})
    expect({exitCode: result.exitCode, warnings: annotations(result, 'warning')}).toEqual({exitCode: 0, warnings: []})
    expect([...(await registry.tags('built/after-tag'))].sort()).toEqual(
      ['1', '1.2', '1.2.3', 'latest', short(shas.release)].sort(),
    )
    expect(await published('built/after-tag', 'latest')).toEqual({page: 'release', revision: shas.release})
  })

  test('of a tag: the own commit gets branch tags', async () => {
    const result = await run('built/after-main', {
      event: 'workflow-run',
      workspace: checkout('main'),
      payload: payload(),
    })
    expect(result.exitCode).toBe(0)
    expect([...(await registry.tags('built/after-main'))].sort()).toEqual(['edge', 'main', short(shas.main)].sort())
  })

  test('of a fork, with its code and `push: true`: no branch tag moves', async () => {
    const workspace = checkout(shas.pull)
    git(workspace, 'checkout', '--quiet', '-b', 'main')
    const fork = payload({head_branch: 'main', head_sha: shas.pull, head_repository: {id: 1}})
    const options = {event: 'workflow-run', workspace, payload: fork}
    const refused = await run('built/after-fork', options)
    expect({exitCode: refused.exitCode, pushed: refused.outputs.get('pushed')}).toEqual({exitCode: 0, pushed: 'false'})
    const result = await run('built/after-fork', {...options, inputs: {push: 'true'}})
    expect({exitCode: result.exitCode, warningsCount: annotations(result, 'warning').length}).toEqual({
      exitCode: 0,
      warningsCount: 1,
    })
    expect(await registry.tags('built/after-fork')).toEqual([short(shas.pull)])
  })
})
