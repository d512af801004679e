import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {mkdir, symlink, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import type {Report} from '../../../src/report/report.ts'
import {writeResultFiles} from '../../../src/commands/result-files.ts'
import {prepare, type Prepared} from '../../../src/prepare/prepare.ts'
import {processes} from '../../../src/io/process.ts'
import type {TagboatError} from '../../../src/errors/error.ts'
import {fakeIo, scriptedGitHub, temporaryDirectory, type FakeIo} from '../../../testing/fake-io.ts'
import {loadEvent} from '../../../testing/events.ts'

interface Run {
  readonly io: FakeIo
  readonly prepared: Prepared
}

interface Given {
  readonly event: string
  readonly inputs: Readonly<Record<string, string>>
  readonly workspace: string
  readonly env?: Readonly<Record<string, string>>
  /** Tags of the commit that the API returns. */
  readonly tags?: readonly string[]
}

async function run({event, inputs, workspace, env = {}, tags}: Given): Promise<Run> {
  const {environment, payloadPath} = loadEvent(event)
  const io = fakeIo({
    environment: {
      ...environment,
      GITHUB_EVENT_PATH: payloadPath,
      GITHUB_WORKSPACE: workspace,
      PATH: process.env['PATH'],
      ...env,
    },
    inputs: new Map(Object.entries({images: 'user/app', push: 'false', 'github-token': 'token', ...inputs})),
    processes: {...fakeIo().processes, ...processes(new AbortController().signal)},
    gitHub: () =>
      scriptedGitHub({
        repository: async () => Promise.resolve({default_branch: 'main'}),
        ...(tags === undefined ? {} : {tagsAt: async () => Promise.resolve(tags)}),
      }),
  })
  return {io, prepared: await prepare(io)}
}

/** Runs Git in a directory, without the configuration of the user. */
function git(directory: string, ...args: readonly string[]): string {
  const env = {...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null'}
  return execFileSync('git', ['-C', directory, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    env,
    encoding: 'utf8',
  }).trim()
}

/** Creates a repository with one commit, and returns the commit. */
async function repository(directory: string): Promise<string> {
  await mkdir(directory, {recursive: true})
  git(directory, 'init', '--quiet', '--initial-branch', 'main')
  git(directory, 'commit', '--quiet', '--allow-empty', '--message', 'one')
  return git(directory, 'rev-parse', 'HEAD')
}

const semver = 'type=semver,pattern={{version}}'

describe('version', () => {
  test('from a file, with its location', async () => {
    await using workspace = await temporaryDirectory()
    await writeFile(path.join(workspace.path, 'package.json'), '{"version": "3.2.1"}')
    const {prepared} = await run({
      event: 'push-default-branch',
      inputs: {version: 'file:package.json', tags: semver},
      workspace: workspace.path,
    })
    expect(prepared.plan.tagNames).toEqual(['3.2.1', 'latest'])
    expect(prepared.plan.versionSource).toEqual({text: '3.2.1', from: 'package.json, version'})
  })

  test('from a file, by an expression', async () => {
    await using workspace = await temporaryDirectory()
    await writeFile(path.join(workspace.path, 'build.sbt'), 'ThisBuild / version := "1.9.0"\n')
    const {prepared} = await run({
      event: 'push-default-branch',
      inputs: {version: 'file:build.sbt#version := "(.*)"', tags: semver},
      workspace: workspace.path,
    })
    expect(prepared.plan.version).toBe('1.9.0')
  })

  test.each([
    {name: 'a missing file', version: 'file:missing.json', expected: 'missing.json'},
    {name: 'an expression that takes too long', version: 'file:long.txt#(a+)+$', expected: 'was stopped after'},
  ])('$name is an error of the input', async ({version, expected}) => {
    await using workspace = await temporaryDirectory()
    await writeFile(path.join(workspace.path, 'long.txt'), `${'a'.repeat(60)}!`)
    const failure = await run({event: 'push-tag', inputs: {version, tags: semver}, workspace: workspace.path}).catch(
      (error: unknown) => error as TagboatError,
    )
    expect(failure).toMatchObject({code: 'input-invalid', evidence: [expect.stringContaining(expected)]})
  })

  test('a literal counts for every event', async () => {
    await using workspace = await temporaryDirectory()
    const {prepared} = await run({
      event: 'workflow-dispatch-branch',
      inputs: {version: 'v7.0.1', tags: semver},
      workspace: workspace.path,
    })
    expect(prepared.plan.version).toBe('7.0.1')
  })

  test.each(['false', 'true'])('from the highest version tag on the commit, in a clone, dry run %s', async (dryRun) => {
    await using workspace = await temporaryDirectory()
    const sha = await repository(workspace.path)
    for (const tag of ['v1.9.0', 'v1.10.0', 'nightly']) git(workspace.path, 'tag', tag)
    const {prepared} = await run({
      event: 'workflow-dispatch-branch',
      inputs: {tags: semver, version: 'auto', 'dry-run': dryRun},
      workspace: workspace.path,
      env: {GITHUB_SHA: sha},
    })
    expect(prepared.plan.versionSource).toEqual({text: 'v1.10.0', from: 'the Git tag v1.10.0 on the commit'})
  })

  test.each([
    {name: 'auto, and the commit has no version tag', version: 'auto', code: 'no-version-tag'},
    {name: 'empty, so that no Git tag is searched', version: '', code: 'other-event'},
  ])('is missing, with the reason: $name', async ({version, code}) => {
    await using workspace = await temporaryDirectory()
    const {prepared} = await run({
      event: 'push-default-branch',
      inputs: {version, tags: `${semver}\ntype=ref,event=branch`},
      workspace: workspace.path,
      tags: ['v1', 'nightly'],
    })
    expect(prepared.plan.tagNames).toEqual(['master'])
    expect(prepared.plan.skippedRules.map(({reason}) => reason.code)).toEqual([code])
  })

  test('from the API if the clone has no tags', async () => {
    await using workspace = await temporaryDirectory()
    const {prepared} = await run({
      event: 'workflow-dispatch-branch',
      inputs: {tags: semver, component: 'api', version: 'auto'},
      workspace: workspace.path,
      tags: ['web/v9.0.0', 'api/v1.2.0', 'v3.0.0'],
    })
    expect(prepared.plan.versionSource).toEqual({text: 'v1.2.0', from: 'the Git tag api/v1.2.0 on the commit'})
  })

  test.each(['push-default-branch', 'schedule', 'workflow-dispatch-branch', 'workflow-run', 'repository-dispatch'])(
    'from the tags of the commit only with `version: auto`: %s',
    async (event) => {
      await using workspace = await temporaryDirectory()
      const given = {event, workspace: workspace.path, tags: ['v2.0.0']}
      expect((await run({...given, inputs: {tags: semver}})).prepared.plan.tagNames).toEqual([])
      expect((await run({...given, inputs: {tags: semver, version: 'auto'}})).prepared.plan.version).toBe('2.0.0')
    },
  )
})

describe('a version that differs from the Git tag', () => {
  const given = {event: 'push-tag', env: {GITHUB_REF: 'refs/tags/v1.2.3'}}
  const warning = expect.stringMatching(/^warning: version: 3\.2\.1, from package\.json.* v1\.2\.3\b.* 3\.2\.1\.$/)

  test.each([
    {name: 'causes a warning', inputs: {tags: semver}, expected: [warning]},
    {name: 'causes a warning with the default strategy', inputs: {}, expected: [warning]},
    {name: 'causes no warning if no rule uses it', inputs: {tags: 'type=ref,event=tag'}, expected: []},
    {name: 'causes no warning if the rule has a value', inputs: {tags: `${semver},value={{tag}}`}, expected: []},
  ])('$name', async ({inputs, expected}) => {
    await using workspace = await temporaryDirectory()
    await writeFile(path.join(workspace.path, 'package.json'), '{"version": "3.2.1"}')
    const version = 'file:package.json'
    const {io} = await run({...given, inputs: {version, ...inputs}, workspace: workspace.path})
    expect(io.workflow.log).toEqual(expected)
  })

  test('causes a warning if it is a literal', async () => {
    await using workspace = await temporaryDirectory()
    const {io} = await run({...given, inputs: {version: '2.0.0', tags: semver}, workspace: workspace.path})
    expect(io.workflow.log).toEqual([
      expect.stringMatching(/^warning: version: 2\.0\.0, from the input.* v1\.2\.3\b.* 2\.0\.0\.$/),
    ])
  })
})

describe('component', () => {
  test("another component's tag publishes nothing", async () => {
    await using workspace = await temporaryDirectory()
    const {prepared} = await run({
      event: 'push-tag',
      inputs: {component: 'api', push: 'auto', username: 'u', password: 'password'},
      workspace: workspace.path,
      env: {GITHUB_REF: 'refs/tags/web/v1.2.3'},
    })
    expect(prepared.plan.skip).toMatchObject({code: 'other-component', owner: 'web', component: 'api'})
    expect(prepared.plan.push.do).toBe(false)
  })
})

describe('metadata-context: git', () => {
  test('takes ref and commit from the clone', async () => {
    await using workspace = await temporaryDirectory()
    const sha = await repository(workspace.path)
    git(workspace.path, 'tag', 'v5.0.0')
    git(workspace.path, 'checkout', '--quiet', '--detach')
    const {prepared} = await run({
      event: 'push-default-branch',
      inputs: {'metadata-context': 'git'},
      workspace: workspace.path,
    })
    expect(prepared.plan.tagNames).toEqual(['5.0.0', '5.0', '5', `sha-${sha.slice(0, 7)}`, 'latest'])
  })
})

describe('DOCKER_METADATA_ANNOTATIONS_LEVELS', () => {
  test('is the default of annotation-levels', async () => {
    await using workspace = await temporaryDirectory()
    const env = {DOCKER_METADATA_ANNOTATIONS_LEVELS: 'index, manifest'}
    const given = {event: 'push-tag', workspace: workspace.path, env}
    const {prepared} = await run({...given, inputs: {}})
    expect(prepared.inputs.image.annotationLevels).toEqual(['index', 'manifest'])
    const own = await run({...given, inputs: {'annotation-levels': 'manifest'}})
    expect(own.prepared.inputs.image.annotationLevels).toEqual(['manifest'])
  })
})

describe('writeResultFiles', () => {
  test('writes a file for each output, for the post step to remove', async () => {
    await using workspace = await temporaryDirectory()
    const {prepared, io} = await run({
      event: 'push-tag',
      inputs: {'bake-target': 'mine'},
      workspace: workspace.path,
      env: {RUNNER_TEMP: workspace.path},
    })
    const digest = `sha256:${'a'.repeat(64)}` as const
    const report: Report = {action: 'stage', plan: prepared.plan, dryRun: false}
    const withoutDigest = await writeResultFiles(report, 'mine', {...io, unique: () => 'other'})
    expect(withoutDigest['digest-file']).toBe('')
    const files = await writeResultFiles({...report, staged: {digest, images: [], existing: false}}, 'mine', io)
    expect(Object.keys(files).toSorted()).toEqual([
      'bake-file',
      'bake-file-annotations',
      'bake-file-labels',
      'bake-file-tags',
      'digest-file',
    ])
    expect(path.basename(files['digest-file'] ?? '')).toBe('a'.repeat(64))
    expect(readFileSync(files['digest-file'] ?? '', 'utf8')).toBe(`${digest}\n`)
    const all = JSON.parse(readFileSync(files['bake-file'] ?? '', 'utf8')) as unknown
    expect(all).toMatchObject({target: {mine: {tags: expect.arrayContaining(['user/app:1.2.3']) as unknown}}})
    expect(path.dirname(files['bake-file-tags'] ?? '')).toBe(io.workflow.state.get('bake'))
  })
})

describe('a version file outside the checkout', () => {
  const word = 'canary-'.repeat(20)

  interface Row {
    readonly name: string
    readonly plant: (workspace: string) => Promise<unknown> | Promise<void>
    readonly file?: string
    readonly expected: string
  }
  const rows: readonly Row[] = [
    {
      name: 'an external link',
      plant: async (workspace) => symlink('../outside', path.join(workspace, 'VERSION')),
      expected: 'EXDEV',
    },
    {
      name: 'a folder that is a link',
      plant: async (workspace) => symlink('..', path.join(workspace, 'deep')),
      file: 'deep/VERSION',
      expected: 'EXDEV',
    },
    {
      name: 'the environment of the run',
      plant: async (workspace) => symlink('/proc/self/environ', path.join(workspace, 'VERSION')),
      file: 'VERSION#PATH=(.*)',
      expected: 'EXDEV',
    },
    {
      name: 'a pipe without a writer',
      plant: async (workspace) => Promise.resolve(execFileSync('mkfifo', [path.join(workspace, 'VERSION')])),
      expected: 'EINVAL',
    },
    {
      name: 'a directory',
      plant: async (workspace) => mkdir(path.join(workspace, 'VERSION')),
      expected: 'EISDIR',
    },
    {
      name: 'a relative path out of the checkout',
      plant: async () => Promise.resolve(),
      file: '../VERSION',
      expected: 'EXDEV',
    },
    {name: 'an absolute path', plant: async () => Promise.resolve(), file: '/etc/passwd#(.*)', expected: 'EXDEV'},
  ]

  test.each(rows.flatMap((row) => (['version', 'tags'] as const).map((input) => ({...row, input}))))(
    '$name, by $input',
    async ({plant, file = 'VERSION', expected, input}) => {
      await using directory = await temporaryDirectory()
      const workspace = path.join(directory.path, 'workspace')
      await mkdir(workspace)
      for (const name of ['outside', 'VERSION']) await writeFile(path.join(directory.path, name), word)
      await plant(workspace)
      const inputs: Record<string, string> =
        input === 'version' ? {version: `file:${file}`} : {tags: `type=file,path=${file}`}
      const failure = run({event: 'push-default-branch', inputs, workspace}).catch((thrown: unknown) => thrown)
      const text = JSON.stringify(await failure)
      expect(text).toContain(`(${expected}: `)
      expect(text).not.toContain('canary')
    },
  )

  test('a link that stays in the checkout, and a file of RUNNER_TEMP, are read', async () => {
    await using directory = await temporaryDirectory()
    const [workspace, temp] = ['workspace', 'temp'].map((name) => path.join(directory.path, name))
    if (workspace === undefined || temp === undefined) throw new Error('no directories')
    await mkdir(path.join(workspace, 'deep'), {recursive: true})
    await mkdir(temp)
    await writeFile(path.join(workspace, 'deep', 'VERSION'), '1.2.3')
    await writeFile(path.join(temp, 'VERSION'), '1.2.4')
    await symlink('deep/VERSION', path.join(workspace, 'VERSION'))
    const given = {event: 'push-default-branch', workspace, env: {RUNNER_TEMP: temp}}
    const linked = await run({...given, inputs: {version: 'file:VERSION'}})
    const written = await run({...given, inputs: {version: `file:${path.join(temp, 'VERSION')}`}})
    expect([linked, written].map(({prepared}) => prepared.plan.versionSource?.text)).toEqual(['1.2.3', '1.2.4'])
  })

  test.each(['VERSION', 'VERSION#(.*)'])('at most 40 characters of a file are quoted: %s', async (file) => {
    await using directory = await temporaryDirectory()
    await writeFile(path.join(directory.path, 'VERSION'), word)
    const inputs = {version: `file:${file}`}
    const failure = await run({event: 'push-default-branch', inputs, workspace: directory.path}).catch(
      (thrown: unknown) => thrown,
    )
    const text = JSON.stringify(failure)
    expect(text).toContain(`${word.slice(0, 39)}…`)
    expect(text).not.toContain(word.slice(0, 40))
  })
})
