import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {Step, type StepOptions} from '../../testing/runner.ts'
import {expectFailure} from '../../testing/failure.ts'
import {publishTo} from '../../testing/sample.ts'
import {plainDockerfile, shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
/** A text, and the name of a Git tag, on which `(a+)+$` takes a time that doubles with every letter. */
const endless = `${'a'.repeat(120)}!`
let registry: Registry
let workspace: Workspace
let scratch: string

beforeAll(async () => {
  ;[registry, workspace, scratch] = await Promise.all([
    startRegistry({login}),
    workspaceOf({
      Dockerfile: plainDockerfile,
      'failing/Dockerfile': [...shellDockerfile, 'RUN echo the reason stands here; exit 3'],
      'unknown-base/Dockerfile': ['FROM 127.0.0.1:1/nobody/home', ...plainDockerfile.slice(1)],
      'syntax/Dockerfile': ['FROM scratch', 'CUPY . .'],
      'empty/README.md': '',
      'endless.txt': endless,
    }),
    mkdtemp(path.join(tmpdir(), 'tagboat-failures-')),
  ])
})

afterAll(async () => {
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose](), rm(scratch, {recursive: true, force: true})])
})

interface Failing {
  readonly name: string
  readonly inputs?: () => Readonly<Record<string, string>>
  readonly env?: () => Promise<NonNullable<StepOptions['env']>>
  readonly code: Parameters<typeof expectFailure>[1]['code']
  /** Texts of the message or its evidence. */
  readonly values: readonly string[]
  /** In place of the catalogue's. */
  readonly remedy?: string
  /** Whether `docker buildx build` had been started. */
  readonly built?: true
}

const failings: readonly Failing[] = [
  {
    name: 'a wrong password',
    inputs: () => ({password: 'an-old-password'}),
    code: 'login-refused',
    values: ['refused the login of robot', 'docker login', '401 Unauthorized'],
  },
  {
    name: 'a registry where nobody listens',
    inputs: () => ({registry: '127.0.0.1:1', images: '127.0.0.1:1/team/app'}),
    code: 'login-failed',
    values: ['The login to 127.0.0.1:1 failed', 'connection refused'],
  },
  {
    name: 'an empty password',
    inputs: () => ({password: ''}),
    code: 'credentials-missing',
    values: ['password is empty'],
  },
  {
    name: 'a missing Dockerfile',
    inputs: () => ({context: 'empty'}),
    code: 'dockerfile-missing',
    values: ['empty/Dockerfile does not exist'],
  },
  {
    name: 'a missing file',
    inputs: () => ({file: 'docker/Production'}),
    code: 'dockerfile-missing',
    values: ['docker/Production does not exist'],
  },
  {
    name: 'a missing context',
    inputs: () => ({context: 'nowhere'}),
    code: 'context-missing',
    values: ['nowhere does not exist'],
  },
  {
    name: 'a RUN that fails',
    inputs: () => ({context: 'failing', 'build-contexts': shellContext(), 'no-cache': 'true'}),
    code: 'build-failed',
    values: [
      'the reason stands here',
      'Dockerfile:6',
      'RUN echo the reason stands here; exit 3',
      'exit code: 3',
      'docker buildx build ended with code 1',
    ],
    built: true,
  },
  {
    name: 'a Dockerfile that is none',
    inputs: () => ({context: 'syntax'}),
    code: 'dockerfile-invalid',
    values: ['CUPY'],
    built: true,
  },
  {
    name: 'a base image that cannot be pulled',
    inputs: () => ({context: 'unknown-base'}),
    code: 'base-image-unreachable',
    values: ['127.0.0.1:1/nobody/home', 'connection refused'],
    built: true,
  },
  {
    name: 'an engine that does not answer',
    // Plain HTTP registries take part in a login through the engine alone, so that this one would fail first.
    inputs: () => ({registry: '', username: '', password: ''}),
    env: async () => Promise.resolve({DOCKER_HOST: `unix://${scratch}/docker.sock`}),
    code: 'engine-unreachable',
    values: ['docker.sock'],
  },
  {
    name: 'no docker on the PATH',
    env: async () => Promise.resolve({PATH: scratch}),
    code: 'docker-missing',
    values: ['docker: not found'],
  },
  {
    name: 'no Buildx',
    env: async () => ({DOCKER_CONFIG: await configWithBrokenBuildx()}),
    code: 'buildx-missing',
    values: ['unknown command: docker buildx', 'docker buildx inspect ended with code'],
  },
  {
    name: 'no Buildx, for platforms that are named',
    inputs: () => ({platforms: 'linux/amd64'}),
    env: async () => ({DOCKER_CONFIG: await configWithBrokenBuildx()}),
    code: 'buildx-missing',
    values: ['docker buildx inspect ended with code'],
  },
  {
    name: 'an unknown builder, for platforms that are named',
    inputs: () => ({builder: 'nobody', platforms: 'linux/amd64'}),
    code: 'builder-missing',
    values: ['The builder "nobody" does not exist', 'no builder "nobody" found'],
  },
  {
    name: 'an unknown builder',
    inputs: () => ({builder: 'nobody'}),
    code: 'builder-missing',
    values: ['The builder "nobody" does not exist', 'no builder "nobody" found'],
  },
  {
    name: 'rules that give no tag',
    inputs: () => ({tags: 'type=ref,event=branch'}),
    code: 'nothing-to-tag',
    values: ['push of refs/tags/v1.2.3', 'type=ref,event=branch'],
  },
  {
    name: 'a regular expression that would never end, on a long Git tag',
    inputs: () => ({tags: 'stable\ntype=match,pattern=(a+)+$'}),
    env: async () => Promise.resolve({GITHUB_REF: `refs/tags/${endless}`, GITHUB_REF_NAME: endless}),
    code: 'input-invalid',
    values: [
      `tags, line 2, column 20: /(a+)+$/ on "${endless}" was stopped after 300 ms. Avoid nested repetition such as (a+)+`,
    ],
  },
  {
    name: 'regular expressions that would never end, in all other places of a rule',
    inputs: () => ({
      tags: [
        'stable',
        `type=match,pattern=(a+)+$,value=${endless}`,
        'type=semver,pattern={{version}},match=(a+)+$',
        'type=pep440,pattern={{version}},match=(a+)+$',
        'type=file,path=endless.txt#(a+)+$',
      ].join('\n'),
    }),
    env: async () => Promise.resolve({GITHUB_REF: `refs/tags/${endless}`, GITHUB_REF_NAME: endless}),
    code: 'input-invalid',
    values: [
      `tags, line 2, column 20: /(a+)+$/ on "${endless}" was stopped after 300 ms.`,
      `tags, line 3, column 39: /(a+)+$/ on "${endless}" was stopped after 300 ms.`,
      `tags, line 4, column 39: /(a+)+$/ on "${endless}" was stopped after 300 ms.`,
      'tags, line 5, column 16: ',
      'endless.txt',
    ],
  },
  {
    name: 'an unknown input',
    inputs: () => ({platform: 'linux/amd64'}),
    code: 'input-invalid',
    values: ['platform: ', '"platforms"'],
  },
  {
    name: 'an input of a later release',
    inputs: () => ({ecr: 'true'}),
    code: 'input-invalid',
    values: ['ecr'],
  },
  {
    name: 'an input of another action',
    inputs: () => ({from: 'ghcr.io/team/app:1.2.3'}),
    code: 'input-invalid',
    values: ['from'],
  },
  {
    name: 'several bad inputs',
    inputs: () => ({
      push: 'maybe',
      tags: 'latest\ntype=unknown',
      images: 'UPPER CASE',
      'max-tag-length': '3',
      'no-cache': 'yes please',
      floating: 'sometimes',
      'if-exists': 'shrug',
      'on-stale': 'shrug',
      retries: '21',
    }),
    code: 'input-invalid',
    values: [
      'push',
      'tags, line 2',
      'images',
      'max-tag-length',
      'no-cache',
      'floating',
      'if-exists',
      'on-stale',
      'retries',
    ],
  },
]

describe('ends with code 1, says why and what to do, and pushes nothing', () => {
  test.each(failings)(
    '$name',
    async ({inputs = () => ({}), env = async () => Promise.resolve({}), code, values, built, ...rest}) => {
      await using step = await Step.prepare({
        event: 'push-tag',
        workspace: workspace.directory,
        inputs: {...publishTo(registry.host, login), ...inputs()},
        env: await env(),
      })
      const result = await step.run()
      expectFailure(result, {code, values, ...rest})
      expect(result.log.includes('::group::docker buildx build')).toBe(built === true)
      expect(await registry.tags('team/app')).toEqual([])
      expect(await writes(registry)).toEqual([])
    },
  )
})

describe('two registries of which one refuses the login', () => {
  test('get nothing', async () => {
    await using other = await startRegistry({login})
    await using step = await Step.prepare({
      event: 'push-tag',
      workspace: workspace.directory,
      inputs: {
        images: `${registry.host}/team/app\n${other.host}/team/app`,
        'registry-auth': JSON.stringify([
          {registry: registry.host, ...login},
          {registry: other.host, ...login, password: 'an-old-password'},
        ]),
      },
    })
    const result = await step.run()
    expectFailure(result, {code: 'login-refused', values: [`${other.host} refused the login of robot`]})
    expect(result.log).not.toContain('::group::docker buildx build')
    expect(await writes(registry)).toEqual([])
    expect(await writes(other)).toEqual([])
  })

  test('both refusals are told', async () => {
    const wrong = {...login, password: 'an-old-password'}
    await using other = await startRegistry({login})
    await using step = await Step.prepare({
      event: 'push-tag',
      workspace: workspace.directory,
      inputs: {
        images: `${registry.host}/team/app\n${other.host}/team/app`,
        'registry-auth': JSON.stringify([
          {registry: registry.host, ...wrong},
          {registry: other.host, ...wrong},
        ]),
      },
    })
    expectFailure(await step.run(), {
      code: 'login-refused',
      values: [`${registry.host} refused the login of robot`, `${other.host} refused the login of robot`],
    })
  })
})

/** All that could have changed a registry. */
async function writes(of: Registry): Promise<readonly string[]> {
  const requests = await of.requests()
  return requests.flatMap(({method, path}) => (method === 'GET' || method === 'HEAD' ? [] : [`${method} ${path}`]))
}

/**
 * A plugin in the user's configuration stands before those of the machine, and one that does not work is none for the
 * CLI: so it is wherever the machine keeps its own.
 */
async function configWithBrokenBuildx(): Promise<string> {
  const directory = path.join(scratch, 'config')
  const plugin = path.join(directory, 'cli-plugins', 'docker-buildx')
  await mkdir(path.dirname(plugin), {recursive: true})
  await writeFile(plugin, '#!/bin/sh\nexit 1\n')
  await chmod(plugin, 0o755)
  return directory
}
