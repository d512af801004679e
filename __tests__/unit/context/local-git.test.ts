import {execFile} from 'node:child_process'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'
import {chooseRef} from '../../../src/context/git-output.ts'
import {
  commitDateAt,
  gitRunner,
  readLocalGit,
  tagsAt,
  withLocalGit,
  type GitRunner,
} from '../../../src/context/local-git.ts'
import {processes} from '../../../src/io/process.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {pushOf, sha as eventSha} from '../../../testing/plans.ts'

/** Environment of Git without the settings of the user, and without a repository in a parent folder. */
function environmentOf(folder: string): Readonly<Record<string, string>> {
  const author = {GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com'}
  const committer = {GIT_COMMITTER_NAME: 'c', GIT_COMMITTER_EMAIL: 'c@example.com'}
  return {
    PATH: process.env['PATH'] ?? '',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CEILING_DIRECTORIES: folder,
    GIT_COMMITTER_DATE: '2026-01-02T03:04:05+01:00',
    ...author,
    ...committer,
  }
}

/** Repository in a folder. */
class Repository {
  readonly directory: string
  readonly #env: Readonly<Record<string, string>>

  constructor(directory: string, env: Readonly<Record<string, string>>) {
    this.directory = directory
    this.#env = env
  }

  async git(...args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      execFile('git', ['-C', this.directory, ...args], {env: {...this.#env}}, (error, stdout) => {
        if (error === null) resolve(stdout.trim())
        else reject(new Error(error.message))
      })
    })
  }

  async commit(message: string): Promise<string> {
    await this.git('commit', '--quiet', '--allow-empty', '--message', message)
    return this.git('rev-parse', 'HEAD')
  }

  get run(): GitRunner {
    return gitRunner(processes(new AbortController().signal), this.directory, this.#env)
  }
}

let folder: string
let repository: Repository

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tagboat-git-'))
  repository = new Repository(folder, environmentOf(folder))
  await repository.git('init', '--quiet', '--initial-branch=main', 'origin')
  repository = new Repository(path.join(folder, 'origin'), environmentOf(folder))
})

afterEach(async () => {
  await rm(folder, {recursive: true, force: true})
})

async function clone(...options: readonly string[]): Promise<Repository> {
  await repository.git('clone', '--quiet', ...options, `file://${repository.directory}`, path.join(folder, 'clone'))
  return new Repository(path.join(folder, 'clone'), environmentOf(folder))
}

async function chosenRef(of: Repository): Promise<string> {
  return chooseRef(await readLocalGit(of.run), pushOf('refs/heads/elsewhere')).fullRef
}

async function failure(of: Repository | GitRunner): Promise<TagboatError> {
  const run = of instanceof Repository ? of.run : of
  const error: unknown = await readLocalGit(run).catch((thrown: unknown) => thrown)
  if (error instanceof TagboatError) return error
  throw new Error('no error')
}

describe('readLocalGit', () => {
  test('a checked-out branch with its commit date', async () => {
    const sha = await repository.commit('one')
    await repository.git('checkout', '--quiet', '-b', 'feature/a')
    expect(await readLocalGit(repository.run)).toEqual({
      sha,
      commitDate: '2026-01-02T03:04:05+01:00',
      branch: 'refs/heads/feature/a',
      refs: [],
    })
  })

  test('a checked-out branch that a tag points to, as for docker/metadata-action', async () => {
    await repository.commit('one')
    await repository.git('tag', 'v1.2.3')
    expect(await chosenRef(repository)).toBe('refs/heads/main')
  })

  test.each([
    {name: 'a lightweight tag', options: []},
    {name: 'an annotated tag', options: ['--annotate', '--message', 'x']},
  ])('a detached HEAD on $name', async ({options}) => {
    const sha = await repository.commit('one')
    await repository.git('tag', ...options, 'v1.2.3')
    await repository.commit('two')
    await repository.git('checkout', '--quiet', 'v1.2.3')
    expect(await readLocalGit(repository.run)).toMatchObject({sha, branch: undefined, refs: ['refs/tags/v1.2.3']})
    expect(await chosenRef(repository)).toBe('refs/tags/v1.2.3')
  })

  test('a detached HEAD on a remote branch', async () => {
    await repository.commit('one')
    await repository.git('checkout', '--quiet', '-b', 'feature/a')
    await repository.commit('two')
    const copy = await clone()
    await copy.git('checkout', '--quiet', '--detach', 'origin/feature/a')
    await copy.git('branch', '--quiet', '--delete', '--force', 'feature/a')
    expect(await chosenRef(copy)).toBe('refs/heads/feature/a')
  })

  test('a detached HEAD on a merge commit', async () => {
    await repository.commit('one')
    await repository.git('checkout', '--quiet', '--detach')
    await repository.commit('merge')
    await repository.git('update-ref', 'refs/remotes/pull/12/merge', 'HEAD')
    expect(await chosenRef(repository)).toBe('refs/pull/12/merge')
  })

  test('the highest version of several tags', async () => {
    await repository.commit('one')
    for (const tag of ['v1.9.0', 'v1.10.0', 'v1.10.0-rc.1', 'v1', 'latest']) await repository.git('tag', tag)
    await repository.git('checkout', '--quiet', '--detach')
    expect(await chosenRef(repository)).toBe('refs/tags/v1.10.0')
  })

  test('a commit without refs', async () => {
    const first = await repository.commit('one')
    await repository.commit('two')
    await repository.git('checkout', '--quiet', '--detach', first)
    expect(await readLocalGit(repository.run)).toMatchObject({sha: first, refs: []})
    expect(await chosenRef(repository)).toBe('')
  })

  test('a shallow clone of a branch', async () => {
    await repository.commit('one')
    const sha = await repository.commit('two')
    const copy = await clone('--depth', '1')
    expect(await copy.git('rev-parse', '--is-shallow-repository')).toBe('true')
    expect(await readLocalGit(copy.run)).toMatchObject({sha, branch: 'refs/heads/main'})
  })

  test('a shallow clone of a tag', async () => {
    await repository.commit('one')
    await repository.commit('two')
    await repository.git('tag', 'v1.2.3')
    await repository.commit('three')
    const copy = await clone('--depth', '1', '--branch', 'v1.2.3')
    expect(await chosenRef(copy)).toBe('refs/tags/v1.2.3')
  })

  test('settings of the repository that add output', async () => {
    const sha = await repository.commit('one')
    await repository.git('config', 'log.showSignature', 'true')
    await repository.git('config', 'log.decorate', 'full')
    await repository.git('config', 'color.ui', 'always')
    await repository.git('config', 'log.date', 'relative')
    expect(await readLocalGit(repository.run)).toMatchObject({sha, commitDate: '2026-01-02T03:04:05+01:00'})
  })

  test('a name that looks like an option or a command', async () => {
    await repository.commit('one')
    const names = ['$(id)', '--all', '`id`', 'é']
    for (const tag of names) await repository.git('update-ref', `refs/tags/${tag}`, 'HEAD')
    await repository.git('checkout', '--quiet', '--detach')
    const {refs} = await readLocalGit(repository.run)
    expect(refs.filter((name) => name.startsWith('refs/tags/'))).toEqual(names.map((name) => `refs/tags/${name}`))
  })
})

describe('readLocalGit fails', () => {
  test('no repository', async () => {
    const error = await failure(new Repository(folder, environmentOf(path.dirname(folder))))
    expect(error.code).toBe('clone-missing')
    expect(error.evidence).toEqual([expect.stringContaining('not a git repository')])
  })

  test('a repository without a commit', async () => {
    const error = await failure(repository)
    expect(error.code).toBe('clone-missing')
    expect(error.evidence.join('\n')).toMatch(/HEAD/)
  })

  test('a directory that does not exist', async () => {
    const error = await failure(new Repository(path.join(folder, 'gone'), environmentOf(folder)))
    expect(error.code).toBe('clone-missing')
    expect(error.evidence).toEqual([expect.stringContaining('gone')])
  })

  test('a checkout of another owner', async () => {
    const stderr = "fatal: detected dubious ownership in repository at '/github/workspace'\n"
    const error = await failure(async () => Promise.resolve({exitCode: 128, stdout: '', stderr}))
    expect(error.code).toBe('clone-missing')
    expect(error.remedy).toContain('safe.directory')
  })

  test('no Git', async () => {
    await repository.commit('one')
    const run = gitRunner(processes(new AbortController().signal), folder, {PATH: folder})
    const before = process.env['PATH']
    try {
      // Programs are looked up on the PATH of this process.
      process.env['PATH'] = folder
      const error = await failure(run)
      expect(error.code).toBe('git-missing')
      expect(await tagsAt(run, eventSha)).toEqual([])
    } finally {
      process.env['PATH'] = before
    }
  })

  test('a failure of another kind is passed on', async () => {
    const gone = new TagboatError('cancelled')
    const run = gitRunner({capture: async () => Promise.reject(gone)}, folder, {})
    await expect(readLocalGit(run)).rejects.toBe(gone)
  })
})

describe('the date of a commit', () => {
  test('is the committer date, also of other commits', async () => {
    const first = await repository.commit('one')
    await repository.commit('two')
    await repository.git('config', 'log.showSignature', 'true')
    expect(await commitDateAt(repository.run, first)).toBe('2026-01-02T03:04:05+01:00')
  })

  test.each([
    {name: 'another commit', sha: eventSha},
    {name: 'no commit', sha: ''},
    {name: 'an option', sha: '--all'},
  ])('is undefined for $name', async ({sha}) => {
    await repository.commit('one')
    expect(await commitDateAt(repository.run, sha)).toBeUndefined()
  })
})

describe('tags at a commit', () => {
  test('all of them, annotated ones too', async () => {
    const sha = await repository.commit('one')
    for (const tag of ['v1.9.0', 'v1.10.0', 'v1', 'api/v2.0.0', 'latest']) await repository.git('tag', tag)
    const next = await repository.commit('two')
    await repository.git('tag', '--annotate', '--message', 'x', 'v2.0.0')
    expect([...(await tagsAt(repository.run, sha))].sort()).toEqual(['api/v2.0.0', 'latest', 'v1', 'v1.10.0', 'v1.9.0'])
    expect(await tagsAt(repository.run, next)).toEqual(['v2.0.0'])
  })

  test.each([
    {name: 'another commit', sha: eventSha},
    {name: 'no commit', sha: ''},
    {name: 'an option', sha: '--all'},
  ])('none for $name', async ({sha}) => {
    await repository.commit('one')
    await repository.git('tag', 'v1.2.3')
    expect(await tagsAt(repository.run, sha)).toEqual([])
  })

  test('none without a repository', async () => {
    const run = new Repository(folder, environmentOf(path.dirname(folder))).run
    expect(await tagsAt(run, eventSha)).toEqual([])
  })
})

describe('withLocalGit', () => {
  const context = pushOf('refs/heads/main', {baseRef: 'base', commitDate: '2020-01-01T00:00:00Z', gone: true})
  const local = {sha: 'b'.repeat(40), commitDate: '2026-01-02T03:04:05Z', branch: undefined, refs: []}

  test('replaces ref, commit and date of the event', () => {
    expect(withLocalGit(context, {...local, refs: ['refs/tags/v1.2.3']})).toEqual({
      ...context,
      ref: {kind: 'tag', name: 'v1.2.3'},
      fullRef: 'refs/tags/v1.2.3',
      sha: local.sha,
      commitDate: local.commitDate,
    })
  })

  test('a commit without refs', () => {
    expect(withLocalGit(context, local)).toMatchObject({ref: {kind: 'none'}, fullRef: '', sha: local.sha})
  })

  test('a missing date of the clone is not replaced', () => {
    expect(withLocalGit(context, {...local, commitDate: undefined}).commitDate).toBeUndefined()
  })

  test('another pull request counts as a fork', () => {
    expect(withLocalGit(context, {...local, refs: ['refs/pull/12/merge']})).toMatchObject({
      ref: {kind: 'pull', name: '12'},
      pull: {number: 12, fromFork: true},
    })
  })

  test('a pull request that the event knows stays as it is', () => {
    const pull = {number: 12, headSha: undefined, headRef: undefined, baseRef: 'main', fromFork: false}
    expect(withLocalGit({...context, pull}, {...local, refs: ['refs/pull/12/head']}).pull).toBe(pull)
  })

  test("this image's tag among several", () => {
    const refs = ['refs/tags/web/v2.0.0', 'refs/tags/api/v1.0.0']
    expect(withLocalGit(context, {...local, refs}, (name) => name.startsWith('api/')).fullRef).toBe(
      'refs/tags/api/v1.0.0',
    )
  })
})
