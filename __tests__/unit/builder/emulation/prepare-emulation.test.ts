import {describe, expect, test} from '@jest/globals'
import {publish} from '../../../../src/commands/publish.ts'
import {programOf, runCommand} from '../../../../testing/command-run.ts'

const configuration = `[worker]
  [worker.oci]
    platforms = ["linux/arm64", "linux/amd64"]`

interface Given {
  /** Platforms that the engine of the builder runs. */
  readonly engine: string
  /** Text of buildkitd.toml, as Buildx shows it. */
  readonly configuration?: string
  readonly driver?: string
  readonly inputs?: Readonly<Record<string, string>>
}

interface Outcome {
  readonly failure: unknown
  /** Architectures of the installed emulators. */
  readonly installed: readonly string[]
  readonly log: readonly string[]
}

function inspected(name: string, driver: string, platforms: string): string {
  return `Name: ${name}\nDriver: ${driver}\n\nNodes:\nName: ${name}0\nEndpoint: default\nStatus: running\nPlatforms: ${platforms}\n`
}

/** Runs a build with a builder of this configuration. BuildKit lists its configured platforms first. */
async function build({
  engine,
  configuration: text = configuration,
  driver = 'docker-container',
  inputs,
}: Given): Promise<Outcome> {
  const file = `File#buildkitd.toml:\n${text
    .split('\n')
    .map((line) => ` > ${line}`)
    .join('\n')}\n\n`
  const done = await runCommand(publish, {
    inputs: {push: 'false', builder: 'mine', ...inputs},
    program: (command) => {
      const program = programOf(command)
      if (program === 'buildx inspect') {
        const isEngine = command.args.includes('default')
        if (isEngine) return {stdout: inspected('default', 'docker', engine)}
        return {stdout: inspected('mine', driver, 'linux/arm64, linux/amd64') + file}
      }
      if (program === 'image') return {exitCode: 1}
      return program === 'run' ? {stdout: '{"supported": ["linux/amd64", "linux/arm64"]}'} : undefined
    },
  })
  const runs = done.io.processes.commands.filter((command) => programOf(command) === 'run')
  return {
    failure: done.failure,
    installed: runs.map(({args}) => args.at(-1) ?? ''),
    log: done.io.workflow.log,
  }
}

const line = expect.stringContaining(
  'linux/arm64, linux/amd64. Without `platforms`, the image is built for linux/arm64',
)

describe('a builder whose BuildKit configuration sets platforms', () => {
  test.each<{name: string; given: Given; installed: readonly string[]; hasLine: boolean}>([
    {
      name: 'gets an emulator for the first one if its machine does not run it',
      given: {engine: 'linux/amd64, linux/386'},
      installed: ['arm64'],
      hasLine: true,
    },
    {
      name: 'gets none if its machine runs the first one',
      given: {engine: 'linux/amd64, linux/arm64'},
      installed: [],
      hasLine: true,
    },
    {
      name: 'gets none for the first one if others are requested',
      given: {engine: 'linux/amd64', inputs: {platforms: 'linux/amd64'}},
      installed: [],
      hasLine: false,
    },
    {
      name: 'gets emulators for requested platforms that it only states',
      given: {engine: 'linux/amd64', inputs: {platforms: 'linux/amd64,linux/arm64'}},
      installed: ['arm64'],
      hasLine: false,
    },
    {
      name: 'gets none if the platforms of its machine are unknown',
      given: {engine: 'linux/amd64', driver: 'remote'},
      installed: [],
      hasLine: true,
    },
    {
      name: 'gets none with the setting in another table',
      given: {engine: 'linux/amd64', configuration: '[other]\nplatforms = ["linux/arm64"]'},
      installed: [],
      hasLine: false,
    },
  ])('$name', async ({given, installed, hasLine}) => {
    const outcome = await build(given)
    expect({failure: outcome.failure, installed: outcome.installed}).toEqual({failure: undefined, installed})
    expect(outcome.log).toEqual(hasLine ? expect.arrayContaining([line]) : expect.not.arrayContaining([line]))
  })

  test('is used with `qemu: never`, and the log names the platform that it cannot run', async () => {
    const {failure, installed, log} = await build({engine: 'linux/amd64', inputs: {qemu: 'never'}})
    expect({failure, installed}).toEqual({failure: undefined, installed: []})
    expect(log).toContainEqual(expect.stringContaining('The builder "mine" cannot run linux/arm64'))
  })
})
