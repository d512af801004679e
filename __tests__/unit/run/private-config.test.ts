import {execFileSync} from 'node:child_process'
import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import {tmpdir, userInfo} from 'node:os'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {configHomeOf, userDirectoryOf, withDockerHome} from '../../../src/run/private-config.ts'
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

describe('withDockerHome', () => {
  test('the body has a home, and nobody has it afterwards', async () => {
    await using here = await place()
    const io = here.io()
    const seen = await withDockerHome(io, false, async ({home, env}) => {
      await writeFile(path.join(home.directory, 'config.json'), 'login')
      return {home, env, names: await readdir(here.temp)}
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

  test('the post step learns of it before it is there', async () => {
    await using here = await place()
    await writeFile(path.join(here.user, 'config.json'), 'no JSON')
    const io = here.io()
    await expect(withDockerHome(io, false, async () => Promise.resolve())).rejects.toMatchObject({
      code: 'docker-config-invalid',
    })
    expect([...io.workflow.state]).toEqual([
      ['home', path.join(here.temp, 'tagboat-marker')],
      ['marker', 'marker'],
    ])
    expect(await readdir(here.temp)).toEqual([])
  })

  test('a failing body leaves no file, and its error is thrown', async () => {
    await using here = await place()
    const failure = new TagboatError('login-refused')
    await expect(withDockerHome(here.io(), false, async () => Promise.reject(failure))).rejects.toBe(failure)
    expect(await readdir(here.temp)).toEqual([])
  })

  test('export-login keeps it for later steps', async () => {
    await using here = await place()
    const io = here.io()
    const directory = await withDockerHome(io, true, async ({home}) => Promise.resolve(home.directory))
    expect(await readdir(here.temp)).toEqual(['tagboat-marker'])
    expect([...io.workflow.exported]).toEqual([
      ['DOCKER_CONFIG', directory],
      ['BUILDX_CONFIG', path.join(here.user, 'buildx')],
    ])
  })

  test('export-login leaves a BUILDX_CONFIG of the user alone', async () => {
    await using here = await place()
    const io = here.io({}, {BUILDX_CONFIG: '/theirs'})
    await withDockerHome(io, true, async () => Promise.resolve())
    expect([...io.workflow.exported.keys()]).toEqual(['DOCKER_CONFIG'])
  })

  test('a cancelled run leaves nothing, export-login or not', async () => {
    await using here = await place()
    const abort = new AbortController()
    const cancelled = new TagboatError('cancelled')
    const dockerConfig = withDockerHome(here.io({signal: abort.signal}), true, async () => {
      abort.abort(cancelled)
      return Promise.reject(cancelled)
    })
    await expect(dockerConfig).rejects.toBe(cancelled)
    expect(await readdir(here.temp)).toEqual([])
  })
})

describe('a cancelled run that cannot list its processes', () => {
  test('removes the configuration, and fails', async () => {
    await using one = await place()
    const io = one.io({signal: AbortSignal.abort(new TagboatError('cancelled'))})
    const endProcesses = async (): Promise<void> => Promise.reject(new Error('no /proc'))
    const result = withDockerHome(io, true, async () => Promise.resolve(), endProcesses)
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

  test('a user that no account has, with HOME and without', () => {
    const code = [
      `import {configHomeOf, userDirectoryOf} from ${JSON.stringify(path.resolve('src/run/private-config.ts'))}`,
      'const of = (environment) => [configHomeOf({environment}), userDirectoryOf({environment})]',
      "console.log(JSON.stringify([of({HOME: '/h'}), of({})]))",
    ].join('\n')
    const asNobody = {uid: 54_321, gid: 54_321}
    const options = process.getuid?.() === 0 ? asNobody : {}
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', code], {...options, encoding: 'utf8'})
    const account = process.getuid?.() === 0 ? '/' : userInfo().homedir
    expect(JSON.parse(printed)).toEqual([
      ['/h/.config', '/h/.docker'],
      [path.join(account, '.config'), path.join(account, '.docker')],
    ])
    expect(userDirectoryOf(fakeIo({environment: {HOME: '/h'}}))).toBe('/h/.docker')
  })
})
