import {execFileSync} from 'node:child_process'
import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import {tmpdir, userInfo} from 'node:os'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {configHomeOf, userDirectoryOf, withPrivateDockerConfig} from '../../../src/run/private-config.ts'
import {temporaryPath} from '../../../src/run/temporary-path.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {fakeIo, temporaryDirectory, type FakeIo} from '../../../testing/fake-io.ts'

interface Place extends AsyncDisposable {
  /** RUNNER_TEMP. */
  readonly temp: string
  readonly user: string
  io(changes?: Partial<FakeIo>, variables?: Readonly<Record<string, string>>): FakeIo
}

async function place(): Promise<Place> {
  const directory = await temporaryDirectory()
  const temp = path.join(directory.path, 'temp')
  const user = path.join(directory.path, 'user', '.docker')
  await mkdir(temp)
  await mkdir(user, {recursive: true})
  await writeFile(path.join(user, 'config.json'), '{"auths":{}}')
  const environment = {
    RUNNER_TEMP: temp,
    HOME: path.dirname(user),
    INPUT_PASSWORD: 'canary',
    STATE_x: 'y',
    PATH: '/bin',
  }
  return {
    temp,
    user,
    io: (changes = {}, variables = {}) => fakeIo({environment: {...environment, ...variables}, ...changes}),
    [Symbol.asyncDispose]: async () => directory[Symbol.asyncDispose](),
  }
}

describe('withPrivateDockerConfig', () => {
  test('creates a private directory and removes it afterwards', async () => {
    await using here = await place()
    const io = here.io()
    const seen = await withPrivateDockerConfig(io, false, async ({directory, env}) => {
      await writeFile(path.join(directory, 'config.json'), 'login')
      return {env, names: await readdir(here.temp)}
    })
    expect(seen.names).toEqual(['tagboat-marker'])
    expect(seen.env).toEqual({
      PATH: '/bin',
      HOME: path.dirname(here.user),
      RUNNER_TEMP: here.temp,
      TAGBOAT_RUN: 'marker',
      DOCKER_CONFIG: path.join(here.temp, 'tagboat-marker'),
    })
    expect(await readdir(here.temp)).toEqual([])
    expect(await readFile(path.join(here.user, 'config.json'), 'utf8')).toBe('{"auths":{}}')
    expect([...io.workflow.exported]).toEqual([])
  })

  test('saves its path for the post step before it creates the directory', async () => {
    await using here = await place()
    await writeFile(path.join(here.user, 'config.json'), 'not JSON')
    const io = here.io()
    await expect(withPrivateDockerConfig(io, false, async () => Promise.resolve())).rejects.toMatchObject({
      code: 'docker-config-invalid',
    })
    expect([...io.workflow.state]).toEqual([
      ['config', path.join(here.temp, 'tagboat-marker')],
      ['marker', 'marker'],
    ])
    expect(await readdir(here.temp)).toEqual([])
  })

  test('a failing body leaves no file, and its error is thrown', async () => {
    await using here = await place()
    const failure = new TagboatError('login-refused')
    await expect(withPrivateDockerConfig(here.io(), false, async () => Promise.reject(failure))).rejects.toBe(failure)
    expect(await readdir(here.temp)).toEqual([])
  })

  test('keeps the directory for later steps with export-login', async () => {
    await using here = await place()
    const io = here.io()
    const directory = await withPrivateDockerConfig(io, true, async (dockerConfig) =>
      Promise.resolve(dockerConfig.directory),
    )
    expect(await readdir(here.temp)).toEqual(['tagboat-marker'])
    expect([...io.workflow.exported]).toEqual([
      ['DOCKER_CONFIG', directory],
      ['BUILDX_CONFIG', path.join(here.user, 'buildx')],
    ])
  })

  test('does not export BUILDX_CONFIG if the user has set it', async () => {
    await using here = await place()
    const io = here.io({}, {BUILDX_CONFIG: '/user'})
    await withPrivateDockerConfig(io, true, async () => Promise.resolve())
    expect([...io.workflow.exported.keys()]).toEqual(['DOCKER_CONFIG'])
  })

  test('removes the directory of a cancelled run, also with export-login', async () => {
    await using here = await place()
    const abort = new AbortController()
    const cancelled = new TagboatError('cancelled')
    const run = withPrivateDockerConfig(here.io({signal: abort.signal}), true, async () => {
      abort.abort(cancelled)
      return Promise.reject(cancelled)
    })
    await expect(run).rejects.toBe(cancelled)
    expect(await readdir(here.temp)).toEqual([])
  })
})

describe('a cancelled run that cannot list its processes', () => {
  test('removes the configuration, and fails', async () => {
    await using one = await place()
    const io = one.io({signal: AbortSignal.abort(new TagboatError('cancelled'))})
    const endProcesses = async (): Promise<void> => Promise.reject(new Error('no /proc'))
    const result = withPrivateDockerConfig(io, true, async () => Promise.resolve(), endProcesses)
    await expect(result).rejects.toThrow('no /proc')
    expect(await readdir(one.temp)).toEqual([])
  })
})

describe('temporaryPath', () => {
  test.each([
    {name: 'RUNNER_TEMP', given: {RUNNER_TEMP: '/t'}, expected: '/t/x'},
    {name: 'an empty RUNNER_TEMP', given: {RUNNER_TEMP: ''}, expected: path.join(tmpdir(), 'x')},
    {name: 'none', given: {}, expected: path.join(tmpdir(), 'x')},
    {name: 'a relative RUNNER_TEMP', given: {RUNNER_TEMP: 't'}, expected: path.resolve('t', 'x')},
  ])('$name', ({given, expected}) => {
    expect(temporaryPath(fakeIo({environment: given}), 'x')).toBe(expected)
  })
})

describe('the user configuration', () => {
  test.each([
    {name: 'XDG_CONFIG_HOME', given: {XDG_CONFIG_HOME: '/x', HOME: '/h'}, expected: '/x'},
    {name: 'HOME', given: {XDG_CONFIG_HOME: '', HOME: '/h'}, expected: '/h/.config'},
    {name: 'Windows', given: {USERPROFILE: '/w'}, expected: '/w/.config'},
    {name: 'an empty HOME', given: {HOME: ''}, expected: path.join(userInfo().homedir, '.config')},
  ])('$name', ({given, expected}) => {
    expect(configHomeOf(fakeIo({environment: given}))).toBe(expected)
  })

  test('a user ID without an account, with and without HOME', () => {
    const code = [
      `import {configHomeOf, userDirectoryOf} from ${JSON.stringify(path.resolve('src/run/private-config.ts'))}`,
      'const of = (environment) => [configHomeOf({environment}), userDirectoryOf({environment})]',
      "console.log(JSON.stringify([of({HOME: '/h'}), of({})]))",
    ].join('\n')
    const withoutAccount = {uid: 54_321, gid: 54_321}
    const options = process.getuid?.() === 0 ? withoutAccount : {}
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', code], {...options, encoding: 'utf8'})
    const account = process.getuid?.() === 0 ? '/' : userInfo().homedir
    expect(JSON.parse(printed)).toEqual([
      ['/h/.config', '/h/.docker'],
      [path.join(account, '.config'), path.join(account, '.docker')],
    ])
    expect(userDirectoryOf(fakeIo({environment: {HOME: '/h'}}))).toBe('/h/.docker')
  })
})
