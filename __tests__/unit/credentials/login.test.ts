import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {setImmediate as nextTurn} from 'node:timers/promises'
import {inspect} from 'node:util'
import {describe, expect, test} from '@jest/globals'
import {createConfigDirectory} from '../../../src/credentials/config-directory.ts'
import {credentialKey, logIn, type Login} from '../../../src/credentials/login.ts'
import {files} from '../../../src/io/files.ts'
import type {Command} from '../../../src/io/command.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {Secret} from '../../../src/errors/secret.ts'
import {
  barrier,
  scriptedProcesses,
  temporaryDirectory,
  type Script,
  type ScriptedProcesses,
} from '../../../testing/fake-io.ts'

function login(host: string, username = 'mona', password = `canary-${host}`): Login {
  return {host, username, password: new Secret(password)}
}

/** Registry argument of a `docker login`; empty for Docker Hub. */
function serverOf({args}: Command): string {
  return args[4] ?? ''
}

/** Rewrites the whole file with the login added, as `docker login` does. */
async function storeLogin(command: Command): Promise<void> {
  const file = path.join(command.env['DOCKER_CONFIG'] ?? '', 'config.json')
  const config = JSON.parse(await readFile(file, 'utf8')) as {auths?: object}
  await nextTurn()
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
  /** Host and error code of each optional login that failed. */
  readonly leftOut: readonly string[]
}

const userText = '{"auths":{"quay.io":{"auth":"user"}},"credsStore":"desktop"}'

async function run(logins: readonly Login[], script: Script, text = userText): Promise<Outcome> {
  await using directory = await temporaryDirectory()
  const user = path.join(directory.path, 'user')
  await mkdir(user)
  await writeFile(path.join(user, 'config.json'), text)
  const home = await createConfigDirectory({directory: path.join(directory.path, 'home'), userDirectory: user}, files)
  const processes = scriptedProcesses(script)
  const childEnv = {PATH: '/bin', DOCKER_CONFIG: '/not-this-one'}
  let error: TagboatError | undefined
  const leftOut: string[] = []
  const onLeftOut = ({host}: Login, {code}: TagboatError): void => {
    leftOut.push(`${host} ${code}`)
  }
  const config = await logIn(logins, home, {processes, files, childEnv, onLeftOut}).catch((thrown: unknown) => {
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
    leftOut,
  }
}

const succeed: Script = async (command) => {
  await storeLogin(command)
  return {stdout: 'Login Succeeded\n'}
}

const three = [login('docker.io'), login('ghcr.io'), login('localhost:5000', 'lisa')]

describe('logIn', () => {
  test('runs concurrently, with a separate directory for each registry', async () => {
    const allStarted = barrier(three.length)
    const {processes} = await run(three, async (command, write) => {
      await allStarted()
      return succeed(command, write)
    })
    const directories = processes.commands.map(({env}) => env['DOCKER_CONFIG'] ?? '')
    expect(processes.maxConcurrent()).toBe(3)
    expect(new Set(directories).size).toBe(3)
    expect(new Set(directories.map((directory) => path.basename(path.dirname(directory))))).toEqual(
      new Set(['tagboat-logins']),
    )
  })

  test('passes the password on standard input only', async () => {
    const {processes} = await run(three, succeed)
    const lines = processes.commands.map(({file, args, input}) => [file, ...args, `< ${input ?? ''}`].join(' '))
    expect(lines.sort()).toEqual([
      'docker login --username lisa --password-stdin localhost:5000 < canary-localhost:5000',
      'docker login --username mona --password-stdin < canary-docker.io',
      'docker login --username mona --password-stdin ghcr.io < canary-ghcr.io',
    ])
    for (const {args, env} of processes.commands) expect(JSON.stringify({args, env})).not.toContain('canary')
  })

  test('merges all logins with those of the user, and removes its directories', async () => {
    const {config, written, names, userConfig} = await run(three, succeed)
    const auth = (text: string): object => ({auth: Buffer.from(text).toString('base64')})
    expect(config).toEqual({
      auths: {
        'quay.io': {auth: 'user'},
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

  test('without a credential store, `docker login` gets an empty helper, which the result does not have', async () => {
    const seen: unknown[] = []
    const watch: Script = async (command) => {
      seen.push(JSON.parse(await readFile(path.join(command.env['DOCKER_CONFIG'] ?? '', 'config.json'), 'utf8')))
      await storeLogin(command)
      return {}
    }
    const {config} = await run([login('ghcr.io')], watch, '{}')
    expect(seen).toEqual([{auths: {}, credHelpers: {'ghcr.io': ''}}])
    expect(config).toEqual({auths: {'ghcr.io': {auth: Buffer.from('mona:canary-ghcr.io').toString('base64')}}})
  })

  describe('an optional login', () => {
    const optional = {...login('ghcr.io'), isOptional: true} as const
    const deny: Script = async (command) => {
      if (serverOf(command) !== 'quay.io') return {exitCode: 1, stderr: 'denied: denied\n'}
      await storeLogin(command)
      return {}
    }

    test('is left out if it is refused, and the user configuration stays', async () => {
      const {config, leftOut, error} = await run([login('quay.io'), optional], deny, '{}')
      expect(error).toBeUndefined()
      expect(leftOut).toEqual(['ghcr.io login-refused'])
      expect(config).toEqual({auths: {'quay.io': {auth: Buffer.from('mona:canary-quay.io').toString('base64')}}})
    })

    test('does not hide another login that is refused', async () => {
      const {error, leftOut} = await run([login('r.example'), optional], deny)
      expect(error).toMatchObject({code: 'login-refused', message: expect.stringContaining('r.example')})
      expect(error?.message).not.toContain('ghcr.io')
      expect(leftOut).toEqual([])
    })
  })

  test('without logins it starts no process and keeps the user configuration', async () => {
    const {config, processes} = await run([], succeed)
    expect(processes.commands).toEqual([])
    expect(config).toEqual(JSON.parse(userText))
  })
})

interface Row {
  readonly name: string
  readonly result: {readonly exitCode: number; readonly stderr: string}
  readonly host?: string
  readonly expected: 'login-refused' | 'login-failed' | 'engine-unreachable'
}

const failures: readonly Row[] = [
  {
    name: 'the distribution registry answers 401',
    result: {
      exitCode: 1,
      stderr:
        'Error response from daemon: login attempt to http://localhost:5999/v2/ failed with status: 401 Unauthorized\n',
    },
    host: 'localhost:5999',
    expected: 'login-refused',
  },
  {
    name: 'a registry with TLS answers 401, and 400 to the second attempt of the engine',
    result: {
      exitCode: 1,
      stderr:
        'Error response from daemon: login attempt to http://127.0.0.1:5999/v2/ failed with status: 400 Bad Request\n',
    },
    host: '127.0.0.1:5999',
    expected: 'login-refused',
  },
  {
    name: 'ghcr.io denies',
    result: {exitCode: 1, stderr: 'Error response from daemon: Get "https://ghcr.io/v2/": denied: denied\n'},
    expected: 'login-refused',
  },
  {
    name: 'Docker Hub answers unauthorized',
    result: {
      exitCode: 1,
      stderr:
        'Error response from daemon: Get "https://registry-1.docker.io/v2/": unauthorized: incorrect username or password\n',
    },
    host: 'docker.io',
    expected: 'login-refused',
  },
  {
    name: 'a registry answers 403',
    result: {
      exitCode: 1,
      stderr: 'Error response from daemon: login attempt to https://r.example/v2/ failed with status: 403 Forbidden\n',
    },
    host: 'r.example',
    expected: 'login-refused',
  },
  {
    name: 'a refused connection',
    result: {
      exitCode: 1,
      stderr:
        'Error response from daemon: Get "http://localhost:5998/v2/": dial tcp 127.0.0.1:5998: connect: connection refused\n',
    },
    host: 'localhost:5998',
    expected: 'login-failed',
  },
  {
    name: 'a port that looks like a status',
    result: {
      exitCode: 1,
      stderr: 'Get "http://localhost:401/v2/": dial tcp 127.0.0.1:403: connect: connection refused\n',
    },
    host: 'localhost:401',
    expected: 'login-failed',
  },
  {
    name: 'no such host',
    result: {
      exitCode: 1,
      stderr:
        'Error response from daemon: Get "https://nosuch.invalid/v2/": dial tcp: lookup nosuch.invalid: no such host\n',
    },
    host: 'nosuch.invalid',
    expected: 'login-failed',
  },
  {
    name: 'no permission to connect to the engine',
    result: {
      exitCode: 1,
      stderr: 'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock\n',
    },
    expected: 'engine-unreachable',
  },
  {
    name: 'no output, and an exit code other than 0',
    result: {exitCode: 1, stderr: ''},
    expected: 'login-failed',
  },
  {
    name: '"Login Succeeded", and an exit code other than 0',
    result: {exitCode: 125, stderr: 'Login Succeeded\n'},
    expected: 'login-failed',
  },
]

describe('a login that fails', () => {
  test.each(failures)('$name', async ({result, host = 'ghcr.io', expected}) => {
    const {error, written} = await run([login(host)], () => result)
    expect(error?.code).toBe(expected)
    expect(written).toBeUndefined()
  })

  test('the evidence has three lines, and no warnings', async () => {
    const stderr = 'WARNING! Something is insecure\none\ntwo\n\nthree\nfour\n'
    const {error} = await run([login('ghcr.io')], () => ({exitCode: 1, stderr}))
    expect(error?.evidence.slice(1)).toEqual(['two', 'three', 'four'])
  })

  test('all failed logins are reported, after the others have ended', async () => {
    let ended = 0
    const others = Promise.withResolvers<undefined>()
    const {error, processes} = await run(three, async (command) => {
      if (serverOf(command) === 'ghcr.io') await others.promise
      ended += 1
      if (ended === 2) others.resolve(undefined)
      return serverOf(command) === 'ghcr.io' ? succeed(command, () => undefined) : {exitCode: 1, stderr: 'unauthorized'}
    })
    expect({commands: processes.commands.length, ended}).toEqual({commands: 3, ended: 3})
    expect(error?.message).toMatch(/docker\.io.*mona.*localhost:5000.*lisa/)
    expect(error?.evidence).toEqual([
      expect.stringContaining('docker.io'),
      'unauthorized',
      expect.stringContaining('localhost:5000'),
      'unauthorized',
    ])
  })

  test('a configuration that is not JSON is not quoted', async () => {
    const {error, written} = await run([login('ghcr.io')], async (command) => {
      const file = path.join(command.env['DOCKER_CONFIG'] ?? '', 'config.json')
      await writeFile(file, `{"auths":{"ghcr.io":{"auth":${command.input ?? ''}`)
      return {}
    })
    expect(error?.code).toBe('login-failed')
    expect(inspect(error, {depth: 9})).not.toContain('canary')
    expect(written).toBeUndefined()
  })

  test('an error of another type is passed on unchanged', async () => {
    const cause = new Error('spawn EMFILE')
    const failing = run([login('ghcr.io')], () => {
      throw cause
    })
    await expect(failing).rejects.toBe(cause)
  })

  test('is not attempted without the Docker CLI: Buildx alone uses the login from the configuration', async () => {
    const {error, written} = await run([login('ghcr.io')], () => {
      throw new TagboatError('docker-missing')
    })
    expect(error).toBeUndefined()
    const {username, password} = login('ghcr.io')
    const auth = Buffer.from(`${username}:${password.reveal()}`).toString('base64')
    expect(written).toMatchObject({auths: {'ghcr.io': {auth}}})
  })
})

describe('credentialKey', () => {
  test.each([
    {name: 'Docker Hub', host: 'docker.io', expected: 'https://index.docker.io/v1/'},
    {name: 'any other', host: 'localhost:5000', expected: 'localhost:5000'},
  ])('$name', ({host, expected}) => {
    expect(credentialKey(host)).toBe(expected)
  })
})
