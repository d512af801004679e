import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {inspectBuilder} from '../../../src/builder/inspect-builder.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {scriptedProcesses, type Script} from '../../../testing/fake-io.ts'

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
  // `podman buildx inspect`.
  const podmanBuilder = `Name:   default
Driver: podman

Nodes:
Name:       default
Endpoint:
Status:     running
Buildkit:   N/A
Platforms:  linux/amd64
`
  const rows: readonly Row[] = [
    {
      name: 'a builder that runs all',
      given: {platforms: 'linux/amd64,linux/arm64'},
      script: () => ({stdout: captured('inspect-containerd-store')}),
      expected: undefined,
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
      name: 'Podman, which describes its builder and ends with code 0',
      given: {platforms: 'linux/amd64'},
      script: () => ({stdout: podmanBuilder, stderr: 'Emulate Docker CLI using podman.'}),
      expected: 'buildx-missing',
    },
    {
      name: 'Podman without its note on standard error',
      given: {platforms: 'linux/amd64'},
      script: () => ({stdout: podmanBuilder}),
      expected: 'buildx-missing',
    },
    {
      name: 'a stopped builder',
      given: {platforms: 'linux/amd64'},
      script: () => ({stdout: captured('inspect-inactive')}),
      expected: undefined,
    },
  ]

  test.each(rows)('$name', async ({given, script, expected}) => {
    const processes = scriptedProcesses(script)
    expect(await outcome(inspectBuilder(given['builder'], env, {processes}))).toBe(expected)
    const name = given['builder'] === undefined ? [] : [given['builder']]
    expect(processes.commands).toEqual([{file: 'docker', args: ['buildx', 'inspect', ...name], env}])
  })

  test.each([
    {
      name: 'driver docker with containerd',
      fixture: 'inspect-containerd-store',
      staging: 'oci-layout',
    },
    {name: 'the docker driver without it', fixture: 'inspect-docker-driver', staging: 'none'},
    {name: 'a remote BuildKit', fixture: 'inspect-remote', staging: 'push-by-digest'},
  ])('says how an image leaves $name, whichever platforms are asked for', async ({fixture, staging}) => {
    const processes = scriptedProcesses(() => ({stdout: captured(fixture)}))
    expect(await inspectBuilder(undefined, env, {processes})).toMatchObject({staging, errors: []})
  })
})

test('a builder that has to say what it can is booted, which a cancelled run ends', async () => {
  const processes = scriptedProcesses(() => ({stdout: captured('inspect-containerd-store')}))
  await inspectBuilder('mine', {}, {processes}, true)
  expect(processes.commands.map(({args}) => args.join(' '))).toEqual(['buildx inspect --bootstrap mine'])
})
