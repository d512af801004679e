/**
 * What the action costs over the plain commands, side by side in one run: a warm build of the sample with the same tags,
 * pushed to a registry on loopback by Tagboat (main and post) and by `docker login`, `docker buildx build --push`,
 * `docker logout`. Rounds alternate, so that both see the same machine. Also how soon the first child process starts,
 * and how much code every run loads.
 *
 *   npm run bench [-- ROUNDS]
 */
import {spawn} from 'node:child_process'
import {chmod, mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {watchLoadedFiles} from '../__tests__/support/loaded-files.ts'
import {startRegistry, type Registry} from '../__tests__/support/registry.ts'
import {Step} from '../__tests__/support/runner.ts'
import {planOf} from '../__tests__/support/reports.ts'
import {busyboxDirectory, sampleDirectory} from '../__tests__/support/sample.ts'

const rounds = Number(process.argv[2] ?? 15)
const login = {username: 'bench', password: 'bench-password'}
const repository = 'team/bench'
const buildArg = 'VERSION=1.2.3'

interface Cost {
  readonly wallMs: number
  /** User and system time of the process and of all that it waited for. */
  readonly cpuMs: number
}

async function main(): Promise<void> {
  await using registry = await startRegistry({login})
  const tags = await warmUp(registry)
  const costs: Record<'tagboat' | 'plain', Cost[]> = {tagboat: [], plain: []}
  for (let round = 0; round < rounds; round += 1) {
    costs.tagboat.push(await tagboat(registry))
    costs.plain.push(await plain(registry, tags))
  }
  const [ours, theirs] = [median(costs.tagboat), median(costs.plain)]
  console.log(`${rounds} rounds, ${tags.length} tags, warm build, registry on loopback; medians`)
  console.log(row('', 'wall', 'CPU'))
  console.log(row('tagboat (main and post)', ms(ours.wallMs), ms(ours.cpuMs)))
  console.log(row('docker login, buildx build --push, logout', ms(theirs.wallMs), ms(theirs.cpuMs)))
  console.log(row('difference', ms(ours.wallMs - theirs.wallMs), ms(ours.cpuMs - theirs.cpuMs)))
  console.log(row('ratio', (ours.wallMs / theirs.wallMs).toFixed(2), (ours.cpuMs / theirs.cpuMs).toFixed(2)))
  console.log(`\nprocess start to first child process: ${ms(await firstChild(registry))}`)
  console.log(`planning 200 rules for 20 images: ${ms(await planning())}`)
  console.log(`dry run over node -e 0: ${ms(await dryRun(registry))}`)
  console.log(`code that every run loads: ${Math.round((await loadedBytes(registry)) / 1000)} kB`)
}

function stepOptions(registry: Registry): Parameters<typeof Step.prepare>[0] {
  const inputs = {
    images: `${registry.host}/${repository}`,
    registry: registry.host,
    ...login,
    'build-args': buildArg,
    'build-contexts': `busybox=${busyboxDirectory()}`,
  }
  return {event: 'push-tag', workspace: sampleDirectory, inputs}
}

/** Fills the build cache and the registry; the tags that were published. */
async function warmUp(registry: Registry): Promise<readonly string[]> {
  await using step = await Step.prepare(stepOptions(registry))
  const {exitCode, outputs, log} = await step.run()
  if (exitCode !== 0) throw new Error(log)
  return (outputs.get('tags') ?? '').split('\n')
}

async function tagboat(registry: Registry): Promise<Cost> {
  await using step = await Step.prepare(stepOptions(registry))
  return await measure(async () => {
    const {exitCode, log} = await step.run()
    if (exitCode !== 0) throw new Error(log)
  })
}

/** The Docker configuration is private here too, and as small. */
async function plain(registry: Registry, tags: readonly string[]): Promise<Cost> {
  const home = await mkdtemp(path.join(tmpdir(), 'tagboat-bench-'))
  const user = process.env['DOCKER_CONFIG'] ?? ''
  const env = {...process.env, DOCKER_CONFIG: home}
  await writeFile(
    path.join(home, 'config.json'),
    JSON.stringify({cliPluginsExtraDirs: [path.join(user, 'cli-plugins')]}),
  )
  const cost = await measure(async () => {
    await docker(['login', '--username', login.username, '--password-stdin', registry.host], env, login.password)
    const flags = ['--push', '--build-arg', buildArg, '--build-context', `busybox=${busyboxDirectory()}`]
    await docker(['buildx', 'build', ...flags, ...tags.flatMap((tag) => ['--tag', tag]), sampleDirectory], env)
    await docker(['logout', registry.host], env)
  })
  await rm(home, {recursive: true})
  return cost
}

async function docker(args: readonly string[], env: NodeJS.ProcessEnv, input = ''): Promise<void> {
  const child = spawn('docker', args, {env, stdio: ['pipe', 'ignore', 'pipe']})
  const errors: string[] = []
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => errors.push(chunk))
  child.stdin.end(input)
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`docker ${args[0] ?? ''}: ${errors.join('')}`)
}

async function measure(body: () => Promise<void>): Promise<Cost> {
  const [start, cpu] = [performance.now(), await childrenCpuMs()]
  await body()
  return {wallMs: performance.now() - start, cpuMs: (await childrenCpuMs()) - cpu}
}

/** CPU time of all ended descendants (proc(5), /proc/[pid]/stat, cutime and cstime, in ticks of 10 ms). */
async function childrenCpuMs(): Promise<number> {
  const text = await readFile('/proc/self/stat', 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) * 10
}

/** A `docker` that writes down when it was started, and fails. */
async function firstChild(registry: Registry): Promise<number> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tagboat-bench-'))
  const started = path.join(directory, 'started')
  const program = path.join(directory, 'docker')
  await writeFile(program, `#!/bin/sh\n[ -e ${started} ] || date +%s%3N > ${started}\nexit 1\n`)
  await chmod(program, 0o755)
  const options = stepOptions(registry)
  const delays: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    await rm(started, {force: true})
    await using step = await Step.prepare({...options, env: {PATH: `${directory}:${process.env['PATH'] ?? ''}`}})
    const start = Date.now()
    await step.main()
    delays.push(Number(await readFile(started, 'utf8')) - start)
  }
  await rm(directory, {recursive: true})
  return middle(delays)
}

/** Inputs of this size, read, planned and explained; the first round warms the compiler up and does not count. */
async function planning(): Promise<number> {
  const kinds = ['type=semver,pattern={{version}}', 'type=sha', 'type=ref,event=tag', 'type=raw,value={{tag}}']
  const tags = Array.from({length: 200}, (_, index) => `${kinds[index % kinds.length] ?? ''},suffix=-${index}`)
  const images = Array.from({length: 20}, (_, index) => `registry.example/team/app-${index}`)
  const given = {images: images.join('\n'), tags: tags.join('\n')}
  const durations: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const start = performance.now()
    await planOf('push-tag', given)
    if (round > 0) durations.push(performance.now() - start)
  }
  return middle(durations)
}

/** The whole dry run, from process start to exit, over a Node that does nothing. */
async function dryRun(registry: Registry): Promise<number> {
  const options = stepOptions(registry)
  const [ours, node]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    await using step = await Step.prepare({...options, inputs: {...options.inputs, 'dry-run': 'true'}})
    const {wallMs} = await measure(async () => {
      await step.main()
    })
    ours.push(wallMs)
    const start = performance.now()
    await new Promise((resolve) => spawn(process.execPath, ['-e', '0']).once('close', resolve))
    node.push(performance.now() - start)
  }
  return middle(ours) - middle(node)
}

/** The files of the bundle that a publishing run imports, by Node's own account. */
async function loadedBytes(registry: Registry): Promise<number> {
  await using watch = await watchLoadedFiles()
  await using step = await Step.prepare({...stepOptions(registry), env: watch.env})
  const {exitCode, log} = await step.main()
  if (exitCode !== 0) throw new Error(log)
  const sizes = await Promise.all((await watch.list()).map(async (file) => (await stat(file)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

function median(costs: readonly Cost[]): Cost {
  return {wallMs: middle(costs.map(({wallMs}) => wallMs)), cpuMs: middle(costs.map(({cpuMs}) => cpuMs))}
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function row(name: string, wall: string, cpu: string): string {
  return `${name.padEnd(44)}${wall.padStart(10)}${cpu.padStart(10)}`
}

function ms(value: number): string {
  return `${Math.round(value)} ms`
}

await main()
