import {spawn, type ChildProcess} from 'node:child_process'
import {closeSync, openSync} from 'node:fs'
import {chmod, cp, mkdir, mkdtemp, readFile, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {docker, pluginDirectory, programPath} from './docker.ts'
import {asRoot, rootCommand} from './root.ts'

/** Docker engine beside that of the tests, with data, containerd and bridge of its own. */
export interface SecondEngine extends AsyncDisposable {
  /** Value of `DOCKER_HOST`. */
  readonly address: string
  /** Value of `DOCKER_CONFIG`: a configuration without builders, which every user can read. */
  readonly config: string
  /** Directory with the Docker CLI and Buildx, which every user can run. */
  readonly programs: string
}

export interface SecondEngineOptions {
  /** Image store: that of containerd, or the classic one, whose builder can neither stage nor build several platforms. */
  readonly imageStore: 'containerd' | 'classic'
  /**
   * First three numbers of the network of its containers: a documentation range (RFC 5737), or one for benchmarks
   * (RFC 2544), which the internet does not use. Machines without direct access to the internet may use other such
   * ranges for their gateways, and a bridge with the same range would hide them.
   */
  readonly network: '198.51.100' | '198.18.0'
  /** Group that may access the socket. Default: root. */
  readonly gid?: number
}

/** Starts the engine. It ends, and its bridge, images and files are removed, when it is disposed of. */
export async function startSecondEngine({imageStore, network, gid = 0}: SecondEngineOptions): Promise<SecondEngine> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tagboat-engine-'))
  await chmod(directory, 0o755)
  const bridge = `tgb${process.pid}`
  const inside = (name: string): string => path.join(directory, name)
  const address = `unix://${inside('docker.sock')}`
  const settings = {
    features: {'containerd-snapshotter': imageStore === 'containerd'},
    hosts: [address],
    group: String(gid),
    bridge,
    pidfile: inside('docker.pid'),
    'exec-root': inside('exec'),
    'data-root': inside('data'),
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
    iptables: false,
    ip6tables: false,
    'shutdown-timeout': 5,
  }
  await writeFile(inside('daemon.json'), JSON.stringify(settings))
  const config = await readableConfig(inside('config'))
  const programs = await readablePrograms(inside('bin'))
  await asRoot('ip', 'link', 'add', 'name', bridge, 'type', 'bridge')
  await asRoot('ip', 'address', 'add', `${network}.1/24`, 'dev', bridge)
  await asRoot('ip', 'link', 'set', bridge, 'up')
  const log = openSync(inside('engine.log'), 'w')
  const [file, ...args] = await rootCommand('dockerd', '--config-file', inside('daemon.json'))
  const daemon = spawn(file, args, {stdio: ['ignore', log, log]})
  closeSync(log)
  const dispose = async (): Promise<void> => {
    await end(daemon, inside('docker.pid'))
    await asRoot('ip', 'link', 'delete', bridge).catch(() => undefined)
    await asRoot('rm', '-rf', '--one-file-system', directory)
  }
  try {
    await ready(daemon, {address, config, log: inside('engine.log')})
  } catch (error) {
    await dispose()
    throw error
  }
  return {address, config, programs, [Symbol.asyncDispose]: dispose}
}

async function ready(
  daemon: ChildProcess,
  {address, config, log}: {readonly address: string; readonly config: string; readonly log: string},
): Promise<void> {
  while (daemon.exitCode === null) {
    const answers = await docker(['version'], config, {DOCKER_HOST: address}).then(
      () => true,
      () => false,
    )
    if (answers) return
    await sleep(200)
  }
  throw new Error(`dockerd ended with code ${daemon.exitCode}:\n${(await readFile(log, 'utf8')).slice(-2000)}`)
}

async function end(daemon: ChildProcess, pidFile: string): Promise<void> {
  const pid = (await readFile(pidFile, 'utf8').catch(() => '')).trim()
  if (daemon.exitCode !== null) return
  const ended = new Promise((resolve) => daemon.once('exit', resolve))
  if (pid === '') daemon.kill('SIGTERM')
  else await asRoot('kill', '-TERM', pid)
  await ended
}

async function readableConfig(directory: string): Promise<string> {
  await mkdir(path.join(directory, 'cli-plugins'), {recursive: true})
  const plugin = path.join(await pluginDirectory(), 'docker-buildx')
  await cp(plugin, path.join(directory, 'cli-plugins', 'docker-buildx'), {dereference: true})
  await writeFile(path.join(directory, 'config.json'), '{}')
  return directory
}

async function readablePrograms(directory: string): Promise<string> {
  await mkdir(directory)
  await cp(await programPath('docker'), path.join(directory, 'docker'), {dereference: true})
  return directory
}
