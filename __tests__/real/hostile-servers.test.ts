import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {randomBytes} from 'node:crypto'
import type {IncomingMessage, ServerResponse} from 'node:http'
import {loopback, type Loopback} from '../../testing/loopback.ts'
import {makeImage} from '../../testing/memory-registry.ts'
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
  /** What the registry answers to a request that shows its token. */
  readonly answer: (said: string) => Answer
  readonly inputs?: Readonly<Record<string, string>>
}

/** A registry with a token server that repeats what it was sent, and whatever else it knows. */
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

/** Answers HEAD, which has no body, and refuses everything else with a text. */
const refused =
  (status: number) =>
  (said: string): Answer =>
  (request, response) => {
    if (request.method === 'HEAD')
      response.writeHead(request.url?.includes(image.digest) === true ? 200 : 404, headers).end()
    else refuse(response, status, said)
  }

const headers = {'content-type': image.mediaType, 'docker-content-digest': image.digest}

function refuse(response: ServerResponse, status: number, said: string): void {
  const message = `${'white   space '.repeat(9)}${said}\n::error::${said}`
  json(response, status, {errors: [{code: 'DENIED', message}]})
}

/** Tags that were put, each with its host. */
const taken = new Set<string>()

function serveBlob(reference: string, {method}: IncomingMessage, response: ServerResponse): void {
  const bytes = [...image.blobs].find(([digest]) => digest === reference)?.[1]
  response.writeHead(bytes === undefined ? 404 : 200, {'content-length': bytes?.length ?? 0})
  response.end(method === 'HEAD' ? undefined : bytes)
}

/** Serves the image, takes what is put, and refuses to list tags. */
function unlisted(said: string): Answer {
  return (request, response) => {
    const {method = '', url = ''} = request
    const reference = url.slice(url.lastIndexOf('/') + 1)
    const key = `${request.headers.host ?? ''} ${reference}`
    if (url.includes('/tags/list')) refuse(response, 403, said)
    else if (method === 'PUT') {
      taken.add(key)
      response.writeHead(201, {'docker-content-digest': image.digest}).end()
    } else if (url.includes('/blobs/')) serveBlob(reference, request, response)
    else if (![image.digest, 'latest'].includes(reference) && !taken.has(key))
      json(response, 404, {errors: [{code: 'MANIFEST_UNKNOWN', message: said}]})
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

/** Pieces by which a secret would be known, though a part of it is lost. */
function piecesOf(secret: string): readonly string[] {
  return secret.match(/canary[\da-f]{16}|[\da-f]{16}/g) ?? []
}

describe('a server that repeats what it was sent', () => {
  const ways = [
    ['403', refused(403)],
    ['409', refused(409)],
    ['500', refused(500)],
    ['a list of tags that is refused', unlisted],
  ] as const

  test.each(passwords.flatMap((one) => ways.map(([way, answer]) => ({...one, way, answer}))))(
    'shows no password and no token: $name, $way',
    async ({password, answer}) => {
      const token = canary()
      const {log, summary, outputs, exported} = await promote({password, token, answer})
      const shown = [visibleLog(log), summary, ...outputs.values(), ...exported.values()].join('\n')
      const pieces = [...piecesOf(password), token]
      expect(pieces.length).toBeGreaterThan(1)
      expect(pieces.filter((piece) => shown.includes(piece))).toEqual([])
      // What it said is shown, without them.
      expect(shown).toContain('***')
      expect(shown).not.toContain(btoa(password).slice(0, 40))
      const commands = executedCommands(log)
      expect(commands.filter(({name}) => name === 'add-mask').map(({message}) => message)).toEqual(
        expect.arrayContaining([token, `${token}-refresh`]),
      )
      // One annotation of our own: what the server said of `::error::` stands in it as text.
      expect(commands.filter(({name}) => name === 'error').length).toBeLessThan(2)
    },
  )
})

describe('a server that wants to hold the step', () => {
  test('with four megabytes of an error does not', async () => {
    const long = '?'.repeat(4_000_000)
    const answer = (): Answer => (_, response) => {
      json(response, 403, {errors: [{code: 'DENIED', message: long}]})
    }
    const {exitCode, log} = await promote({password: canary(), token: canary(), answer})
    expect(exitCode).toBe(1)
    expect(log.length).toBeLessThan(20_000)
  })

  test('is left at once when the job is cancelled', async () => {
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
    expect(performance.now() - before < 5000).toBe(true)
  })
})
