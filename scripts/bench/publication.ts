import {spawn} from 'node:child_process'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {pluginDirectory} from '../../testing/docker.ts'
import type {RemoteBuilder} from '../../testing/remote-builder.ts'
import {Step} from '../../testing/runner.ts'
import {busyboxDirectory, sampleDirectory} from '../../testing/sample.ts'
import {measure, type Cost} from './measure.ts'

export const login = {username: 'bench', password: 'bench-password'}
const buildArg = 'VERSION=1.2.3'

/** Publication of one round. */
export interface Publication {
  readonly hosts: readonly string[]
  /** Path of the repository in each of them. */
  readonly repository: string
  /** Version such as `1.4.0`. It is a build argument, so that each version is a different image. */
  readonly version: string
  readonly tagCount: number
  /** Builder of the user. Default: that of the engine. */
  readonly builder?: Pick<RemoteBuilder, 'name' | 'config'> | undefined
  /** Build context. Default: the sample. */
  readonly directory?: string
}

/** Tags of a publication: the version, then floating tags. */
export function tagsOf({version, tagCount}: Publication): readonly string[] {
  const [major = '', minor = ''] = version.split('.')
  const others = Array.from({length: Math.max(0, tagCount - 5)}, (_, index) => `channel-${index}`)
  return [version, `${major}.${minor}`, major, 'latest', 'stable', ...others].slice(0, tagCount)
}

export function stepOptions(publication: Publication): Parameters<typeof Step.prepare>[0] {
  const {hosts, repository, version, builder, directory = sampleDirectory} = publication
  const [, minor, major, latest, ...others] = tagsOf(publication)
  const rule = (pattern: string): string => `type=semver,pattern=${pattern},value=${version}`
  const rules = [
    rule('{{version}}'),
    ...(minor === undefined ? [] : [rule('{{major}}.{{minor}}')]),
    ...(major === undefined ? [] : [rule('{{major}}')]),
    ...others,
  ]
  const inputs = {
    images: hosts.map((host) => `${host}/${repository}`).join('\n'),
    tags: rules.join('\n'),
    flavor: `latest=${String(latest !== undefined)}`,
    ...loginInputs(hosts),
    'build-args': buildArg,
    'build-contexts': `busybox=${busyboxDirectory()}`,
    ...(builder && {builder: builder.name}),
  }
  return {
    event: 'push-tag',
    workspace: directory,
    inputs,
    ...(builder && {env: {DOCKER_CONFIG: builder.config}}),
  }
}

function loginInputs(hosts: readonly string[]): Readonly<Record<string, string>> {
  const [first = '', ...others] = hosts
  if (others.length === 0) return {registry: first, ...login}
  const entry = (host: string): string =>
    `- registry: ${host}\n  username: ${login.username}\n  password: ${login.password}`
  return {'registry-auth': hosts.map(entry).join('\n')}
}

/** The whole step, main and post. `watch` observes main, and ends after it. */
export async function tagboat(
  publication: Publication,
  watch: (step: Step, main: Promise<unknown>) => Promise<void> = async () => Promise.resolve(),
): Promise<Cost> {
  await using step = await Step.prepare(stepOptions(publication))
  return await measure(async () => {
    const main = step.main()
    await watch(step, main)
    const {exitCode, log} = await main
    if (exitCode !== 0) throw new Error(log)
    await step.post()
  })
}

/**
 * `docker login` for each registry, one build with all tags, `docker logout` for each. The Docker configuration is private
 * here too, and as small.
 */
export async function plain(publication: Publication, variables: NodeJS.ProcessEnv = {}): Promise<Cost> {
  const {hosts, repository, version, builder, directory = sampleDirectory} = publication
  const home = await mkdtemp(path.join(tmpdir(), 'tagboat-bench-'))
  const buildx = builder && {BUILDX_CONFIG: path.join(builder.config, 'buildx'), BUILDX_BUILDER: builder.name}
  const env = {...process.env, DOCKER_CONFIG: home, ...buildx, ...variables}
  await writeFile(path.join(home, 'config.json'), JSON.stringify({cliPluginsExtraDirs: [await pluginDirectory()]}))
  const tags = hosts.flatMap((host) => tagsOf(publication).map((tag) => `${host}/${repository}:${tag}`))
  const label = `org.opencontainers.image.version=${version}`
  const context = `busybox=${busyboxDirectory()}`
  const cost = await measure(async () => {
    for (const host of hosts) {
      await runDocker(['login', '--username', login.username, '--password-stdin', host], env, login.password)
    }
    const flags = ['--push', '--build-arg', buildArg, '--build-context', context, '--label', label]
    await runDocker(['buildx', 'build', ...flags, ...tags.flatMap((tag) => ['--tag', tag]), directory], env)
    for (const host of hosts) await runDocker(['logout', host], env)
  })
  await rm(home, {recursive: true})
  return cost
}

/** Runs a Docker command. @throws Error with its output if it fails. */
export async function runDocker(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  input = '',
): Promise<void> {
  const child = spawn('docker', args, {env, stdio: ['pipe', 'ignore', 'pipe']})
  const errors: string[] = []
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => errors.push(chunk))
  child.stdin.end(input)
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`docker ${args[0] ?? ''}: ${errors.join('')}`)
}
