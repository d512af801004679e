import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {inspect} from 'node:util'
import {describe, expect, test} from '@jest/globals'
import {createDockerHome} from '../../../src/credentials/docker-home.ts'
import {credentialKey, logIn, type Login} from '../../../src/credentials/login.ts'
import {files} from '../../../src/io/files.ts'
import type {Command} from '../../../src/io/command.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {Secret} from '../../../src/errors/secret.ts'
import {scriptedProcesses, temporaryDirectory, type Script, type ScriptedProcesses} from '../../support/fake-edges.ts'

function login(host: string, username = 'mona', password = `canary-${host}`): Login {
  return {host, username, password: new Secret(password)}
}

/** The registry that a `docker login` goes to; Docker Hub is none. */
function serverOf({args}: Command): string {
  return args[4] ?? ''
}

/** `docker login` as the Docker CLI does it: it rewrites the whole file with its own login added. */
async function storeLogin(command: Command): Promise<void> {
  const file = path.join(command.env['DOCKER_CONFIG'] ?? '', 'config.json')
  const config = JSON.parse(await readFile(file, 'utf8')) as {auths?: object}
  await sleep(30)
  const key = serverOf(command) === '' ? 'https://index.docker.io/v1/' : serverOf(command)
  const auth = Buffer.from(`${command.args[2] ?? ''}:${command.input ?? ''}`).toString('base64')
  await writeFile(file, JSON.stringify({...config, auths: {...config.auths, [key]: {auth}}}))
}

interface Outcome {
  readonly config: unknown
  readonly written: unknown
  readonly names: readonly string[]
  readonly userConfig: string
  readonly processes: ScriptedProcesses
  readonly error: TagboatError | undefined
}

const userText = '{"auths":{"quay.io":{"auth":"theirs"}},"credsStore":"desktop"}'

async function run(logins: readonly Login[], script: Script, text = userText): Promise<Outcome> {
  await using directory = await temporaryDirectory()
  const user = path.join(directory.path, 'user')
  await mkdir(user)
  await writeFile(path.join(user, 'config.json'), text)
  const home = await createDockerHome({directory: path.join(directory.path, 'home'), userDirectory: user}, files)
  const processes = scriptedProcesses(script)
  const childEnv = {PATH: '/bin', DOCKER_CONFIG: '/not-this-one'}
  let error: TagboatError | undefined
  const config = await logIn(logins, home, {processes, files, childEnv}).catch((thrown: unknown) => {
    if (!(thrown instanceof TagboatError)) throw thrown
    error = thrown
    return undefined
  })
  const written = await files.read(path.join(home.directory, 'config.json'))
  return {
    config,
    written: written === undefined ? undefined : JSON.parse(written),
    names: await readdir(home.directory),
    userConfig: await readFile(path.join(user, 'config.json'), 'utf8'),
    processes,
    error,
  }
}

const succeed: Script = async (command) => {
  await storeLogin(command)
  return {stdout: 'Login Succeeded\n'}
}

const three = [login('docker.io'), login('ghcr.io'), login('localhost:5000', 'lisa')]

describe('logIn', () => {
  test('all at the same time, each in a directory of its own', async () => {
    const {processes} = await run(three, succeed)
    const directories = processes.commands.map(({env}) => env['DOCKER_CONFIG'] ?? '')
    expect(processes.mostAtOnce()).toBe(3)
    expect(new Set(directories).size).toBe(3)
    expect(new Set(directories.map((directory) => path.basename(path.dirname(directory))))).toEqual(
      new Set(['tagboat-logins']),
    )
  })

  test('the password goes to standard input alone', async () => {
    const {processes} = await run(three, succeed)
    const lines = processes.commands.map(({file, args, input}) => [file, ...args, `< ${input ?? ''}`].join(' '))
    expect(lines.sort()).toEqual([
      'docker login --username lisa --password-stdin localhost:5000 < canary-localhost:5000',
      'docker login --username mona --password-stdin < canary-docker.io',
      'docker login --username mona --password-stdin ghcr.io < canary-ghcr.io',
    ])
    for (const {args, env} of processes.commands) expect(JSON.stringify({args, env})).not.toContain('canary')
  })

  test('leaves one configuration with all of them and those of the user, and no directory', async () => {
    const {config, written, names, userConfig} = await run(three, succeed)
    const auth = (text: string): object => ({auth: Buffer.from(text).toString('base64')})
    expect(config).toEqual({
      auths: {
        'quay.io': {auth: 'theirs'},
        'https://index.docker.io/v1/': auth('mona:canary-docker.io'),
        'ghcr.io': auth('mona:canary-ghcr.io'),
        'localhost:5000': auth('lisa:canary-localhost:5000'),
      },
      credsStore: 'desktop',
      credHelpers: {'https://index.docker.io/v1/': '', 'ghcr.io': '', 'localhost:5000': ''},
    })
    expect(written).toEqual(config)
    expect(names).toEqual(['config.json'])
    expect(userConfig).toBe(userText)
  })

  test('without a store, the logins are made in a file with an empty helper, and left in one without', async () => {
    const given: unknown[] = []
    const watch: Script = async (command) => {
      given.push(JSON.parse(await readFile(path.join(command.env['DOCKER_CONFIG'] ?? '', 'config.json'), 'utf8')))
      await storeLogin(command)
      return {}
    }
    const {config} = await run([login('ghcr.io')], watch, '{}')
    expect(given).toEqual([{auths: {}, credHelpers: {'ghcr.io': ''}}])
    expect(config).toEqual({auths: {'ghcr.io': {auth: Buffer.from('mona:canary-ghcr.io').toString('base64')}}})
  })

  test('no login starts no process, and leaves the configuration of the user', async () => {
    const {config, processes} = await run([], succeed)
    expect(processes.commands).toEqual([])
    expect(config).toEqual(JSON.parse(userText))
  })
})

interface Row {
  readonly name: string
  readonly given: {readonly exitCode: number; readonly stderr: string}
  readonly host?: string
  readonly expected: {readonly code: string; readonly message: string}
}

const refused = (host: string): Row['expected'] => ({
  code: 'login-refused',
  message: `${host} refused the login of mona.`,
})
const failed = (host: string): Row['expected'] => ({code: 'login-failed', message: `The login to ${host} failed.`})

const failures: readonly Row[] = [
  {
    name: 'the distribution registry says no',
    given: {
      exitCode: 1,
      stderr:
        'Error response from daemon: login attempt to http://localhost:5999/v2/ failed with status: 401 Unauthorized\n',
    },
    host: 'localhost:5999',
    expected: refused('localhost:5999'),
  },
  {
    name: 'ghcr.io says no',
    given: {exitCode: 1, stderr: 'Error response from daemon: Get "https://ghcr.io/v2/": denied: denied\n'},
    expected: refused('ghcr.io'),
  },
  {
    name: 'Docker Hub says no',
    given: {
      exitCode: 1,
      stderr:
        'Error response from daemon: Get "https://registry-1.docker.io/v2/": unauthorized: incorrect username or password\n',
    },
    host: 'docker.io',
    expected: refused('docker.io'),
  },
  {
    name: 'a registry forbids',
    given: {
      exitCode: 1,
      stderr: 'Error response from daemon: login attempt to https://r.example/v2/ failed with status: 403 Forbidden\n',
    },
    host: 'r.example',
    expected: refused('r.example'),
  },
  {
    name: 'nobody there',
    given: {
      exitCode: 1,
      stderr:
        'Error response from daemon: Get "http://localhost:5998/v2/": dial tcp 127.0.0.1:5998: connect: connection refused\n',
    },
    host: 'localhost:5998',
    expected: failed('localhost:5998'),
  },
  {
    name: 'a port is no status',
    given: {
      exitCode: 1,
      stderr: 'Get "http://localhost:401/v2/": dial tcp 127.0.0.1:403: connect: connection refused\n',
    },
    host: 'localhost:401',
    expected: failed('localhost:401'),
  },
  {
    name: 'no such host',
    given: {
      exitCode: 1,
      stderr:
        'Error response from daemon: Get "https://nosuch.invalid/v2/": dial tcp: lookup nosuch.invalid: no such host\n',
    },
    host: 'nosuch.invalid',
    expected: failed('nosuch.invalid'),
  },
  {
    name: 'no right to the engine is no refusal of the registry',
    given: {
      exitCode: 1,
      stderr: 'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock\n',
    },
    expected: failed('ghcr.io'),
  },
  {
    name: 'nothing was printed, and still the code is not 0',
    given: {exitCode: 1, stderr: ''},
    expected: failed('ghcr.io'),
  },
  {
    name: 'success was printed, and still the code is not 0',
    given: {exitCode: 125, stderr: 'Login Succeeded\n'},
    expected: failed('ghcr.io'),
  },
]

describe('a login that does not succeed', () => {
  test.each(failures)('$name', async ({given, host = 'ghcr.io', expected}) => {
    const {error, written} = await run([login(host)], () => given)
    expect({code: error?.code, message: error?.message}).toEqual(expected)
    expect(error?.evidence[0]).toBe(`docker login ${host} as mona ended with code ${given.exitCode}`)
    expect(written).toBeUndefined()
  })

  test('an empty `registry` is a common mistake, and the remedy says so', async () => {
    const {error} = await run([login('docker.io')], () => ({exitCode: 1, stderr: 'unauthorized'}))
    expect(error?.remedy).toContain('`registry`: empty means Docker Hub')
  })

  test('a warning is no evidence, and three lines are enough', async () => {
    const stderr = 'WARNING! Something is insecure\none\ntwo\n\nthree\nfour\n'
    const {error} = await run([login('ghcr.io')], () => ({exitCode: 1, stderr}))
    expect(error?.evidence.slice(1)).toEqual(['two', 'three', 'four'])
  })

  test('every registry that refused is named, and the others are waited for', async () => {
    let ended = 0
    const {error, processes} = await run(three, async (command) => {
      await sleep(serverOf(command) === 'ghcr.io' ? 80 : 10)
      ended += 1
      return serverOf(command) === 'ghcr.io' ? succeed(command, () => undefined) : {exitCode: 1, stderr: 'unauthorized'}
    })
    expect({commands: processes.commands.length, ended}).toEqual({commands: 3, ended: 3})
    expect(error?.message).toBe('docker.io refused the login of mona. localhost:5000 refused the login of lisa.')
    expect(error?.evidence).toEqual([
      'docker login docker.io as mona ended with code 1',
      'unauthorized',
      'docker login localhost:5000 as lisa ended with code 1',
      'unauthorized',
    ])
  })

  test('what `docker login` wrote is not quoted, when it is no JSON', async () => {
    const {error, written} = await run([login('ghcr.io')], async (command) => {
      const file = path.join(command.env['DOCKER_CONFIG'] ?? '', 'config.json')
      await writeFile(file, `{"auths":{"ghcr.io":{"auth":${command.input ?? ''}`)
      return {}
    })
    expect(error).toMatchObject({
      code: 'login-failed',
      message: '`docker login` left no usable configuration after the login to ghcr.io.',
    })
    expect(inspect(error, {depth: 9})).not.toContain('canary')
    expect(written).toBeUndefined()
  })

  test('an error that is none of ours is handed on as it is', async () => {
    const cause = new Error('spawn EMFILE')
    const failing = run([login('ghcr.io')], () => {
      throw cause
    })
    await expect(failing).rejects.toBe(cause)
  })

  test('a Docker that is not there is told as such', async () => {
    const {error} = await run([login('ghcr.io')], () => {
      throw new TagboatError('docker-missing')
    })
    expect(error?.code).toBe('docker-missing')
  })
})

describe('credentialKey', () => {
  test.each([
    {name: 'Docker Hub', given: 'docker.io', expected: 'https://index.docker.io/v1/'},
    {name: 'any other', given: 'localhost:5000', expected: 'localhost:5000'},
  ])('$name', ({given, expected}) => {
    expect(credentialKey(given)).toBe(expected)
  })
})
