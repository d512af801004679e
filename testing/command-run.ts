import {readFileSync} from 'node:fs'
import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import type {Io} from '../src/io/io.ts'
import type {GitHub} from '../src/io/github.ts'
import type {Command, CommandResult} from '../src/io/command.ts'
import {TagboatError} from '../src/errors/error.ts'
import {loadEvent} from './events.ts'
import {fakeIo, scriptedGitHub, scriptedProcesses, temporaryDirectory, type FakeIo} from './fake-io.ts'
import {makeImage, memoryNetwork, type ImageContent, type MadeImage, type MemoryRegistry} from './memory-registry.ts'
import {writeLayout} from './write-layout.ts'

/** A builder, by its fixture: what Docker prints of it. */
export type BuilderFixture = 'inspect-containerd-store' | 'inspect-docker-driver' | 'inspect-remote'

/** How a program ends instead; undefined: as the scripted Docker has it. */
export type ProgramScript = (
  command: Command,
) => Partial<CommandResult> | undefined | Promise<Partial<CommandResult> | undefined>

export interface Scenario {
  readonly event?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly inputs: Readonly<Record<string, string>>
  /** Whether the command takes a build context; true unless given. */
  readonly builds?: boolean
  /** The network. */
  readonly registries?: readonly MemoryRegistry[]
  /** The engine with the containerd image store, unless given. */
  readonly builder?: BuilderFixture
  /** What comes out of a build; its labels are those of the build besides. */
  readonly image?: ImageContent
  readonly program?: ProgramScript
  readonly gitHub?: Partial<GitHub>
  readonly signal?: AbortSignal
  /** A real network instead of `registries`. */
  readonly http?: Io['http']
  /** Waits take no time unless given. */
  readonly timer?: Io['timer']
}

/** What a command did. */
export interface CommandRun {
  readonly io: FakeIo
  readonly failure: TagboatError | undefined
  /** `login`, `buildx inspect`, `buildx build`, `bash`, in order of names. */
  readonly programs: readonly string[]
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  /** What is left in RUNNER_TEMP, but for the Bake files, which are there until the post step. */
  readonly left: readonly string[]
  /** Whether the user's Docker configuration is what it was. */
  readonly isUserConfigKept: boolean
}

const userConfig = '{"auths":{"quay.io":{"auth":"dGhlaXJzOng="}}}'

/** Runs a whole command over registries in memory and a Docker that the test plays. */
export async function runCommand(command: (io: Io) => Promise<void>, scene: Scenario): Promise<CommandRun> {
  await using directory = await temporaryDirectory()
  const [temp, user, context] = ['temp', 'user', 'context'].map((name) => path.join(directory.path, name))
  if (temp === undefined || user === undefined || context === undefined) throw new Error('no directories')
  for (const one of [temp, user, context]) await mkdir(one)
  await writeFile(path.join(context, 'Dockerfile'), 'FROM scratch')
  await writeFile(path.join(user, 'config.json'), userConfig)
  const {environment, payloadPath} = loadEvent(scene.event ?? 'push-tag')
  const {registries = [], signal = new AbortController().signal} = scene
  const places = {GITHUB_EVENT_PATH: payloadPath, GITHUB_WORKSPACE: directory.path, RUNNER_TEMP: temp}
  const variables = {...places, DOCKER_CONFIG: user, PATH: '/bin'}
  const io = fakeIo({
    environment: {...environment, ...variables, ...scene.environment},
    inputs: new Map(Object.entries({...(scene.builds === false ? {} : {context}), ...scene.inputs})),
    processes: scriptedProcesses(async (started, onOutput) => {
      const played = await scene.program?.(started)
      return played ?? scriptedDocker(started, scene, onOutput)
    }),
    signal,
    http: scene.http ?? ((until) => memoryNetwork(registries, {signal: until})),
    ...(scene.timer && {timer: scene.timer}),
    gitHub: () => scriptedGitHub(scene.gitHub ?? {}),
  })
  const failure = await failureOf(command(io))
  return {
    io,
    failure,
    programs: io.processes.commands.map(programOf).sort(),
    outputs: Object.fromEntries(io.workflow.outputs),
    summary: io.workflow.summaries.join(),
    left: (await readdir(temp)).filter((name) => !name.startsWith('tagboat-bake-')),
    isUserConfigKept: (await readFile(path.join(user, 'config.json'), 'utf8')) === userConfig,
  }
}

async function failureOf(running: Promise<void>): Promise<TagboatError | undefined> {
  try {
    await running
    return undefined
  } catch (error) {
    if (error instanceof TagboatError) return error
    throw error
  }
}

export function programOf({file, args}: Command): string {
  return file === 'docker' ? args.slice(0, args[0] === 'buildx' ? 2 : 1).join(' ') : file
}

/** What stands behind a flag, each time that it is given. */
export function valuesOf({args}: Command, flag: string): readonly string[] {
  return args.flatMap((arg, index) => (args[index - 1] === flag ? [arg] : []))
}

/** The image that the scripted Docker builds for a command. */
export function builtImage(command: Command, content: ImageContent = {}): MadeImage {
  const labels = pairs(valuesOf(command, '--label'))
  const ofIndex = valuesOf(command, '--annotation').flatMap((text) => /^[^=]*\bindex:(.*)$/s.exec(text)?.[1] ?? [])
  return makeImage({platforms: ['linux/amd64', 'linux/arm64'], ...content, labels, annotations: pairs(ofIndex)})
}

function pairs(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=')
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}

async function scriptedDocker(
  command: Command,
  {builder = 'inspect-containerd-store', image, registries = []}: Scenario,
  onOutput: (chunk: string) => void,
): Promise<Partial<CommandResult>> {
  const program = programOf(command)
  if (program === 'buildx inspect') return {stdout: fixture(builder)}
  if (program !== 'buildx build') return {}
  onOutput('#0 building with "default" instance using docker driver\n')
  const built = builtImage(command, image)
  await exportImage(built, command, registries)
  const [metadata = '', imageId = ''] = ['--metadata-file', '--iidfile'].flatMap((flag) => valuesOf(command, flag))
  await writeFile(metadata, JSON.stringify({'containerimage.digest': built.digest}))
  if (imageId !== '') await writeFile(imageId, built.digest)
  return {}
}

function fixture(name: BuilderFixture): string {
  return readFileSync(path.join(import.meta.dirname, '..', '__tests__', 'fixtures', 'buildx', `${name}.txt`), 'utf8')
}

/** The image goes where the outputs of the build say. */
async function exportImage(image: MadeImage, command: Command, registries: readonly MemoryRegistry[]): Promise<void> {
  const store = (name: string, tags: readonly string[]): void => {
    const [host = '', ...rest] = name.split('/')
    registries.find((registry) => registry.host === host)?.store(rest.join('/'), image, tags)
  }
  for (const output of valuesOf(command, '--output')) {
    const directory = /(?:^|,)dest=([^,]+)/.exec(output)?.[1]
    if (output.startsWith('type=oci,tar=false') && directory !== undefined) await writeLayout(directory, image)
    if (!output.includes(',push=true')) continue
    const names = /name=([^"]+?)(?:",|,push)/.exec(output)?.[1] ?? ''
    const isTagged = !output.includes('push-by-digest=true')
    for (const name of names.split(',')) {
      const at = isTagged ? name.lastIndexOf(':') : name.length
      store(name.slice(0, at), isTagged ? [name.slice(at + 1)] : [])
    }
  }
}
