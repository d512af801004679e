import {lstat, mkdir, readFile, readlink, readdir, stat, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {inspect} from 'node:util'
import {describe, expect, test} from '@jest/globals'
import {
  createDockerHome,
  homeVariables,
  userDockerDirectory,
  writeDockerConfig,
} from '../../../src/credentials/docker-home.ts'
import {files} from '../../../src/edge/files.ts'
import {temporaryDirectory, type TemporaryDirectory} from '../../support/fake-edges.ts'

async function userHome(directory: TemporaryDirectory, config: string | undefined): Promise<string> {
  const user = path.join(directory.path, 'user')
  await mkdir(path.join(user, 'cli-plugins'), {recursive: true})
  await mkdir(path.join(user, 'buildx'))
  await writeFile(path.join(user, 'ca.pem'), 'certificate')
  if (config !== undefined) await writeFile(path.join(user, 'config.json'), config)
  return user
}

describe('createDockerHome', () => {
  test('links what the user has, and copies no configuration', async () => {
    await using directory = await temporaryDirectory()
    const user = await userHome(directory, '{"auths":{"a.example":{}}}')
    const made = path.join(directory.path, 'home')
    const home = await createDockerHome({directory: made, userDirectory: user}, files)
    expect(home).toEqual({directory: made, userDirectory: user, userConfig: {auths: {'a.example': {}}}})
    expect((await readdir(made)).sort()).toEqual(['buildx', 'ca.pem', 'cli-plugins'])
    expect(await readlink(path.join(made, 'cli-plugins'))).toBe(path.join(user, 'cli-plugins'))
    expect(((await stat(made)).mode & 0o777).toString(8)).toBe('700')
  })

  test('the logins of the environment come before those of the file', async () => {
    await using directory = await temporaryDirectory()
    const user = await userHome(directory, '{"auths":{"a.example":{"auth":"x"}},"credsStore":"s"}')
    const auths = {'a.example': {auth: btoa('env:e')}}
    const request = {directory: path.join(directory.path, 'home'), userDirectory: user}
    const {userConfig} = await createDockerHome({...request, authConfig: JSON.stringify({auths})}, files)
    expect(userConfig).toEqual({auths, credsStore: 's', credHelpers: {'a.example': ''}})
  })

  test('what an earlier run of ours left in its home is not taken over', async () => {
    await using directory = await temporaryDirectory()
    const user = await userHome(directory, undefined)
    await mkdir(path.join(user, 'tagboat-logins'))
    await writeFile(path.join(user, 'tagboat-image-id'), 'sha256:old')
    const made = path.join(directory.path, 'home')
    await createDockerHome({directory: made, userDirectory: user}, files)
    expect((await readdir(made)).sort()).toEqual(['buildx', 'ca.pem', 'cli-plugins'])
  })

  test('the token seed of Buildx is not linked: Buildx would write to it', async () => {
    await using directory = await temporaryDirectory()
    const user = await userHome(directory, undefined)
    for (const name of ['.token_seed', '.token_seed.lock']) await writeFile(path.join(user, name), 'seed')
    const made = path.join(directory.path, 'home')
    await createDockerHome({directory: made, userDirectory: user}, files)
    expect((await readdir(made)).sort()).toEqual(['buildx', 'ca.pem', 'cli-plugins'])
  })

  test('without anything of the user', async () => {
    await using directory = await temporaryDirectory()
    const made = path.join(directory.path, 'home')
    const home = await createDockerHome({directory: made, userDirectory: path.join(directory.path, 'none')}, files)
    expect({config: home.userConfig, names: await readdir(made)}).toEqual({config: {}, names: []})
  })

  test('a configuration that is no JSON is an error that names the file and quotes nothing of it', async () => {
    await using directory = await temporaryDirectory()
    const user = await userHome(directory, '{"auths":{"a.example":{"auth":canary')
    const made = path.join(directory.path, 'home')
    const error = await createDockerHome({directory: made, userDirectory: user}, files).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({code: 'docker-config-invalid', evidence: [path.join(user, 'config.json')]})
    expect(inspect(error, {depth: 9})).not.toContain('canary')
  })

  test('what is written to it is not written to the user', async () => {
    await using directory = await temporaryDirectory()
    const user = await userHome(directory, '{"credsStore":"x"}')
    const made = path.join(directory.path, 'home')
    const home = await createDockerHome({directory: made, userDirectory: user}, files)
    await writeDockerConfig(home, {auths: {a: {auth: 'secret'}}}, files)
    expect(await readFile(path.join(user, 'config.json'), 'utf8')).toBe('{"credsStore":"x"}')
    expect(await readFile(path.join(made, 'config.json'), 'utf8')).toBe('{"auths":{"a":{"auth":"secret"}}}')
    expect(((await lstat(path.join(made, 'config.json'))).mode & 0o777).toString(8)).toBe('600')
  })
})

describe('homeVariables', () => {
  const home = {directory: '/h', userDirectory: '/u', userConfig: {}}
  test.each([
    {name: 'the ordinary case', given: {}, expected: {DOCKER_CONFIG: '/h'}},
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
    expect(homeVariables(home, given)).toEqual(expected)
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
