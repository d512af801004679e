import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from '@jest/globals'
import {execFileSync} from 'node:child_process'
import {randomBytes, randomUUID} from 'node:crypto'
import {chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {pluginDirectory} from '../../testing/docker.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {Step, type StepOptions, type StepResult} from '../../testing/runner.ts'
import {publishTo} from '../../testing/sample.ts'
import {loginMarks, snapshotOf, tracesIn} from '../../testing/traces.ts'
import {plainDockerfile, shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {
  username: 'robot',
  password: `canary-${randomBytes(12).toString('hex')}`,
}
let registry: Registry
let workspace: Workspace
let scratch: string

beforeAll(async () => {
  registry = await startRegistry({login})
  workspace = await workspaceOf({
    Dockerfile: plainDockerfile,
    'secret.Dockerfile': [...shellDockerfile, 'RUN --mount=type=secret,id=tok [ ! -e /run/secrets/tok ]'],
    'required.Dockerfile': [...shellDockerfile, 'RUN --mount=type=secret,id=tok,required=true true'],
  })
})

afterAll(async () => {
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

beforeEach(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'tagboat-hostile-'))
})

afterEach(async () => {
  await rm(scratch, {recursive: true, force: true})
})

function options(changes: Partial<StepOptions> = {}): StepOptions {
  const {inputs = {}, ...others} = changes
  return {
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {
      ...publishTo(registry.host, login),
      images: `${registry.host}/hostile/app-${randomUUID()}`,
      ...inputs,
    },
    ...others,
  }
}

async function run(changes: Partial<StepOptions>): Promise<StepResult> {
  await using step = await Step.prepare(options(changes))
  return await step.run()
}

describe('a prepared file in the Docker directory of the user', () => {
  const plants = {
    'a file that everybody may write': async (file: string) => {
      await writeFile(file, 'foreign')
      await chmod(file, 0o666)
    },
    'a symbolic link': async (file: string) => {
      await writeFile(path.join(scratch, 'target'), 'foreign')
      await symlink('../target', file)
    },
    'a link to nothing': async (file: string) => symlink('../nothing', file),
  }
  const names = ['config.json.new', '.token_seed', '.token_seed.lock', 'tagboat-metadata.json', '.buildNodeID']

  test.each(Object.entries(plants))('%s gets no data of the run', async (_, plant) => {
    const config = path.join(scratch, 'config')
    await mkdir(config)
    await writeFile(path.join(config, 'config.json'), JSON.stringify({cliPluginsExtraDirs: [await pluginDirectory()]}))
    for (const name of names) await plant(path.join(config, name))
    const before = await snapshotOf(scratch)
    const {exitCode, log} = await run({env: {DOCKER_CONFIG: config}})
    expect({exitCode, log}).toEqual({exitCode: 0, log: expect.anything()})
    expect(await snapshotOf(scratch)).toEqual(before)
    expect(await tracesIn(loginMarks(login), scratch)).toEqual([])
  })
})

describe('a config.json that is not a file', () => {
  test.each([
    {
      name: 'a directory',
      plant: async (file: string) => mkdir(file),
      evidence: 'EISDIR',
    },
    {
      name: 'a pipe without a writer',
      plant: async (file: string) => Promise.resolve(execFileSync('mkfifo', [file])),
      evidence: 'EINVAL',
    },
  ])('$name', async ({plant, evidence}) => {
    const config = path.join(scratch, 'config')
    await mkdir(config)
    await plant(path.join(config, 'config.json'))
    const {exitCode, log} = await run({env: {DOCKER_CONFIG: config}})
    expect(exitCode).toBe(1)
    expect(log).toContain('[docker-config-invalid]')
    expect(log).toContain(evidence)
  })
})

describe('a misbehaving program', () => {
  /** Creates a program that is first on the PATH. */
  async function program(name: string, lines: readonly string[]): Promise<string> {
    const bin = path.join(scratch, 'bin')
    await mkdir(bin, {recursive: true})
    await writeFile(path.join(bin, name), ['#!/bin/sh', ...lines, ''].join('\n'), {mode: 0o755})
    return `${bin}:${process.env['PATH'] ?? ''}`
  }

  async function helperConfig(): Promise<string> {
    const config = path.join(scratch, 'config')
    await mkdir(config, {recursive: true})
    const settings = {
      credHelpers: {[registry.host]: 'idle'},
      cliPluginsExtraDirs: [await pluginDirectory()],
    }
    const text = JSON.stringify(settings)
    await writeFile(path.join(config, 'config.json'), text)
    return config
  }

  test('a credential helper that does not read its input', async () => {
    const answer = JSON.stringify({
      ServerURL: registry.host,
      Username: login.username,
      Secret: login.password,
    })
    const env = {
      PATH: await program('docker-credential-idle', ['exec 0<&-', `echo '${answer}'`]),
      DOCKER_CONFIG: await helperConfig(),
    }
    const image = `${registry.host}/hostile/idle`
    expect(
      (
        await run({
          env,
          inputs: {images: image, tags: '1.0.0', registry: '', username: '', password: ''},
        })
      ).exitCode,
    ).toBe(0)
    const inputs = {images: image, tags: 'again', from: `${image}:1.0.0`}
    const promote = async (): Promise<StepResult> => {
      await using step = await Step.prepare({
        action: 'promote',
        event: 'push-tag',
        workspace: scratch,
        env,
        inputs,
      })
      return await step.run()
    }
    for (let round = 0; round < 5; round += 1) {
      const results = await Promise.all([promote(), promote()])
      expect(results.map(({exitCode}) => exitCode)).toEqual([0, 0])
    }
  })

  test.each([
    {
      name: 'ends at once',
      lines: ['exec 0<&-', 'exit 1'],
      code: 'login-failed',
    },
    {name: 'prints infinite output', lines: ['yes'], code: 'command-failed'},
  ])('a docker login that $name', async ({lines, code}) => {
    const docker = execFileSync('sh', ['-c', 'command -v docker'], {
      encoding: 'utf8',
    }).trim()
    const PATH = await program('docker', ['if [ "$1" = login ]; then', ...lines, 'fi', `exec ${docker} "$@"`])
    await using step = await Step.prepare(options({env: {PATH}}))
    const {exitCode, log} = await step.main()
    expect(exitCode).toBe(1)
    expect(log).toContain(`[${code}]`)
    expect(log).not.toContain('Unhandled')
    expect(await readdir(step.temp)).toEqual([])
  })

  test.each(['throw new Error("boom")', 'Promise.reject(new Error("boom"))'])(
    'an error that nothing waits for ends the run in order: %s',
    async (code) => {
      const preload = path.join(scratch, 'preload.cjs')
      const node = `if (process.env.INPUT_TEST) setTimeout(() => { ${code} }, 600)`
      await writeFile(preload, node)
      const inputs = {test: 'sleep 5'}
      await using step = await Step.prepare(options({inputs, env: {NODE_OPTIONS: `--require ${preload}`}}))
      const {exitCode, log} = await step.main()
      expect(exitCode).toBe(1)
      expect(log).toContain('::error::')
      expect(log).toContain('boom')
      expect(log).toContain('[unexpected]')
      expect(await tracesIn(loginMarks(login), step.temp)).toEqual([])
      expect((await readdir(step.temp)).filter((name) => !name.startsWith('tagboat-bake-'))).toEqual([])
    },
  )
})

describe('the state of the post step', () => {
  test('is not visible in `test`', async () => {
    const inputs = {
      test: 'echo "state:${GITHUB_STATE-none} output:${GITHUB_OUTPUT:+set}"',
    }
    expect((await run({inputs})).log).toContain('state:none output:set')
  })

  test('removes only files of the run, regardless of its content', async () => {
    await using step = await Step.prepare(options({inputs: {'export-login': 'true'}}))
    expect((await step.main()).exitCode).toBe(0)
    const precious = path.join(step.temp, 'precious')
    await mkdir(precious)
    const other = path.join(step.temp, `tagboat-${randomUUID()}-not`)
    await mkdir(other)
    const lines = [
      ['config', precious],
      ['bake', other],
      [
        'builder',
        JSON.stringify({
          name: '',
          driver: 'docker-container',
          dockerConfig: '/',
          buildxConfig: '/',
        }),
      ],
    ].flatMap(([name, value]) => [`${name}<<END`, value, 'END', ''])
    const state = path.join(step.directory, 'state')
    await writeFile(state, `${await readFile(state, 'utf8')}${lines.join('\n')}`)
    const post = await step.post()
    expect({exitCode: post.exitCode, log: post.log}).toEqual({exitCode: 0, log: ''})
    const left = await readdir(step.temp)
    expect(left).toContain('precious')
    expect(left).toContain(path.basename(other))
  })
})

describe('files of the checkout', () => {
  test.each([
    {name: 'an external link', target: '/proc/self/environ'},
    {name: 'a link to /etc/passwd', target: '/etc/passwd'},
  ])('as a version: $name', async ({target}) => {
    await using checkout = await workspaceOf({Dockerfile: plainDockerfile})
    await symlink(target, path.join(checkout.directory, 'VERSION'))
    for (const inputs of [{version: 'file:VERSION#(.*)'}, {tags: 'type=file,path=VERSION'}]) {
      const {exitCode, log} = await run({
        workspace: checkout.directory,
        inputs,
      })
      expect(exitCode).toBe(1)
      expect(log).toContain('EXDEV')
      expect(log).not.toMatch(/root:|PATH=/)
    }
  })

  test('as a version: a pipe', async () => {
    await using checkout = await workspaceOf({Dockerfile: plainDockerfile})
    execFileSync('mkfifo', [path.join(checkout.directory, 'VERSION')])
    const {log} = await run({
      workspace: checkout.directory,
      inputs: {version: 'file:VERSION'},
    })
    expect(log).toContain('(EINVAL')
  })
})

describe('secrets in addresses', () => {
  test.each([
    {
      name: 'context',
      inputs: {context: 'https://u:PASSWORD@127.0.0.1:1/a.git'},
      evidence: 'https://***@127.0.0.1:1/a.git',
    },
    {
      name: 'file',
      inputs: {file: 'https://u:PASSWORD@127.0.0.1:1/Dockerfile'},
      evidence: 'https://***@127.0.0.1:1/Docker',
    },

    {
      name: 'a short one',
      inputs: {context: 'https://u:xyz@127.0.0.1:1/a.git'},
      evidence: 'https://***@127.0.0.1:1/a.git',
    },
  ])('$name', async ({inputs, evidence}) => {
    const password = `canary-${randomBytes(8).toString('hex')}`
    const written = Object.entries<string>(inputs).map(([name, text]) => [name, text.replace('PASSWORD', password)])
    const {log, outputs, summary, exitCode} = await run({
      inputs: Object.fromEntries(written) as Record<string, string>,
    })
    expect(exitCode).toBe(1)
    expect(log).toContain(evidence)
    const shown = log
      .split('\n')
      .filter((line) => !line.startsWith('::add-mask::'))
      .join('\n')
    for (const text of [shown, summary, JSON.stringify([...outputs])]) {
      expect(text).not.toContain(password)
      expect(text).not.toContain('xyz@')
    }
  })
})

describe('the directory of Bake files', () => {
  test('has a name that is not shown elsewhere', async () => {
    await using step = await Step.prepare(options())
    const {outputs, log} = await step.main()
    expect(log).toContain('Published')
    const directory = path.dirname(outputs.get('bake-file') ?? '')
    expect(path.basename(directory)).toMatch(/^tagboat-bake-[\da-f-]{36}$/)
    const marker = (await step.state()).get('marker') ?? ''
    expect(marker).not.toBe('')
    expect(directory).not.toContain(marker)
    expect((await step.post()).exitCode).toBe(0)
    expect(await readdir(step.temp)).toEqual([])
  })
})

describe('an empty build secret', () => {
  const inputs = {'build-contexts': shellContext(), secrets: 'tok='}

  test('is not written to a file', async () => {
    const {exitCode, log} = await run({
      inputs: {...inputs, file: 'secret.Dockerfile'},
    })
    expect(exitCode).toBe(0)
    expect(log).toContain('secrets, line 1: ')
  })

  test('fails a mount that requires it', async () => {
    expect((await run({inputs: {...inputs, file: 'required.Dockerfile'}})).exitCode).toBe(1)
  })

  test('from a variable', async () => {
    const variable = {
      ...inputs,
      secrets: '',
      'secret-envs': 'tok=EMPTY',
      file: 'required.Dockerfile',
    }
    expect((await run({inputs: variable, env: {EMPTY: ''}})).exitCode).toBe(1)
  })
})

test('a builder name that looks like an option', async () => {
  const {exitCode, log} = await run({inputs: {builder: '--help'}})
  expect(exitCode).toBe(1)
  expect(log).toContain('builder: it begins with "-"')
})
