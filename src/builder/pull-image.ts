import type {Processes} from '../io/process.ts'
import type {Mirror} from '../inputs/inputs.ts'
import {defaultPolicy, waitMs, type Patience} from '../registry/retry.ts'
import {parseRepository} from '../oci/reference.ts'

export interface PullEdges {
  readonly processes: Processes
  readonly patience: Pick<Patience, 'sleep' | 'random'>
  readonly say: (line: string) => void
}

export interface PullRequest {
  readonly image: string
  readonly mirrors: readonly Mirror[]
  /** Further rounds through all places, for failures that may pass. */
  readonly retries: number
  /** Of the Docker CLI. */
  readonly env: Readonly<Record<string, string>>
  /** Options of the Docker CLI that name another engine than its own: `--context NAME`, `--host ADDRESS`. */
  readonly engine?: readonly string[]
}

/** The name under which the engine has the image now, or what every place said. */
export type Pulled =
  | {readonly ok: true; readonly reference: string; readonly wasThere: boolean}
  | {readonly ok: false; readonly evidence: readonly string[]}

/**
 * Makes sure that the engine has an image that a run needs for itself. One that is there is not pulled. Else its mirrors are
 * asked in order, then its registry; a failure that may pass is tried again, after all others had their turn.
 * @throws the reason of the run's end, when that comes first.
 */
export async function pullImage(request: PullRequest, edges: PullEdges): Promise<Pulled> {
  const {image, mirrors, retries, engine = []} = request
  const env = ownPlatform(request.env)
  const {exitCode} = await edges.processes.capture({file: 'docker', args: [...engine, 'image', 'inspect', image], env})
  if (exitCode === 0) return {ok: true, reference: image, wasThere: true}
  const failures = new Map<string, string>()
  let places = [...mirrorReferences(image, mirrors), image]
  for (let tried = 1; ; tried += 1) {
    const transient: string[] = []
    for (const reference of places) {
      const failure = await pull(reference, {engine, env}, edges)
      if (failure === undefined) return {ok: true, reference, wasThere: false}
      failures.set(reference, failure)
      if (isTransient(failure)) transient.push(reference)
      if (reference !== image) edges.say(`The mirror has not given ${reference}: ${failure}`)
    }
    if (transient.length === 0 || tried > retries) break
    const wait = waitMs(defaultPolicy, tried, {random: edges.patience.random(), retryAfterMs: undefined})
    edges.say(`${image} could not be pulled; try ${tried + 1} of ${retries + 1} in ${Math.ceil(wait / 1000)} s`)
    await edges.patience.sleep(wait)
    places = transient
  }
  return {ok: false, evidence: [...failures].map(([reference, failure]) => `${reference}: ${failure}`)}
}

/** What went wrong, in one line. */
async function pull(
  reference: string,
  {engine = [], env}: Pick<PullRequest, 'engine' | 'env'>,
  {processes}: PullEdges,
): Promise<string | undefined> {
  // Streamed, since it may take long: a cancelled run ends it.
  const command = {file: 'docker', args: [...engine, 'pull', '--quiet', reference], env}
  const {exitCode, stderr} = await processes.stream(command, () => undefined)
  if (exitCode === 0) return undefined
  const lines = stderr.split('\n').map((line) => line.trim())
  const last = lines.findLast((line) => line !== '') ?? `docker pull ended with code ${exitCode}`
  return last.replace(/^Error response from daemon: /, '')
}

/** The platform that a workflow wants its images for is not that of its engine. */
export function ownPlatform(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'DOCKER_DEFAULT_PLATFORM'))
}

/**
 * What engines and registries say when they are busy or out of reach for a moment, as it was reported by users
 * (https://github.com/docker/actions-toolkit/pull/1289). A used-up rate limit is none: it lasts for hours.
 */
function isTransient(failure: string): boolean {
  return transientSigns.test(failure) && !/toomanyrequests|\b429\b/i.test(failure)
}

const transientSigns =
  /\bEOF\b|connection (?:reset|refused)|broken pipe|time(?:d )?out|deadline exceeded|request canceled|temporary failure|server misbehaving|no route to host|network is unreachable|\b(?:500|502|503|504)\b|bad gateway|service unavailable|internal server error/i

/**
 * Where else an image can be pulled from: the same name, tag and digest at each mirror of its registry, in the order to
 * ask them. None for what is no image reference, such as the start of a digest.
 */
export function mirrorReferences(image: string, mirrors: readonly Mirror[]): readonly string[] {
  const [, name = '', version = ''] = /^([^@]*?)((?::[^:/@]+)?(?:@.+)?)$/.exec(image) ?? []
  const repository = parseRepository(name)
  if (!repository.ok) return []
  const {host, path} = repository.value
  const locations = mirrors.filter(({registry}) => registry === host).map(({location}) => location)
  return [...new Set(locations)].map((location) => `${location}/${path}${version}`)
}
