import {readFileSync} from 'node:fs'
import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {beforeEach, describe, expect, test} from '@jest/globals'
import {files} from '../../../src/io/files.ts'
import type {Command} from '../../../src/io/command.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {Secret} from '../../../src/errors/secret.ts'
import type {BuildInputs} from '../../../src/inputs/inputs.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {build, requireSources, type BuildResult} from '../../../src/stage/build.ts'
import {workspaceFile} from '../../../src/buildx/dockerfile.ts'
import {scriptedProcesses, temporaryDirectory, type Script} from '../../../testing/fake-io.ts'

async function inputsOf(given: Readonly<Record<string, string>>): Promise<BuildInputs> {
  const problems = new Problems()
  const inputs = await readInputs(new Map(Object.entries(given)), problems)
  problems.throwIfAny()
  return inputs.build
}

function captured(name: string): string {
  return readFileSync(path.join(import.meta.dirname, '..', '..', 'fixtures', 'buildx', `${name}.txt`), 'utf8')
}

async function outcome(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (!(error instanceof TagboatError)) throw error
    return error.code
  }
}

describe('requireSources', () => {
  /** Directory with `app/Dockerfile`, `lower/dockerfile`, `other/app.Dockerfile` and an empty `empty`. */
  async function check(given: (root: string) => Readonly<Record<string, string>>): Promise<string | undefined> {
    await using directory = await temporaryDirectory()
    for (const folder of ['app', 'lower', 'other', 'empty']) await mkdir(path.join(directory.path, folder))
    for (const name of ['app/Dockerfile', 'lower/dockerfile', 'other/app.Dockerfile']) {
      await writeFile(path.join(directory.path, name), 'FROM scratch')
    }
    return await outcome(requireSources(await inputsOf(given(directory.path)), {files}))
  }

  test.each([
    {name: 'a Dockerfile in its context', given: (root: string) => ({context: `${root}/app`}), expected: undefined},
    {
      name: 'a name in lower case, which Buildx accepts',
      given: (root: string) => ({context: `${root}/lower`}),
      expected: undefined,
    },
    {
      name: 'a file of another name',
      given: (root: string) => ({context: `${root}/app`, file: `${root}/other/app.Dockerfile`}),
      expected: undefined,
    },
    {name: 'no Dockerfile', given: (root: string) => ({context: `${root}/empty`}), expected: 'dockerfile-missing'},
    {
      name: 'no file of that name in the working directory',
      given: (root: string) => ({context: `${root}/app`, file: 'app.Dockerfile'}),
      expected: 'dockerfile-missing',
    },
    {name: 'no context', given: (root: string) => ({context: `${root}/gone`}), expected: 'context-missing'},
    {
      name: 'no context, but a Dockerfile',
      given: (root: string) => ({context: `${root}/gone`, file: `${root}/app/Dockerfile`}),
      expected: 'context-missing',
    },
    {
      name: 'a Dockerfile that Buildx fetches',
      given: (root: string) => ({context: `${root}/empty`, file: 'https://example.com/Dockerfile'}),
      expected: undefined,
    },
    {
      name: 'a Dockerfile on standard input',
      given: (root: string) => ({context: `${root}/empty`, file: '-'}),
      expected: undefined,
    },
  ])('$name', async ({given, expected}) => {
    expect(await check(given)).toBe(expected)
  })

  test.each([
    'git',
    '{{defaultContext}}',
    '{{ defaultContext }}:app',
    'https://github.com/a/b.git#main',
    'git@github.com:a/b.git',
    'ssh://git@example.com/a.git',
    'github.com/a/b',
    'oci-layout://dir',
    '-',
  ])('%s is not checked', async (context) => {
    expect(await check(() => ({context, file: 'no/such/Dockerfile'}))).toBeUndefined()
  })
})

interface CommandRun {
  readonly result: BuildResult
  /** First line: the command of the build. */
  readonly command: string
  /** Output of the build. */
  readonly written: string
  readonly env: object
  readonly commands: readonly Command[]
}

describe('build', () => {
  const digest = `sha256:${'1'.repeat(64)}`

  async function run(
    script: (home: string) => Script,
    given: Readonly<Record<string, string>> = {},
    variables: Readonly<Record<string, string>> = {},
  ): Promise<CommandRun> {
    await using home = await temporaryDirectory()
    const processes = scriptedProcesses(script(home.path))
    const written: string[] = []
    const request = {
      inputs: await inputsOf(given),
      builder: undefined,
      tags: [],
      labels: [],
      annotations: [],
      destination: {kind: 'none' as const},
      sourceDateEpoch: undefined,
      gitContext: 'https://github.com/o/r.git#1',
      gitToken: new Secret('job-token'),
      builderId: '',
      metadataFile: path.join(home.path, 'metadata'),
      imageIdFile: path.join(home.path, 'image-id'),
    }
    const write = (chunk: string): void => {
      written.push(chunk)
    }
    const env = {PATH: '/bin', GITHUB_WORKSPACE: '/checkout', ...variables}
    const result = await build(request, env, write, {processes, files, hide: (text) => text, onBuilt})
    const [command = '', ...output] = written
    return {
      result,
      command,
      written: output.join('|'),
      env: processes.commands[0]?.env ?? {},
      commands: processes.commands,
    }
  }

  const built: Pick<BuildResult, 'record' | 'callResult'>[] = []
  const onBuilt = (one: Pick<BuildResult, 'record' | 'callResult'>): void => {
    built.push(one)
  }

  beforeEach(() => {
    built.length = 0
  })

  test('returns metadata, image ID, builder and output', async () => {
    const {result, command, written} = await run((home) => async (_, onOutput) => {
      onOutput('#0 building with "big" instance using docker-container driver\n')
      onOutput('#1 done\n')
      await writeFile(path.join(home, 'metadata'), JSON.stringify({'containerimage.digest': digest}))
      await writeFile(path.join(home, 'image-id'), `${digest}\n`)
      return {}
    })
    expect(result).toMatchObject({
      metadata: {digest},
      imageId: digest,
      builder: {name: 'big', driver: 'docker-container'},
    })
    expect(command).toMatch(/^docker buildx build \\\n {2}--output type=image \\\n {2}-- \.\n$/)
    expect(written).toBe('#0 building with "big" instance using docker-container driver\n|#1 done\n')
  })

  test('returns undefined for files that Buildx did not write', async () => {
    const {result} = await run(() => () => ({}))
    expect(result).toEqual({
      metadata: undefined,
      imageId: '',
      builder: undefined,
      record: {startedMs: 0, steps: [], warnings: []},
      text: '',
      found: undefined,
    })
  })

  test('passes secrets in the environment', async () => {
    const {env} = await run(() => () => ({}), {secrets: 'a=canary', context: 'git'})
    expect(env).toEqual({
      PATH: '/bin',
      GITHUB_WORKSPACE: '/checkout',
      TAGBOAT_SECRET_0: 'canary',
      TAGBOAT_GIT_AUTH_TOKEN: 'job-token',
    })
  })

  test('throws for an exit code other than 0, also if files were written', async () => {
    const failing = run((home) => async () => {
      await writeFile(path.join(home, 'metadata'), JSON.stringify({'containerimage.digest': digest}))
      return {exitCode: 1, stdout: 'done', stderr: captured('build-step-prints-denials')}
    })
    await expect(failing).rejects.toMatchObject({code: 'build-failed'})
  })

  test('requests JSON records, prints them as lines and returns them as data', async () => {
    const {result, written, commands} = await run(() => () => ({stderr: captured('records-warnings')}), {
      context: 'app',
      platforms: 'linux/amd64',
    })
    expect(commands.map(({args}) => args.slice(0, 4))).toEqual([['buildx', 'build', '--progress', 'rawjson']])
    expect(written).toContain('#9 0.290 tool c2\n#9 DONE 0.6s\n')
    expect(result.record.steps.filter(({isInstruction}) => isInstruction).map(({platform}) => platform)).toEqual(
      Array(6).fill('linux/amd64'),
    )
    expect(result.record.warnings.map(({filename, line}) => `${filename}:${line}`)).toEqual([
      'app/Dockerfile:9',
      'app/Dockerfile:10',
    ])
    expect(built).toEqual([{record: result.record, found: undefined}])
  })

  test('uses plain progress without the error message if Buildx does not support records', async () => {
    const {result, written, commands} = await run(() => (command, onOutput) => {
      if (command.args.includes('rawjson')) {
        onOutput('ERROR: invalid progress mode rawjson\n')
        return {exitCode: 1, stderr: 'ERROR: invalid progress mode rawjson\n'}
      }
      onOutput('#0 building with "old" instance using docker driver\n#1 [internal] load\n')
      return {}
    })
    expect(commands.map(({args}) => args.slice(0, 4))).toEqual([
      ['buildx', 'build', '--progress', 'rawjson'],
      ['buildx', 'build', '--progress', 'plain'],
    ])
    expect(written).toBe('#0 building with "old" instance using docker driver\n#1 [internal] load\n')
    expect(result.builder).toEqual({name: 'old', driver: 'docker'})
  })

  test('reports the failed step with its line, without secrets', async () => {
    const failing = run(
      () => () => ({exitCode: 1, stderr: captured('records-failing-step')}),
      {file: 'docker/fail.Dockerfile', 'secret-envs': 's=CANARY', secrets: 'a=the reason'},
      {CANARY: 'hunter2-secret'},
    )
    await expect(failing).rejects.toMatchObject({
      code: 'build-failed',
      place: {file: 'docker/fail.Dockerfile', line: 9, endLine: 9},
      evidence: expect.arrayContaining([
        expect.stringMatching(/^> \[shell 4\/4\] RUN .*; echo \*{3} \w+ here >&2; exit 3:$/),
        expect.stringMatching(/^0\.388 \*{6} \w+ here$/),
        expect.stringMatching(/^ {3}9 \| >>> RUN .*; echo \*{3} \w+ here >&2; exit 3$/),
        'docker buildx build ended with code 1',
      ]),
    })
    expect(JSON.stringify(built)).toContain('exit code: 3')
    expect(JSON.stringify(built)).not.toMatch(/hunter2|the reason/)
  })

  test('reads the findings of checks if a secret has several lines', async () => {
    const secrets = '"json={\n  ""token"": ""canary"",\n  ""line"": 10\n}"'
    const {result} = await run(() => () => ({stdout: captured('check-json')}), {call: 'check,format=json', secrets})
    expect(result.record.warnings.map(({rule}) => rule)).toContain('MaintainerDeprecated')
    expect(result.callResult).toBe(captured('check-json'))
  })

  test('recognises an error if a secret contains its text', async () => {
    const secrets = '"text=ERROR\nno space left on device"'
    const failing = run(() => () => ({exitCode: 1, stderr: captured('build-disk-full')}), {secrets})
    await expect(failing).rejects.toMatchObject({
      code: 'disk-full',
      evidence: expect.not.arrayContaining([expect.stringContaining('no space left on device')]),
    })
  })

  test('excludes the result of a call from the progress', async () => {
    const checking = run(() => () => ({exitCode: 1, stdout: captured('check-text'), stderr: '#1 progress\n'}), {
      call: 'check',
    })
    await expect(checking).rejects.toMatchObject({code: 'checks-failed'})
    expect(built[0]?.callResult).toBe(captured('check-text'))
    expect(built[0]?.record.warnings.map(({rule}) => rule)).toEqual([
      'ConsistentInstructionCasing',
      'MaintainerDeprecated',
    ])
    const {result, written} = await run(() => () => ({stdout: captured('outline'), stderr: '#1 progress\n'}), {
      call: 'outline',
    })
    expect({found: result.callResult, written}).toEqual({found: captured('outline'), written: '#1 progress\n'})
  })
})

describe('workspaceFile', () => {
  test.each([
    {name: 'the Dockerfile of the context', inputs: {context: 'app', file: undefined}, expected: 'app/Dockerfile'},
    {name: 'of the workspace', inputs: {context: '.', file: undefined}, expected: 'Dockerfile'},
    {name: 'a path with ..', inputs: {context: 'a/../b', file: undefined}, expected: 'b/Dockerfile'},
    {name: 'an absolute context', inputs: {context: '/checkout/app', file: undefined}, expected: 'app/Dockerfile'},
    {name: 'another file', inputs: {context: '.', file: './docker/Dockerfile'}, expected: 'docker/Dockerfile'},
    {
      name: 'a local file with a remote context',
      inputs: {context: 'https://x/y.git', file: 'Dockerfile'},
      expected: 'Dockerfile',
    },
    {name: 'outside the workspace', inputs: {context: '/elsewhere', file: undefined}, expected: undefined},
    {name: 'above the workspace', inputs: {context: '../x', file: undefined}, expected: undefined},
    {name: 'a remote context', inputs: {context: 'https://x/y.git', file: undefined}, expected: undefined},
    {name: 'a remote Dockerfile', inputs: {context: '.', file: 'https://x/Dockerfile'}, expected: undefined},
    {name: 'standard input', inputs: {context: '-', file: undefined}, expected: undefined},
    {name: 'another name', inputs: {context: '.', file: 'Other'}, expected: undefined},
  ])('$name', ({inputs, expected}) => {
    expect(workspaceFile(inputs, 'Dockerfile', '/checkout')).toBe(expected)
  })

  test('that is named with its folder', () => {
    expect(workspaceFile({context: 'app', file: undefined}, '/checkout/app/Dockerfile', '/checkout')).toBe(
      'app/Dockerfile',
    )
  })

  test('in lower case', () => {
    expect(workspaceFile({context: 'app', file: undefined}, 'dockerfile', '/checkout')).toBe('app/dockerfile')
  })
})
