import {readFileSync} from 'node:fs'
import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {files} from '../../../src/edge/files.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {Secret} from '../../../src/errors/secret.ts'
import type {BuildInputs} from '../../../src/inputs/inputs.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {build, inspectBuilder, requireSources} from '../../../src/stage/build.ts'
import {scriptedProcesses, temporaryDirectory, type Script} from '../../support/fake-edges.ts'

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

describe('inspectBuilder', () => {
  const env = {PATH: '/bin'}

  interface Row {
    readonly name: string
    readonly given: Readonly<Record<string, string>>
    readonly script: Script
    readonly expected: string | undefined
  }
  const rows: readonly Row[] = [
    {
      name: 'a builder that runs all',
      given: {platforms: 'linux/amd64,linux/arm64'},
      script: () => ({stdout: captured('inspect-containerd-store')}),
      expected: undefined,
    },
    {
      name: 'a platform that nobody runs',
      given: {platforms: 'linux/s390x'},
      script: () => ({stdout: captured('inspect-containerd-store')}),
      expected: 'platform-missing',
    },
    {
      name: 'no engine, though the code is 0',
      given: {platforms: 'linux/amd64'},
      script: () => ({stdout: captured('inspect-engine-dead')}),
      expected: 'engine-unreachable',
    },
    {
      name: 'no such builder',
      given: {platforms: 'linux/amd64', builder: 'nobuilder'},
      script: () => ({exitCode: 1, stderr: captured('inspect-no-such-builder')}),
      expected: 'builder-missing',
    },
    {
      name: 'a failure that printed a builder',
      given: {platforms: 'linux/amd64'},
      script: () => ({exitCode: 1, stdout: captured('inspect-containerd-store')}),
      expected: 'command-failed',
    },
    {
      name: 'a builder that was not started',
      given: {platforms: 'linux/amd64'},
      script: () => ({stdout: captured('inspect-inactive')}),
      expected: undefined,
    },
  ]

  test.each(rows)('$name', async ({given, script, expected}) => {
    const processes = scriptedProcesses(script)
    expect(await outcome(inspectBuilder(await inputsOf(given), env, {processes, files}))).toBe(expected)
    const name = given['builder'] === undefined ? [] : [given['builder']]
    expect(processes.commands).toEqual([{file: 'docker', args: ['buildx', 'inspect', ...name], env}])
  })

  test.each([
    {
      name: 'the docker driver on the containerd image store',
      fixture: 'inspect-containerd-store',
      staging: 'oci-layout',
    },
    {name: 'the docker driver without it', fixture: 'inspect-docker-driver', staging: 'none'},
    {name: 'a remote BuildKit', fixture: 'inspect-remote', staging: 'push-by-digest'},
  ])('says how an image leaves $name, whichever platforms are asked for', async ({fixture, staging}) => {
    const processes = scriptedProcesses(() => ({stdout: captured(fixture)}))
    expect(await inspectBuilder(await inputsOf({}), env, {processes, files})).toMatchObject({staging, errors: []})
  })
})

describe('requireSources', () => {
  const processes = scriptedProcesses(() => ({}))

  /** A directory with `app/Dockerfile`, `lower/dockerfile`, `other/app.Dockerfile` and an empty `empty`. */
  async function check(given: (root: string) => Readonly<Record<string, string>>): Promise<string | undefined> {
    await using directory = await temporaryDirectory()
    for (const folder of ['app', 'lower', 'other', 'empty']) await mkdir(path.join(directory.path, folder))
    for (const name of ['app/Dockerfile', 'lower/dockerfile', 'other/app.Dockerfile']) {
      await writeFile(path.join(directory.path, name), 'FROM scratch')
    }
    return await outcome(requireSources(await inputsOf(given(directory.path)), {processes, files}))
  }

  test.each([
    {name: 'a Dockerfile in its context', given: (root: string) => ({context: `${root}/app`}), expected: undefined},
    {
      name: 'in lower case, as Buildx takes it',
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
      name: 'no file of that name, which counts from the working directory',
      given: (root: string) => ({context: `${root}/app`, file: 'app.Dockerfile'}),
      expected: 'dockerfile-missing',
    },
    {name: 'no context', given: (root: string) => ({context: `${root}/gone`}), expected: 'context-missing'},
    {
      name: 'no context, though the Dockerfile is there',
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
  ])('%s is not looked for here', async (context) => {
    expect(await check(() => ({context, file: 'no/such/Dockerfile'}))).toBeUndefined()
  })
})

describe('build', () => {
  const digest = `sha256:${'1'.repeat(64)}`

  async function run(
    script: (home: string) => Script,
    given: Readonly<Record<string, string>> = {},
  ): Promise<{readonly result: Awaited<ReturnType<typeof build>>; readonly written: string; readonly env: object}> {
    await using home = await temporaryDirectory()
    const processes = scriptedProcesses(script(home.path))
    const written: string[] = []
    const request = {
      inputs: await inputsOf(given),
      tags: [],
      labels: [],
      annotations: [],
      destination: {kind: 'none' as const},
      gitContext: 'https://github.com/o/r.git#1',
      gitToken: new Secret('job-token'),
      builderId: '',
      metadataFile: path.join(home.path, 'metadata'),
      imageIdFile: path.join(home.path, 'image-id'),
    }
    const write = (chunk: string): void => {
      written.push(chunk)
    }
    const result = await build(request, {PATH: '/bin'}, write, {processes, files})
    return {result, written: written.join('|'), env: processes.commands[0]?.env ?? {}}
  }

  test('what Buildx wrote and said', async () => {
    const {result, written} = await run((home) => async (_, onOutput) => {
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
    expect(written).toBe('#0 building with "big" instance using docker-container driver\n|#1 done\n')
  })

  test('what Buildx did not write', async () => {
    const {result} = await run(() => () => ({}))
    expect(result).toEqual({metadata: undefined, imageId: '', builder: undefined})
  })

  test('secrets go through the environment', async () => {
    const {env} = await run(() => () => ({}), {secrets: 'a=canary', context: 'git'})
    expect(env).toEqual({PATH: '/bin', TAGBOAT_SECRET_0: 'canary', TAGBOAT_GIT_AUTH_TOKEN: 'job-token'})
  })

  test('a code other than 0 is an error, whatever was written', async () => {
    const failing = run((home) => async () => {
      await writeFile(path.join(home, 'metadata'), JSON.stringify({'containerimage.digest': digest}))
      return {exitCode: 1, stdout: 'done', stderr: captured('build-step-prints-denials')}
    })
    await expect(failing).rejects.toMatchObject({code: 'build-failed'})
  })
})
