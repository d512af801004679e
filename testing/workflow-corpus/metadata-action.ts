import {execFile} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {promisify} from 'node:util'
import type {SimulatedEvent} from '../../src/simulation/events/event-choice.ts'
import {corpusTime} from './corpus.ts'

/** Outputs of a step by name. */
export type StepOutputs = Readonly<Record<string, string>>

/** Runs docker/metadata-action with inputs for an event. */
export type RunMetadata = (
  inputs: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>>,
  event: SimulatedEvent,
) => Promise<StepOutputs>

/** Module that sets the clock of the action. */
const clock = `data:text/javascript,${encodeURIComponent(
  `const Real = Date; globalThis.Date = class extends Real {
     constructor(...given) { given.length === 0 ? super(${corpusTime.getTime()}) : super(...given) }
     static now() { return ${corpusTime.getTime()} }
   }`,
)}`

/** Runner of the bundle of docker/metadata-action. GitHub's API is a server on this machine. */
export async function metadataAction(bundle: string): Promise<AsyncDisposable & {readonly run: RunMetadata}> {
  let repository: unknown
  const server = createServer((request, response) => {
    const isCommit = request.url?.includes('/commits/') === true
    const commit = {commit: {committer: {date: corpusTime.toISOString()}}}
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(isCommit ? commit : repository))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const folder = mkdtempSync(path.join(tmpdir(), 'metadata-'))
  const known = new Map<string, Promise<StepOutputs>>()
  return {
    run: async (inputs, environment, event) => {
      repository = event.payload['repository']
      const own = Object.fromEntries(
        Object.entries(environment).filter(([name]) => /^DOCKER_METADATA_(?!OUTPUT)/.test(name)),
      )
      const call = {inputs, environment: own, event}
      const key = JSON.stringify(call)
      const running = known.get(key) ?? runBundle({bundle, folder, api}, call)
      known.set(key, running)
      return await running
    },
    [Symbol.asyncDispose]: async () => {
      rmSync(folder, {recursive: true, force: true})
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Place {
  readonly bundle: string
  readonly folder: string
  readonly api: string
}

interface Call {
  readonly inputs: Readonly<Record<string, string>>
  readonly environment: Readonly<Record<string, string>>
  readonly event: SimulatedEvent
}

async function runBundle({bundle, folder, api}: Place, {inputs, environment, event}: Call): Promise<StepOutputs> {
  const payload = path.join(folder, 'event.json')
  const output = path.join(folder, 'output')
  const variables = path.join(folder, 'variables')
  writeFileSync(payload, JSON.stringify(event.payload))
  writeFileSync(output, '')
  writeFileSync(variables, '')
  const given = {context: 'workflow', 'github-token': 'token', ...inputs}
  const env = {
    PATH: process.env['PATH'],
    NODE_COMPILE_CACHE: path.join(folder, 'compiled'),
    ...environment,
    ...event.environment,
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    GITHUB_EVENT_PATH: payload,
    GITHUB_OUTPUT: output,
    GITHUB_ENV: variables,
    GITHUB_API_URL: api,
    RUNNER_TEMP: folder,
    GITHUB_WORKSPACE: folder,
  }
  await promisify(execFile)(process.execPath, ['--import', clock, bundle], {env, cwd: folder}).catch(
    (error: unknown) => {
      throw new Error(`docker/metadata-action failed: ${(error as {stdout?: string}).stdout ?? String(error)}`)
    },
  )
  return outputsIn(readFileSync(output, 'utf8'))
}

/** Outputs in a file of the runner: `name<<MARK`, the value, `MARK`. */
function outputsIn(text: string): StepOutputs {
  const found = text.matchAll(/^(.+?)<<(ghadelimiter_\S+)\n(.*?)\n\2$/gms)
  return Object.fromEntries(Array.from(found, ([, name = '', , value = '']) => [name, value]))
}
