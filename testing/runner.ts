import {spawn, type ChildProcess} from 'node:child_process'
import {mkdtemp, mkdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {parse} from 'yaml'
import {loadEvent} from './events.ts'
import {asRoot, rootCommand} from './root.ts'

export const projectRoot = path.resolve(import.meta.dirname, '..')
const node = path.join(projectRoot, 'node_modules', '.bin', 'node')

export interface StepOptions {
  /** Account that runs the step. Default: that of the tests. */
  readonly user?: StepUser
  /** Folder of the action. Default: the action at the root. */
  readonly action?: 'stage' | 'promote' | 'prune'
  /** Name of a fixture in `fixtures/events`. */
  readonly event: string
  /** Inputs as in `with:`. Default: those of action.yml. */
  readonly inputs?: Readonly<Record<string, string>>
  /** Variables of the step, which override those of the event. Undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Value of the inputs whose default is `${{ github.token }}`. */
  readonly token?: string
  /** Working directory of the step. */
  readonly workspace: string
}

/** Account without an entry in the user database, and a copy of the project that it can read. */
export interface StepUser {
  readonly uid: number
  readonly gid: number
  readonly node: string
  readonly project: string
}

export interface StepResult {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** Output and errors of main, in order. */
  readonly log: string
  readonly outputs: ReadonlyMap<string, string>
  readonly exported: ReadonlyMap<string, string>
  readonly summary: string
}

/** Step of a job, run as by the runner: environment, file commands, main, and post with the saved state. */
export class Step {
  readonly options: StepOptions
  /** Directory that contains all files and directories of the step. */
  readonly directory: string
  /** HOME of the user, which contains the Docker configuration. */
  readonly home: string
  readonly temp: string
  readonly #action: Action
  #child: ChildProcess | undefined
  #log = ''

  private constructor(options: StepOptions, directory: string, action: Action) {
    this.options = options
    this.directory = directory
    this.home = path.join(directory, 'home')
    this.temp = path.join(directory, 'temp')
    this.#action = action
  }

  static async prepare(options: StepOptions): Promise<Step> {
    const directory = await mkdtemp(path.join(tmpdir(), 'tagboat-step-'))
    const step = new Step(options, directory, await readAction(options.action ?? '.'))
    await Promise.all([mkdir(step.home), mkdir(step.temp)])
    await Promise.all(fileCommands.map(async ({file}) => writeFile(step.#file(file), '')))
    const {user} = options
    if (user !== undefined) await asRoot('chown', '-R', `${user.uid}:${user.gid}`, directory)
    return step
  }

  /** Runs main and post. */
  async run(): Promise<StepResult> {
    const result = await this.main()
    const post = await this.post()
    if (post.exitCode !== 0) throw new Error(`the post step failed: ${post.log}`)
    return result
  }

  async main(): Promise<StepResult> {
    const variables = {...this.#variables(), ...inputVariables(this.#action, this.options)}
    return this.#execute(this.#action.main, variables)
  }

  async post(): Promise<StepResult> {
    const state = [...(await this.#records('state'))].map(([name, value]): [string, string] => [`STATE_${name}`, value])
    return this.#execute(this.#action.post, {...this.#variables(), ...Object.fromEntries<string>(state)})
  }

  /** Process ID of main while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** Waits until main has printed a text. @throws Error if main ends before. */
  async printed(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#log)) {
      const child = this.#child
      if (child?.exitCode !== null || child.signalCode !== null) {
        throw new Error(`main ended without printing ${pattern.source}:\n${this.#log}`)
      }
      await sleep(5)
    }
  }

  /** State for the post step, by name. */
  async state(): Promise<ReadonlyMap<string, string>> {
    return this.#records('state')
  }

  async remove(): Promise<void> {
    await rm(this.directory, {recursive: true, force: true})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove()
  }

  #variables(): Record<string, string> {
    const {environment, payloadPath} = loadEvent(this.options.event)
    const files = fileCommands.map(({variable, file}): [string, string] => [variable, this.#file(file)])
    const inherited = inheritedVariables.map((name): [string, string | undefined] => [name, process.env[name]])
    const variables: Record<string, string | undefined> = {
      ...Object.fromEntries(inherited),
      ...Object.fromEntries(files),
      HOME: this.home,
      RUNNER_TEMP: this.temp,
      GITHUB_WORKSPACE: this.options.workspace,
      GITHUB_ACTIONS: 'true',
      CI: 'true',
      ...environment,
      GITHUB_EVENT_PATH: payloadPath,
      ...this.options.env,
    }
    return Object.fromEntries(
      Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    )
  }

  #file(name: string): string {
    return path.join(this.directory, name)
  }

  async #records(name: string): Promise<ReadonlyMap<string, string>> {
    return parseRecords(await readFile(this.#file(name), 'utf8'))
  }

  async #execute(entry: string, env: Readonly<Record<string, string>>): Promise<StepResult> {
    const {user} = this.options
    const project = user?.project ?? projectRoot
    const main = path.join(project, entry)
    // Without another user the child starts at once, so that its process ID is known.
    const [file, ...args] = user === undefined ? [node, main] : await commandAs(user, env, main)
    const child = spawn(file, args, {
      env,
      cwd: this.options.workspace,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.#log = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        this.#log += chunk
      })
    }
    const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, ended) => {
        // Children of a killed main may keep its pipes open. The runner does not wait for them either.
        if (ended === null) return
        resolve([code, ended])
      })
      child.once('close', (code, ended) => {
        resolve([code, ended])
      })
    })
    return {
      exitCode,
      signal,
      log: this.#log,
      outputs: await this.#records('output'),
      exported: await this.#records('env'),
      summary: await readFile(this.#file('summary'), 'utf8'),
    }
  }
}

/** Command that runs a file with Node.js as another user. */
async function commandAs(
  user: StepUser,
  env: Readonly<Record<string, string>>,
  entry: string,
): Promise<readonly [string, ...string[]]> {
  const account = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups']
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  return rootCommand('setpriv', ...account, 'env', '--ignore-environment', ...variables, user.node, entry)
}

/** Variables for programs and engine, which scripts/with-engine sets. */
const inheritedVariables = [
  'PATH',
  'DOCKER_HOST',
  'DOCKER_CONFIG',
  'DOCKER_CONTEXT',
  'BUILDX_BUILDER',
  'BUILDX_CONFIG',
] as const

/** Files for commands (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#environment-files). */
const fileCommands = [
  {variable: 'GITHUB_OUTPUT', file: 'output'},
  {variable: 'GITHUB_STATE', file: 'state'},
  {variable: 'GITHUB_ENV', file: 'env'},
  {variable: 'GITHUB_PATH', file: 'path'},
  {variable: 'GITHUB_STEP_SUMMARY', file: 'summary'},
] as const

interface Action {
  readonly main: string
  readonly post: string
  readonly defaults: ReadonlyMap<string, string>
}

async function readAction(folder: string): Promise<Action> {
  const document = parse(await readFile(path.join(projectRoot, folder, 'action.yml'), 'utf8')) as {
    readonly inputs: Readonly<Record<string, {readonly default?: unknown}>>
    readonly runs: {readonly main: string; readonly post: string}
  }
  const defaults = Object.entries(document.inputs).map(([name, input]): [string, string] => [
    name,
    typeof input.default === 'string' ? input.default : '',
  ])
  const {main, post} = document.runs
  return {main: path.join(folder, main), post: path.join(folder, post), defaults: new Map(defaults)}
}

/** Variables for the inputs that the action declares or the user sets. */
function inputVariables(action: Action, {inputs = {}, token = ''}: StepOptions): Record<string, string> {
  const declared = [...action.defaults].map(([name, value]) => [name, value === '${{ github.token }}' ? token : value])
  const all = {...Object.fromEntries(declared), ...inputs} as Record<string, string>
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]))
}

/** Parses records of the form `name<<delimiter`, value, `delimiter`. */
function parseRecords(text: string): ReadonlyMap<string, string> {
  const records = new Map<string, string>()
  for (const [, name = '', , value = ''] of text.matchAll(/^(\S+)<<(\S+)\n([\s\S]*?)\n?\2$/gm)) records.set(name, value)
  return records
}
