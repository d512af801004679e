import path from 'node:path'
import {listWorkers, readVersion} from '../../buildkit/control.ts'
import {builderOfEngine, type Builder} from '../../buildx/inspect.ts'
import {withoutDockerCli, type Command} from '../../io/command.ts'
import type {Io} from '../../io/io.ts'
import type {PrivateDockerConfig} from '../../run/private-config.ts'
import {contextOf, defaultContext, defaultHost} from '../docker-context.ts'
import {engineSocket} from './engine-socket.ts'

interface EngineRun {
  readonly dockerConfig: Pick<PrivateDockerConfig, 'directory' | 'env' | 'userConfig'>
  readonly io: Pick<Io, 'dial' | 'files'>
  /** Reports whether the command runs the Buildx of the Docker CLI, and no script in its place. */
  readonly runsBuildx: (command: Command) => Promise<boolean>
}

/**
 * Reads the features of the engine's own builder from the engine, over its socket. `docker buildx inspect` reports the
 * same, and takes a tenth of a second of processor time for it. Undefined if Buildx may use another builder, or the
 * engine does not respond: then `docker buildx inspect` runs, which also reports the reason.
 */
export async function engineBuilder(name: string | undefined, run: EngineRun): Promise<Builder | undefined> {
  const {dockerConfig, io, runsBuildx} = run
  const {env} = dockerConfig
  const socket = engineSocket(defaultHost(env))
  const command = {file: 'docker', args: ['buildx', 'inspect'], env}
  if (socket === undefined || contextOf(dockerConfig) !== defaultContext) return undefined
  try {
    if (!(await isEngines(name, run)) || !(await runsBuildx(command))) return undefined
    using connection = await io.dial(socket)
    const [[worker, ...others], version] = await Promise.all([listWorkers(connection), readVersion(connection)])
    if (worker === undefined || others.length > 0 || version === '') return undefined
    return builderOfEngine(defaultContext, {...worker, version})
  } catch {
    return undefined
  }
}

/** Reports whether a command of Buildx runs the plugin of the Docker CLI, so that its program and the CLI exist. */
export async function isPlugin(command: Command): Promise<boolean> {
  return (await withoutDockerCli(command)) !== command
}

/**
 * Reports whether Buildx uses the builder of the engine of the context `default`: no other one is named, selected by
 * `docker buildx use`, or created with the same name (buildx, store/store.go and store/storeutil/storeutil.go).
 */
async function isEngines(
  name: string | undefined,
  {dockerConfig: {directory, env}, io: {files}}: EngineRun,
): Promise<boolean> {
  const {BUILDX_BUILDER: chosen = '', BUILDX_CONFIG: configured = ''} = env
  const named = name ?? chosen
  const buildx = configured === '' ? path.join(directory, 'buildx') : configured
  if (await files.exists(path.join(buildx, 'instances', defaultContext))) return false
  if (named !== '') return named === defaultContext
  const [current, defaults] = await Promise.all([
    files.read(path.join(buildx, 'current')),
    files.list(path.join(buildx, 'defaults')),
  ])
  return defaults.length === 0 && (current === undefined || selectedIn(current) === '')
}

/** Name of the builder that `docker buildx use` has selected. @throws SyntaxError */
function selectedIn(text: string): unknown {
  const parsed: unknown = JSON.parse(text)
  return typeof parsed === 'object' && parsed !== null && 'Name' in parsed ? parsed.Name : undefined
}
