import {chmod, mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {afterAll, expect, test} from '@jest/globals'
import {withoutDockerCli} from '../../../src/io/command.ts'

const elf = Buffer.from('7f454c4602010100', 'hex')
const script = Buffer.from('#!/bin/sh\n')
const made: string[] = []

afterAll(async () => {
  for (const directory of made) await rm(directory, {recursive: true})
})

interface Machine {
  /** Content of `docker` on the PATH, or the name of the program that it links to. */
  readonly docker?: Buffer | string
  readonly plugin?: Buffer
  readonly pluginMode?: number
  readonly config?: string
}

/** File that `docker buildx …` runs on a machine; the plugin is called `plugin`. */
async function programOf(
  {docker = elf, plugin = elf, pluginMode = 0o755, config}: Machine,
  {args = ['buildx', 'build', '.'], platform = 'linux'}: {args?: string[]; platform?: NodeJS.Platform} = {},
): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tagboat-plugin-'))
  made.push(directory)
  const [programs, plugins] = [path.join(directory, 'bin'), path.join(directory, 'cli-plugins')]
  await mkdir(programs)
  await mkdir(plugins)
  const target = path.join(programs, typeof docker === 'string' ? docker : 'docker')
  await writeFile(target, typeof docker === 'string' ? elf : docker, {mode: 0o755})
  if (typeof docker === 'string') await symlink(target, path.join(programs, 'docker'))
  const file = path.join(plugins, 'docker-buildx')
  await writeFile(file, plugin)
  await chmod(file, pluginMode)
  if (config !== undefined) await writeFile(path.join(directory, 'config.json'), config)
  const env = {PATH: `/nonexistent:${programs}`, DOCKER_CONFIG: directory}
  const command = await withoutDockerCli({file: 'docker', args, env}, platform)
  expect(command.args).toEqual(args)
  if (command.file !== file) return command.file
  expect(command.env).toEqual({...env, DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: 'docker'})
  return 'plugin'
}

test.each([
  {name: 'a compiled plugin', machine: {}, expected: 'plugin'},
  {name: 'a configuration without other directories', machine: {config: '{"auths":{}}'}, expected: 'plugin'},
  {name: 'a docker that is a script', machine: {docker: script}, expected: 'docker'},
  {name: 'a docker that is another program', machine: {docker: 'nerdctl'}, expected: 'docker'},
  {name: 'a plugin that is a script', machine: {plugin: script}, expected: 'docker'},
  {name: 'an empty plugin', machine: {plugin: Buffer.alloc(0)}, expected: 'docker'},
  {name: 'a plugin that cannot be run', machine: {pluginMode: 0o644}, expected: 'docker'},
  {name: 'further directories', machine: {config: '{"cliPluginsExtraDirs":["/opt"]}'}, expected: 'docker'},
])('Buildx is started as $expected with $name', async ({machine, expected}) => {
  expect(await programOf(machine)).toBe(expected)
})

test('a command that is not for Buildx, and any command on Windows, go to the Docker CLI', async () => {
  expect(await programOf({}, {args: ['info']})).toBe('docker')
  expect(await programOf({}, {platform: 'win32'})).toBe('docker')
})

test.each([
  {name: 'no docker on the PATH', env: {PATH: '/nonexistent', DOCKER_CONFIG: '/nonexistent'}},
  {name: 'a relative configuration directory', env: {PATH: '/usr/bin', DOCKER_CONFIG: 'config'}},
])('a command does not change with $name', async ({env}) => {
  const command = {file: 'docker', args: ['buildx', 'ls'], env}
  expect(await withoutDockerCli(command)).toBe(command)
})
