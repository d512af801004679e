import {execFileSync} from 'node:child_process'
import {chmod, lstat, mkdir, readFile, readlink, readdir, stat, symlink, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {inspect} from 'node:util'
import {describe, expect, test} from '@jest/globals'
import {
  createConfigDirectory,
  configVariables,
  privateBuildx,
  userDockerDirectory,
  writeDockerConfig,
} from '../../../src/credentials/config-directory.ts'
import {files} from '../../../src/io/files.ts'
import {temporaryDirectory, type TemporaryDirectory} from '../../../testing/fake-io.ts'
import {snapshotOf} from '../../../testing/traces.ts'

async function userHome(directory: TemporaryDirectory, config: string | undefined): Promise<string> {
  const user = path.join(directory.path, 'user')
  await mkdir(path.join(user, 'cli-plugins'), {recursive: true})
  await mkdir(path.join(user, 'buildx'))
  await writeFile(path.join(user, 'ca.pem'), 'certificate')
  if (config !== undefined) await writeFile(path.join(user, 'config.json'), config)
  return user
}

describe('createConfigDirectory', () => {
  test('links directories of the user, copies files, and does not copy the configuration', async () => {
    await using directory = await temporaryDirectory()
    const user = await userHome(directory, '{"auths":{"a.example":{}}}')
    const made = path.join(directory.path, 'home')
    const home = await createConfigDirectory({directory: made, userDirectory: user}, files)
    expect(home).toEqual({directory: made, userDirectory: user, userConfig: {auths: {'a.example': {}}}})
    expect((await readdir(made)).sort()).toEqual(['buildx', 'ca.pem', 'cli-plugins'])
    expect(await readlink(path.join(made, 'cli-plugins'))).toBe(path.join(user, 'cli-plugins'))
    expect((await lstat(path.join(made, 'ca.pem'))).isSymbolicLink()).toBe(false)
    expect(await readFile(path.join(made, 'ca.pem'), 'utf8')).toBe('certificate')
    expect(((await stat(made)).mode & 0o777).toString(8)).toBe('700')
  })

  test('the directory of Buildx is copied if it is read-only, and left out if it is not readable', async () => {
    await using directory = await temporaryDirectory()
    const user = await userHome(directory, undefined)
    await writeFile(path.join(user, 'buildx', 'current'), '{}')
    const readOnly = {...files, isWritable: async () => Promise.resolve(false)}
    const made = path.join(directory.path, 'home')
    const home = await createConfigDirectory({directory: made, userDirectory: user}, readOnly)
    expect((await lstat(path.join(made, 'buildx'))).isSymbolicLink()).toBe(false)
    expect(await readdir(path.join(made, 'buildx'))).toEqual(['current'])
    const denied = Object.assign(new Error('EACCES'), {code: 'EACCES'})
    const unreadable = {...readOnly, copyDirectory: async () => Promise.reject(denied)}
    const other = path.join(directory.path, 'other')
    await createConfigDirectory({directory: other, userDirectory: user}, unreadable)
    expect((await readdir(other)).sort()).toEqual(['ca.pem', 'cli-plugins'])
    expect(await privateBuildx(home, path.join(user, 'buildx'), readOnly)).toBe(path.join(made, 'buildx'))
    expect(await privateBuildx(home, path.join(user, 'buildx'), files)).toBeUndefined()
    expect(await privateBuildx(home, '', readOnly)).toBeUndefined()
  })

  test('logins of DOCKER_AUTH_CONFIG have priority over the file', async () => {
    await using directory = await temporaryDirectory()
    const user = await userHome(directory, '{"auths":{"a.example":{"auth":"x"}},"credsStore":"s"}')
    const auths = {'a.example': {auth: btoa('env:e')}}
    const request = {directory: path.join(directory.path, 'home'), userDirectory: user}
    const {userConfig} = await createConfigDirectory({...request, authConfig: JSON.stringify({auths})}, files)
    expect(userConfig).toEqual({auths, credsStore: 's', credHelpers: {'a.example': ''}})
  })

  test('files of an earlier run are not copied', async () => {
    await using directory = await temporaryDirectory()
    const user = await userHome(directory, undefined)
    await mkdir(path.join(user, 'tagboat-logins'))
    await writeFile(path.join(user, 'tagboat-image-id'), 'sha256:old')
    const made = path.join(directory.path, 'home')
    await createConfigDirectory({directory: made, userDirectory: user}, files)
    expect((await readdir(made)).sort()).toEqual(['buildx', 'ca.pem', 'cli-plugins'])
  })

  test('the token seed of Buildx is not copied', async () => {
    await using directory = await temporaryDirectory()
    const user = await userHome(directory, undefined)
    for (const name of ['.token_seed', '.token_seed.lock']) await writeFile(path.join(user, name), 'seed')
    const made = path.join(directory.path, 'home')
    await createConfigDirectory({directory: made, userDirectory: user}, files)
    expect((await readdir(made)).sort()).toEqual(['buildx', 'ca.pem', 'cli-plugins'])
  })

  const planted = [
    'config.json.new',
    'config.json123456',
    'CONFIG.JSON.tmp',
    '.token_seed',
    '.token_seed.lock',
    'tagboat-metadata.json',
    'tagboat-image-id',
    'Tagboat-test',
    'metadata.json',
    '.buildNodeID',
  ]

  describe.each([
    {
      kind: 'a world-writable file',
      plant: async (file: string) => {
        await writeFile(file, 'user')
        await chmod(file, 0o666)
      },
    },
    {
      kind: 'a symbolic link',
      plant: async (file: string) => {
        await writeFile(path.join(path.dirname(file), '..', 'target'), 'user')
        await symlink('../target', file)
      },
    },
    {kind: 'a dangling link', plant: async (file: string) => symlink('../nothing', file)},
  ])('$kind', ({plant}) => {
    test.each(planted)('named %s is never written through the private directory', async (name) => {
      await using directory = await temporaryDirectory()
      const user = await userHome(directory, '{}')
      await plant(path.join(user, name))
      const before = await snapshotOf(directory.path)
      const home = await createConfigDirectory(
        {directory: path.join(directory.path, 'home'), userDirectory: user},
        files,
      )
      await writeDockerConfig(home, {auths: {a: {auth: 'canary'}}}, files)
      // As a program that follows links.
      await writeFile(path.join(home.directory, name), 'canary')
      await files.remove(home.directory)
      expect(await snapshotOf(directory.path)).toEqual(before)
    })
  })

  test('pipes and large files are not copied', async () => {
    await using directory = await temporaryDirectory()
    const user = await userHome(directory, '{}')
    execFileSync('mkfifo', [path.join(user, 'pipe')])
    await writeFile(path.join(user, 'large'), Buffer.alloc(2 * 1024 * 1024))
    const made = path.join(directory.path, 'home')
    await createConfigDirectory({directory: made, userDirectory: user}, files)
    expect((await readdir(made)).sort()).toEqual(['buildx', 'ca.pem', 'cli-plugins'])
  })

  test('fails if the directory exists', async () => {
    await using directory = await temporaryDirectory()
    const made = path.join(directory.path, 'home')
    await symlink(directory.path, made)
    const home = createConfigDirectory({directory: made, userDirectory: path.join(directory.path, 'none')}, files)
    await expect(home).rejects.toMatchObject({code: 'EEXIST'})
    expect(await readdir(directory.path)).toEqual(['home'])
  })

  test.each([
    {name: 'a directory', plant: async (file: string) => mkdir(file), code: 'EISDIR'},
    {
      name: 'a pipe without a writer',
      plant: async (file: string) => Promise.resolve(execFileSync('mkfifo', [file])),
      code: 'EINVAL',
    },
  ])('a configuration that is $name is an error', async ({plant, code}) => {
    await using directory = await temporaryDirectory()
    const user = await userHome(directory, undefined)
    const config = path.join(user, 'config.json')
    await plant(config)
    const home = createConfigDirectory({directory: path.join(directory.path, 'home'), userDirectory: user}, files)
    await expect(home).rejects.toMatchObject({
      code: 'docker-config-invalid',
      evidence: [expect.stringContaining(`${config}: ${code}`)],
    })
  })

  test.each(['read', 'list'] as const)('an error if the user has no permission to %s', async (method) => {
    await using directory = await temporaryDirectory()
    const refuse = async (): Promise<never> => Promise.reject(new Error('EACCES: permission denied'))
    const request = {directory: path.join(directory.path, 'home'), userDirectory: '/user'}
    await expect(createConfigDirectory(request, {...files, [method]: refuse})).rejects.toMatchObject({
      code: 'docker-config-invalid',
      evidence: [`/user${method === 'read' ? '/config.json' : ''}: EACCES: permission denied`],
    })
  })

  test('the user has no configuration', async () => {
    await using directory = await temporaryDirectory()
    const made = path.join(directory.path, 'home')
    const home = await createConfigDirectory({directory: made, userDirectory: path.join(directory.path, 'none')}, files)
    expect({config: home.userConfig, names: await readdir(made)}).toEqual({config: {}, names: []})
  })

  test('a configuration that is not JSON is an error that names the file and does not quote it', async () => {
    await using directory = await temporaryDirectory()
    const user = await userHome(directory, '{"auths":{"a.example":{"auth":canary')
    const made = path.join(directory.path, 'home')
    const error = await createConfigDirectory({directory: made, userDirectory: user}, files).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({code: 'docker-config-invalid', evidence: [path.join(user, 'config.json')]})
    expect(inspect(error, {depth: 9})).not.toContain('canary')
  })

  test('writing leaves other files alone', async () => {
    await using directory = await temporaryDirectory()
    const user = await userHome(directory, '{"credsStore":"x"}')
    const made = path.join(directory.path, 'home')
    const home = await createConfigDirectory({directory: made, userDirectory: user}, files)
    await writeDockerConfig(home, {auths: {a: {auth: 'secret'}}}, files)
    expect(await readFile(path.join(user, 'config.json'), 'utf8')).toBe('{"credsStore":"x"}')
    expect(await readFile(path.join(made, 'config.json'), 'utf8')).toBe('{"auths":{"a":{"auth":"secret"}}}')
    expect(((await lstat(path.join(made, 'config.json'))).mode & 0o777).toString(8)).toBe('600')
  })
})

describe('configVariables', () => {
  const home = {directory: '/h', userDirectory: '/u', userConfig: {}}
  test.each([
    {name: 'an engine without TLS', given: {}, expected: {DOCKER_CONFIG: '/h'}},
    {
      name: 'an engine over TLS',
      given: {DOCKER_TLS_VERIFY: '1'},
      expected: {DOCKER_CONFIG: '/h', DOCKER_CERT_PATH: '/u'},
    },
    {
      name: 'an engine over TLS with certificates elsewhere',
      given: {DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/c'},
      expected: {DOCKER_CONFIG: '/h'},
    },
    {name: 'an empty DOCKER_TLS_VERIFY', given: {DOCKER_TLS_VERIFY: ''}, expected: {DOCKER_CONFIG: '/h'}},
  ])('$name', ({given, expected}) => {
    expect(configVariables(home, given)).toEqual(expected)
  })
})

describe('userDockerDirectory', () => {
  test.each([
    {name: 'DOCKER_CONFIG', given: {DOCKER_CONFIG: '/d', HOME: '/h'}, expected: '/d'},
    {name: 'HOME', given: {HOME: '/h'}, expected: '/h/.docker'},
    {name: 'an empty DOCKER_CONFIG', given: {DOCKER_CONFIG: '', HOME: '/h'}, expected: '/h/.docker'},
    {name: 'Windows', given: {USERPROFILE: '/w'}, expected: '/w/.docker'},
    {name: 'an empty HOME on Windows', given: {HOME: '', USERPROFILE: '/w'}, expected: '/w/.docker'},
    {name: 'an empty HOME', given: {DOCKER_CONFIG: '', HOME: '', USERPROFILE: ''}, expected: '/account/.docker'},
    {name: 'nothing', given: {}, expected: '/account/.docker'},
    {name: 'a relative DOCKER_CONFIG', given: {DOCKER_CONFIG: 'd'}, expected: path.resolve('d')},
  ])('$name', ({given, expected}) => {
    expect(userDockerDirectory(given, () => '/account')).toBe(expected)
  })
})
