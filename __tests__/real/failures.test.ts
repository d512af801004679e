import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {changesOf, startRegistry, type Registry} from '../../testing/registry.ts'
import {Step, type StepOptions} from '../../testing/runner.ts'
import {expectFailure} from '../../testing/failure.ts'
import {publishTo} from '../../testing/sample.ts'
import {plainDockerfile, shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
/** Name of a Git tag for which the time of `(a+)+$` doubles with every letter. */
const endless = `${'a'.repeat(120)}!`
let registry: Registry
let workspace: Workspace
let scratch: string

beforeAll(async () => {
  ;[registry, workspace, scratch] = await Promise.all([
    startRegistry({login}),
    workspaceOf({
      Dockerfile: plainDockerfile,
      'failing/Dockerfile': [...shellDockerfile, 'RUN echo the reason is here; exit 3'],
      'full/Dockerfile': [...shellDockerfile, 'RUN /bin/busybox dd if=/dev/zero of=/dev/full bs=1 count=1'],
      'unknown-base/Dockerfile': ['FROM 127.0.0.1:1/missing/base', ...plainDockerfile.slice(1)],
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
  /** Values in the message or in its evidence. */
  readonly values: readonly string[]
  /** Remedy, if it differs from that of the code. */
  readonly remedy?: string
  /** Whether `docker buildx build` was started. */
  readonly built?: true
}

const failings: readonly Failing[] = [
  {
    name: 'a wrong password',
    inputs: () => ({password: 'an-old-password'}),
    code: 'login-refused',
    values: ['robot', 'docker login', '401 Unauthorized'],
  },
  {
    name: 'a registry that does not exist',
    inputs: () => ({registry: '127.0.0.1:1', images: '127.0.0.1:1/team/app'}),
    code: 'login-failed',
    values: ['The login to 127.0.0.1:1 failed', 'the connection was refused'],
    remedy: 'the port of 127.0.0.1:1',
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
    name: 'a failing RUN',
    inputs: () => ({context: 'failing', 'build-contexts': shellContext(), 'no-cache': 'true'}),
    code: 'build-failed',
    values: [
      'the reason is here',
      'Dockerfile:6',
      'RUN echo the reason is here; exit 3',
      'exit code: 3',
      'ended with code 1',
    ],
    built: true,
  },
  {
    name: 'a full disk, which is that of the engine',
    inputs: () => ({context: 'full', 'build-contexts': shellContext(), 'no-cache': 'true'}),
    code: 'disk-full',
    values: ['No space left on device', ' engine (/', 'B are free', 'data-root'],
    remedy: 'data-root',
    built: true,
  },
  {
    name: 'an invalid Dockerfile',
    inputs: () => ({context: 'syntax'}),
    code: 'dockerfile-invalid',
    values: ['CUPY'],
    built: true,
  },
  {
    name: 'a base image that cannot be pulled',
    inputs: () => ({context: 'unknown-base'}),
    code: 'base-image-unreachable',
    values: ['127.0.0.1:1/missing/base', 'connection refused'],
    built: true,
  },
  {
    name: 'an SBOM generator that cannot be pulled',
    inputs: () => ({sbom: 'generator=127.0.0.1:1/tools/generator:1', 'build-contexts': shellContext()}),
    code: 'sbom-generator-unreachable',
    values: ['127.0.0.1:1/tools/generator', 'connection refused'],
    built: true,
  },
  {
    name: 'an engine that does not answer',
    // A login to a plain HTTP registry needs the engine, and would fail first.
    inputs: () => ({registry: '', username: '', password: ''}),
    env: async () => Promise.resolve({DOCKER_HOST: `unix://${scratch}/docker.sock`}),
    code: 'engine-unreachable',
    values: ['docker.sock'],
  },
  {
    name: 'no `docker` on the PATH',
    env: async () => Promise.resolve({PATH: scratch}),
    code: 'docker-missing',
    values: ['docker: not found'],
  },
  {
    name: 'no Buildx',
    env: async () => ({DOCKER_CONFIG: await configWithBrokenBuildx()}),
    code: 'buildx-missing',
    values: ['unknown command: docker buildx', 'buildx inspect'],
  },
  {
    name: 'no Buildx, with `platforms`',
    inputs: () => ({platforms: 'linux/amd64'}),
    env: async () => ({DOCKER_CONFIG: await configWithBrokenBuildx()}),
    code: 'buildx-missing',
    values: ['buildx inspect'],
  },
  {
    name: 'an unknown builder, with `platforms`',
    inputs: () => ({builder: 'absent', platforms: 'linux/amd64'}),
    code: 'builder-missing',
    values: ['no builder "absent" found'],
  },
  {
    name: 'an unknown builder',
    inputs: () => ({builder: 'absent'}),
    code: 'builder-missing',
    values: ['no builder "absent" found'],
  },
  {
    name: 'rules for other events',
    inputs: () => ({tags: 'type=ref,event=branch'}),
    code: 'nothing-to-tag',
    values: ['push of refs/tags/v1.2.3', 'type=ref,event=branch'],
  },
  {
    name: 'an exponential regular expression, for a long Git tag',
    inputs: () => ({tags: 'stable\ntype=match,pattern=(a+)+$'}),
    env: async () => Promise.resolve({GITHUB_REF: `refs/tags/${endless}`, GITHUB_REF_NAME: endless}),
    code: 'input-invalid',
    values: ['tags, line 2, column 20', '/(a+)+$/', endless, '300 ms'],
  },
  {
    name: 'exponential regular expressions in all other places of a rule',
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
    values: ['platform: ', '`platforms`'],
  },
  {
    name: 'an input of a later release',
    inputs: () => ({'extra-args': '--quiet'}),
    code: 'input-invalid',
    values: ['extra-args'],
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

describe('a failed run exits with code 1, states cause and remedy, and pushes nothing', () => {
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

describe('two registries, one of which refuses the login', () => {
  test('receive nothing', async () => {
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
    expectFailure(result, {code: 'login-refused', values: [other.host, 'robot']})
    expect(result.log).not.toContain('::group::docker buildx build')
    expect(await writes(registry)).toEqual([])
    expect(await writes(other)).toEqual([])
  })

  test('both refusals are reported', async () => {
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
      values: [registry.host, other.host, 'robot'],
    })
  })
})

/** Requests that could have changed a registry. */
async function writes(of: Registry): Promise<readonly string[]> {
  return changesOf(await of.requests()).map(({method, path: at}) => `${method} ${at}`)
}

/**
 * Configuration with a broken Buildx plugin. A plugin of the user takes precedence over those of the machine, and a
 * broken plugin is ignored by the CLI.
 */
async function configWithBrokenBuildx(): Promise<string> {
  const directory = path.join(scratch, 'config')
  const plugin = path.join(directory, 'cli-plugins', 'docker-buildx')
  await mkdir(path.dirname(plugin), {recursive: true})
  await writeFile(plugin, '#!/bin/sh\nexit 1\n')
  await chmod(plugin, 0o755)
  return directory
}
