import type {IncomingMessage, ServerResponse} from 'node:http'
import type {HttpRequest} from '../../src/io/http.ts'
import {allCauses} from '../../scripts/documentation/all-causes.ts'
import type {ErrorCode} from '../../src/errors/causes.ts'
import {errorWithCause} from '../../src/errors/error.ts'
import {isDigest} from '../../src/oci/digest.ts'
import {loopback} from '../loopback.ts'
import {stepOn} from '../pushes.ts'
import type {StepResult} from '../runner.ts'
import type {Lifetime} from './lifetime.ts'
import type {ExecuteRun, PlannedRun, RunResult} from './run.ts'
import {dateOf} from './subject.ts'
import {host, paths, type World} from './world.ts'

/** Executes each run in a separate process with the bundle, as a runner does. Each process has its own proxy to the registry. */
export function inProcesses(workspace: string): ExecuteRun {
  return async (world, planned, lifetime) => {
    await using proxy = await loopback((incoming, response) => {
      relay(world, lifetime, incoming, response).catch(() => {
        response.destroy()
      })
    })
    const {subject} = planned
    const {image} = world.publicationOf(planned)
    const {runId} = world.factsOf(planned)
    const ref = subject.kind === 'release' ? `refs/tags/v${subject.version}` : 'refs/heads/main'
    await using step = await stepOn(
      {ref, sha: subject.revision, date: dateOf(subject), runId},
      {
        action: 'promote',
        workspace,
        inputs: {
          images: paths.map((path) => `${proxy.host}/${path}`).join('\n'),
          tags: rulesOf(planned),
          ...(subject.kind === 'release' &&
            subject.suffix !== '' && {flavor: `suffix=${subject.suffix},onlatest=true`}),
          digests: image.digest,
          retries: '3',
        },
      },
    )
    void lifetime.killed.then(() => {
      step.kill('SIGKILL')
    })
    lifetime.signal.addEventListener('abort', () => {
      step.kill('SIGINT')
    })
    const result = await step.main()
    if (result.signal !== null) return undefined
    return resultOf(result, proxy.host)
  }
}

function rulesOf({subject}: PlannedRun): string {
  const versions = ['{{version}}', '{{major}}.{{minor}}', '{{major}}'].map(
    (pattern) => `type=semver,pattern=${pattern}`,
  )
  const rules = subject.kind === 'release' ? versions : ['type=ref,event=branch', 'type=edge,branch=main']
  return [...rules, 'type=sha,format=long'].join('\n')
}

async function relay(
  world: World,
  lifetime: Lifetime,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const closed = new AbortController()
  response.once('close', () => {
    closed.abort(new Error('the client has disconnected'))
  })
  const request: HttpRequest = {
    method: (incoming.method ?? 'GET') as HttpRequest['method'],
    url: new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? ''}`),
    headers: incoming.headers as Readonly<Record<string, string>>,
    body: incoming as AsyncIterable<Uint8Array>,
  }
  const {status, headers, body} = await world.network.http(lifetime, closed.signal).send(request)
  response.writeHead(status, {...headers})
  response.end(body)
}

interface MovedTag {
  readonly reference: string
  readonly tag: string
  readonly after: string | null
}

/** Result of a step, from its exit code, its error and its outputs. */
function resultOf({exitCode, log, outputs}: StepResult, proxyHost: string): RunResult {
  const moved = outputs.get('moved-tags') ?? ''
  const rows = (JSON.parse(moved === '' ? '[]' : moved) as readonly MovedTag[]).map(({reference, tag, after}) => {
    const path = reference.slice(proxyHost.length + 1, -tag.length - 1)
    const digest = after !== null && isDigest(after) ? after : undefined
    return {
      reference: {repository: {host, path}, tag},
      outcome: 'moved',
      after: digest,
      reason: {code: 'not-reached'},
    } as const
  })
  const code = codeIn(log)
  const failure = errorWithCause(code, allCauses[code], {evidence: log.split('\n')})
  return {rows, failure: exitCode === 0 ? undefined : failure}
}

function codeIn(log: string): ErrorCode {
  const found = [...log.matchAll(/\[([a-z-]+)\]/g)].map(([, code = '']) => code)
  const isCode = (text: string): text is ErrorCode => text in allCauses
  return found.findLast(isCode) ?? 'unexpected'
}
