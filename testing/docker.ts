import {execFile} from 'node:child_process'
import path from 'node:path'
import {promisify} from 'node:util'

const run = promisify(execFile)

/** Runs a `docker` command, optionally with another configuration directory, and returns its output. @throws if it fails. */
export async function docker(
  args: readonly string[],
  config?: string,
  variables: Readonly<Record<string, string | undefined>> = {},
): Promise<string> {
  const env = {...process.env, ...(config !== undefined && {DOCKER_CONFIG: config}), ...variables}
  const {stdout} = await run('docker', [...args], {env, maxBuffer: 64 * 1024 * 1024})
  return stdout
}

/** Address of the engine that the tests use. */
export async function engineAddress(): Promise<string> {
  const set = process.env['DOCKER_HOST']
  if (set !== undefined && set !== '') return set
  return (await docker(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'])).trim()
}

/** Folder of the Buildx that the CLI of this machine finds, for `cliPluginsExtraDirs` of another configuration. */
export async function pluginDirectory(): Promise<string> {
  const {ClientInfo: client} = JSON.parse(await docker(['info', '--format', '{{json .}}'])) as {
    readonly ClientInfo: {readonly Plugins: readonly {readonly Name: string; readonly Path: string}[]}
  }
  const plugin = client.Plugins.find(({Name: name}) => name === 'buildx')
  if (plugin === undefined) throw new Error('docker info names no Buildx')
  return path.dirname(plugin.Path)
}

/** Path of a program on the PATH. */
export async function programPath(name: string): Promise<string> {
  const {stdout} = await run('sh', ['-c', 'command -v "$1"', 'sh', name])
  return stdout.trim()
}
