import {readFileSync} from 'node:fs'
import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import type {Io} from '../src/io/io.ts'
import type {GitHub} from '../src/io/github.ts'
import type {Command, CommandResult} from '../src/io/command.ts'
import {TagboatError} from '../src/errors/error.ts'
import {memoryContent} from './content-server.ts'
import {loadEvent} from './events.ts'
import {fakeIo, scriptedGitHub, scriptedProcesses, temporaryDirectory, type FakeIo} from './fake-io.ts'
import {makeImage, memoryNetwork, type ImageContent, type TestImage, type MemoryRegistry} from './memory-registry.ts'
import {writeLayout} from './write-layout.ts'

/** Fixture with the output of `docker buildx inspect`. */
export type BuilderFixture = 'inspect-containerd-store' | 'inspect-docker-driver' | 'inspect-remote'

/** Result of a program. If undefined, the scripted Docker answers. */
export type ProgramScript = (
  command: Command,
) => Partial<CommandResult> | undefined | Promise<Partial<CommandResult> | undefined>

export interface Scenario {
  readonly event?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly inputs: Readonly<Record<string, string>>
  /** Whether the command has the input `context`. Default: true. */
  readonly builds?: boolean
  /** Registries in the network. */
  readonly registries?: readonly MemoryRegistry[]
  /** Default: an engine with the containerd image store. */
  readonly builder?: BuilderFixture
  /** Whether the content of the builder can be read. Default: true. */
  readonly readable?: boolean
  /** Result of a build, which also has the labels of the build. */
  readonly image?: ImageContent
  readonly program?: ProgramScript
  readonly gitHub?: Partial<GitHub>
  readonly signal?: AbortSignal
  /** Marker of the run's processes, which begins the name of its builder. */
  readonly marker?: string
  /** Network instead of `registries`. */
  readonly http?: Io['http']
  /** Default: waits take no time. */
  readonly timer?: Io['timer']
  /** Default: a stopped clock. */
  readonly now?: Io['now']
}

/** Result of a command. */
export interface CommandRun {
  readonly io: FakeIo
  readonly failure: TagboatError | undefined
  /** Started programs, sorted, such as `bash`, `buildx build` and `login`. */
  readonly programs: readonly string[]
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  /** Files in RUNNER_TEMP after the command, except Bake files and builders of the job, which exist until the post step. */
  readonly leftFiles: readonly string[]
  /** Whether the user's Docker configuration is unchanged. */
  readonly isUserConfigUnchanged: boolean
}

const userConfig = '{"auths":{"quay.io":{"auth":"dGhlaXJzOng="}}}'

/** Runs a command with registries in memory and scripted programs. */
export async function runCommand(command: (io: Io) => Promise<void>, scenario: Scenario): Promise<CommandRun> {
  await using directory = await temporaryDirectory()
  const [temp, user, context] = ['temp', 'user', 'context'].map((name) => path.join(directory.path, name))
  if (temp === undefined || user === undefined || context === undefined) throw new Error('no directories')
  for (const one of [temp, user, context]) await mkdir(one)
  await writeFile(path.join(context, 'Dockerfile'), 'FROM scratch')
  await writeFile(path.join(user, 'config.json'), userConfig)
  const {environment, payloadPath} = loadEvent(scenario.event ?? 'push-tag')
  const {registries = [], signal = new AbortController().signal} = scenario
  const paths = {GITHUB_EVENT_PATH: payloadPath, GITHUB_WORKSPACE: directory.path, RUNNER_TEMP: temp}
  const variables = {...paths, DOCKER_CONFIG: user, PATH: '/bin'}
  const content = new Map<string, Uint8Array>()
  const io = fakeIo({
    ...(scenario.readable !== false && {connect: async () => Promise.resolve(memoryContent(content))}),
    environment: {...environment, ...variables, ...scenario.environment},
    inputs: new Map(Object.entries({...(scenario.builds === false ? {} : {context}), ...scenario.inputs})),
    processes: scriptedProcesses(async (started, onOutput) => {
      const result = await scenario.program?.(started)
      return result ?? scriptedDocker(started, {...scenario, content}, onOutput)
    }),
    signal,
    http: scenario.http ?? ((until) => memoryNetwork(registries, {signal: until})),
    ...(scenario.timer && {timer: scenario.timer}),
    ...(scenario.now && {now: scenario.now}),
    gitHub: () => scriptedGitHub(scenario.gitHub ?? {}),
    ...(scenario.marker !== undefined && {marker: scenario.marker}),
  })
  const failure = await failureOf(command(io))
  return {
    io,
    failure,
    programs: io.processes.commands.map(programOf).sort(),
    outputs: Object.fromEntries(io.workflow.outputs),
    summary: io.workflow.summaries.join(),
    leftFiles: (await readdir(temp)).filter((name) => !/^tagboat-(?:bake-|builders$)/.test(name)),
    isUserConfigUnchanged: (await readFile(path.join(user, 'config.json'), 'utf8')) === userConfig,
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

/** Values of a flag, in order. */
export function valuesOf({args}: Command, flag: string): readonly string[] {
  return args.flatMap((arg, index) => (args[index - 1] === flag ? [arg] : []))
}

/** Image that the scripted Docker builds for a command. */
export function builtImage(command: Command, content: ImageContent = {}): TestImage {
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

type ScriptedScenario = Scenario & {
  /** Content store of the builder. */
  readonly content: Map<string, Uint8Array>
}

async function scriptedDocker(
  command: Command,
  {builder = 'inspect-containerd-store', image, registries = [], content}: ScriptedScenario,
  onOutput: (chunk: string) => void,
): Promise<Partial<CommandResult>> {
  const program = programOf(command)
  if (program === 'buildx inspect') return {stdout: fixture(builder)}
  if (program !== 'buildx build') return {}
  onOutput('#0 building with "default" instance using docker driver\n')
  const built = builtImage(command, image)
  await exportImage(built, command, registries)
  for (const {digest, bytes} of built.manifests) content.set(digest, bytes)
  for (const [digest, bytes] of built.blobs) content.set(digest, bytes)
  const [metadata = '', imageId = ''] = ['--metadata-file', '--iidfile'].flatMap((flag) => valuesOf(command, flag))
  await writeFile(metadata, JSON.stringify({'containerimage.digest': built.digest}))
  if (imageId !== '') await writeFile(imageId, built.digest)
  return {}
}

function fixture(name: BuilderFixture): string {
  return readFileSync(path.join(import.meta.dirname, '..', '__tests__', 'fixtures', 'buildx', `${name}.txt`), 'utf8')
}

/** Exports the image to the outputs of the build. */
async function exportImage(image: TestImage, command: Command, registries: readonly MemoryRegistry[]): Promise<void> {
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
