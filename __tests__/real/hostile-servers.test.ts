import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {randomBytes} from 'node:crypto'
import type {IncomingMessage, ServerResponse} from 'node:http'
import {loopback, type Loopback} from '../../testing/loopback.ts'
import {makeImage} from '../../testing/memory-registry.ts'
import {promptEndMs} from '../../testing/prompt-end.ts'
import {executedCommands, visibleLog} from '../../testing/runner-log.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {workspaceOf, type Workspace} from '../../testing/workspace.ts'

const canary = (): string => `canary${randomBytes(8).toString('hex')}`
const image = makeImage({})

let workspace: Workspace

beforeAll(async () => {
  workspace = await workspaceOf({})
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
})

type Answer = (request: IncomingMessage, response: ServerResponse) => void

interface Scenario {
  readonly password: string
  readonly token: string
  /** Answers a request with a token. `echo` contains everything that the client has sent. */
  readonly answer: (echo: string) => Answer
  readonly inputs?: Readonly<Record<string, string>>
}

/** Starts a registry with a token server that repeats everything that the client has sent. */
async function hostile({password, token, answer}: Scenario): Promise<Loopback> {
  return loopback((request, response) => {
    request.resume()
    const origin = `http://${request.headers.host ?? ''}`
    const {authorization} = request.headers
    if (request.url?.startsWith('/token') === true) {
      json(response, 200, {token, access_token: token, refresh_token: `${token}-refresh`})
    } else if (authorization === undefined) {
      response.setHeader(
        'www-authenticate',
        `Bearer realm="${origin}/token",service="x",scope="repository:victim/x:pull"`,
      )
      json(response, 401, {})
    } else
      answer(`${authorization} ${token}-refresh ${password} ${JSON.stringify(password)} ${btoa(password)}`)(
        request,
        response,
      )
  })
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(value))
}

/** Answers HEAD, which has no body, and refuses other requests with the echo. */
const refused =
  (status: number) =>
  (echo: string): Answer =>
  (request, response) => {
    if (request.method === 'HEAD')
      response.writeHead(request.url?.includes(image.digest) === true ? 200 : 404, headers).end()
    else refuse(response, status, echo)
  }

const headers = {'content-type': image.mediaType, 'docker-content-digest': image.digest}

function refuse(response: ServerResponse, status: number, echo: string): void {
  const message = `${'white   space '.repeat(9)}${echo}\n::error::${echo}`
  json(response, status, {errors: [{code: 'DENIED', message}]})
}

/** Written tags, each with its host. */
const written = new Set<string>()

function serveBlob(reference: string, {method}: IncomingMessage, response: ServerResponse): void {
  const bytes = [...image.blobs].find(([digest]) => digest === reference)?.[1]
  response.writeHead(bytes === undefined ? 404 : 200, {'content-length': bytes?.length ?? 0})
  response.end(method === 'HEAD' ? undefined : bytes)
}

/** Serves the image, accepts writes, and refuses to list tags. */
function unlisted(echo: string): Answer {
  return (request, response) => {
    const {method = '', url = ''} = request
    const reference = url.slice(url.lastIndexOf('/') + 1)
    const key = `${request.headers.host ?? ''} ${reference}`
    if (url.includes('/tags/list')) refuse(response, 403, echo)
    else if (method === 'PUT') {
      written.add(key)
      response.writeHead(201, {'docker-content-digest': image.digest}).end()
    } else if (method === 'POST') response.writeHead(202, {location: `${url}1`}).end()
    else if (method === 'DELETE') response.writeHead(204).end()
    else if (url.includes('/blobs/')) serveBlob(reference, request, response)
    else if (![image.digest, 'latest'].includes(reference) && !written.has(key))
      json(response, 404, {errors: [{code: 'MANIFEST_UNKNOWN', message: echo}]})
    else response.writeHead(200, headers).end(method === 'HEAD' ? undefined : image.bytes)
  }
}

async function promote(scenario: Scenario): Promise<StepResult> {
  await using server = await hostile(scenario)
  await using step = await Step.prepare({
    action: 'promote',
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {
      images: `${server.host}/team/app`,
      registry: server.host,
      username: 'mona',
      password: scenario.password,
      digests: image.digest,
      retries: '0',
      ...scenario.inputs,
    },
  })
  return await step.run()
}

const passwords = [
  {name: 'a short one', password: canary()},
  {name: '608 characters', password: Array.from({length: 19}, () => randomBytes(16).toString('hex')).join('')},
  {
    name: 'a JSON key',
    password: JSON.stringify(
      {type: 'service_account', private_key: `-----BEGIN-----\n${canary()}\n-----END-----\n`},
      null,
      2,
    ),
  },
  {name: 'an address in it', password: `${canary()}://x@${canary()}`},
  {name: 'a query in it', password: `${canary()}?user=me&pass=${canary()}`},
  {name: 'two blanks in a row', password: `${canary()}  ${canary()}`},
]

/** Parts by which a shortened secret can be recognized. */
function partsOf(secret: string): readonly string[] {
  return secret.match(/canary[\da-f]{16}|[\da-f]{16}/g) ?? []
}

describe('a server that repeats the credentials', () => {
  const ways = [
    ['403', refused(403)],
    ['409', refused(409)],
    ['500', refused(500)],
    ['a refused list', unlisted],
  ] as const

  test.each(passwords.flatMap((one) => ways.map(([way, answer]) => ({...one, way, answer}))))(
    'shows no password and no token: $name, $way',
    async ({password, answer}) => {
      const token = canary()
      const {log, summary, outputs, exported} = await promote({password, token, answer})
      const shown = [visibleLog(log), summary, ...outputs.values(), ...exported.values()].join('\n')
      const pieces = [...partsOf(password), token]
      expect(pieces.length).toBeGreaterThan(1)
      expect(pieces.filter((piece) => shown.includes(piece))).toEqual([])
      // The message of the server is shown, without the secrets.
      expect(shown).toContain('***')
      expect(shown).not.toContain(btoa(password).slice(0, 40))
      const commands = executedCommands(log)
      expect(commands.filter(({name}) => name === 'add-mask').map(({message}) => message)).toEqual(
        expect.arrayContaining([token, `${token}-refresh`]),
      )
      // The only annotation is that of the run, in which `::error::` of the server is text.
      expect(commands.filter(({name}) => name === 'error').length).toBeLessThan(2)
    },
  )
})

describe('a server that delays the step', () => {
  test('does not succeed with four megabytes of an error', async () => {
    const long = '?'.repeat(4_000_000)
    const answer = (): Answer => (_, response) => {
      json(response, 403, {errors: [{code: 'DENIED', message: long}]})
    }
    const {exitCode, log} = await promote({password: canary(), token: canary(), answer})
    expect(exitCode).toBe(1)
    expect(log.length).toBeLessThan(20_000)
  })

  test('does not prevent a cancellation', async () => {
    const scenario: Scenario = {
      password: canary(),
      token: canary(),
      answer: () => (_, response) => {
        response.writeHead(200, {'content-length': '100000'})
        const timer = setInterval(() => response.write('x'), 100)
        response.on('close', () => {
          clearInterval(timer)
        })
      },
    }
    await using server = await hostile(scenario)
    await using step = await Step.prepare({
      action: 'promote',
      event: 'push-tag',
      workspace: workspace.directory,
      inputs: {
        images: `${server.host}/team/app`,
        registry: server.host,
        username: 'mona',
        password: scenario.password,
        digests: image.digest,
      },
    })
    const main = step.main()
    await step.printed(/add-mask::canary\w+-refresh/)
    const before = performance.now()
    step.kill('SIGTERM')
    const {exitCode} = await main
    expect(exitCode).toBe(1)
    expect(performance.now() - before < promptEndMs).toBe(true)
  })
})
