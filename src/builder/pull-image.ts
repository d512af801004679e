import type {Processes} from '../io/process.ts'
import type {Timer} from '../io/timer.ts'
import type {Mirror} from '../inputs/inputs.ts'
import {defaultPolicy, waitMs} from '../registry/retry.ts'
import {parseRepository} from '../oci/reference.ts'

export interface PullIo {
  readonly processes: Processes
  readonly timer: Timer
  readonly say: (line: string) => void
}

interface PullRequest {
  readonly image: string
  readonly mirrors: readonly Mirror[]
  /** Retries of all locations, after transient failures. */
  readonly retries: number
  /** Environment of the Docker CLI. */
  readonly env: Readonly<Record<string, string>>
  /** Docker CLI options that select an engine: `--context NAME` or `--host ADDRESS`; empty for the current one. */
  readonly engine?: readonly string[]
}

/** Name of the image in the engine, or the error of each location. */
export type Pulled =
  | {readonly ok: true; readonly reference: string; readonly wasThere: boolean}
  | {readonly ok: false; readonly evidence: readonly string[]}

/**
 * Ensures that the engine has an image that Tagboat itself needs. An existing image is not pulled. Otherwise its
 * mirrors are tried in order, then its registry; after transient failures, all of them are retried.
 * @throws TagboatError `cancelled`.
 */
export async function pullImage(request: PullRequest, io: PullIo): Promise<Pulled> {
  const {image, mirrors, retries, engine = []} = request
  const env = ownPlatform(request.env)
  const {exitCode} = await io.processes.capture({file: 'docker', args: [...engine, 'image', 'inspect', image], env})
  if (exitCode === 0) return {ok: true, reference: image, wasThere: true}
  const failures = new Map<string, string>()
  let places = [...mirrorReferences(image, mirrors), image]
  for (let tried = 1; ; tried += 1) {
    const transient: string[] = []
    for (const reference of places) {
      const failure = await pull(reference, {engine, env}, io)
      if (failure === undefined) return {ok: true, reference, wasThere: false}
      failures.set(reference, failure)
      if (isTransient(failure)) transient.push(reference)
      if (reference !== image) io.say(`The mirror has not given ${reference}: ${failure}`)
    }
    if (transient.length === 0 || tried > retries) break
    const wait = waitMs(defaultPolicy, tried, {random: io.timer.random(), retryAfterMs: undefined})
    io.say(`${image} could not be pulled; try ${tried + 1} of ${retries + 1} in ${Math.ceil(wait / 1000)} s`)
    await io.timer.sleep(wait)
    places = transient
  }
  return {ok: false, evidence: [...failures].map(([reference, failure]) => `${reference}: ${failure}`)}
}

/** Error of a pull, in one line. */
async function pull(
  reference: string,
  {engine = [], env}: Pick<PullRequest, 'engine' | 'env'>,
  {processes}: PullIo,
): Promise<string | undefined> {
  // Streamed, so that cancellation stops it.
  const command = {file: 'docker', args: [...engine, 'pull', '--quiet', reference], env}
  const {exitCode, stderr} = await processes.stream(command, () => undefined)
  if (exitCode === 0) return undefined
  const lines = stderr.split('\n').map((line) => line.trim())
  const last = lines.findLast((line) => line !== '') ?? `docker pull ended with code ${exitCode}`
  return last.replace(/^Error response from daemon: /, '')
}

/** Removes DOCKER_DEFAULT_PLATFORM: the platform of the user's images is not that of the engine. */
export function ownPlatform(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'DOCKER_DEFAULT_PLATFORM'))
}

/**
 * Transient errors of engines and registries, as reported by users
 * (https://github.com/docker/actions-toolkit/pull/1289). An exhausted rate limit is not transient: it lasts for hours.
 */
function isTransient(failure: string): boolean {
  return transientSigns.test(failure) && !isRateLimited(failure)
}

/** Reports whether an engine or a registry refused a pull because of its rate limit. */
export function isRateLimited(failure: string): boolean {
  return /toomanyrequests|\b429\b/i.test(failure)
}

const transientSigns =
  /\bEOF\b|connection (?:reset|refused)|broken pipe|time(?:d )?out|deadline exceeded|request canceled|temporary failure|server misbehaving|no route to host|network is unreachable|\b(?:500|502|503|504)\b|bad gateway|service unavailable|internal server error/i

/**
 * References of an image at the mirrors of its registry, in the order to try them. Empty for a text that is not an
 * image reference, such as the start of a digest.
 */
export function mirrorReferences(image: string, mirrors: readonly Mirror[]): readonly string[] {
  const [, name = '', version = ''] = /^([^@]*?)((?::[^:/@]+)?(?:@.+)?)$/.exec(image) ?? []
  const repository = parseRepository(name)
  if (!repository.ok) return []
  const {host, path} = repository.value
  const locations = mirrors.filter(({registry}) => registry === host).map(({location}) => location)
  return [...new Set(locations)].map((location) => `${location}/${path}${version}`)
}
