import {hostsWithoutLogin} from '../../credentials/choose-logins.ts'
import {cacheWarning} from './cache-warning.ts'
import type {CacheTrouble} from './cache-watch.ts'
import type {Builder} from '../../buildx/inspect.ts'
import {errorCode} from '../../errors/node-error.ts'
import type {Environment} from '../../io/environment.ts'
import type {Platform} from '../../oci/platform.ts'
import type {Repository} from '../../oci/reference.ts'
import {cacheLine, planCache, type CacheFacts, type CachePlan, type CacheQuestion} from './cache-plan.ts'
import {apiHost, isLoopbackHost} from '../../registry/hosts.ts'
import type {Io} from '../../io/io.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import type {Session} from '../session.ts'

/** How long a cache may take to say anything at all. */
const answerMs = 15_000

/**
 * The caches of builds that are made at the same time, each for these platforms; none: those that the builder takes by itself.
 * Each is told in one line of the log. A cache that does not answer is left out, with one warning: BuildKit would wait for it
 * without end, and so would every later build of the same files, whatever becomes of this one.
 */
export async function buildCaches(
  session: Session,
  builder: Builder | undefined,
  builds: readonly (readonly Platform[])[],
): Promise<readonly CachePlan[]> {
  const {workflow} = session.io
  const plans = builds.map((platforms) => planOf(session, builder, platforms))
  for (const {decision} of plans) {
    if (decision?.kind === 'none') workflow.notice(cacheLine(decision))
    else if (decision !== undefined) workflow.print([cacheLine(decision)])
  }
  const silences = await Promise.all(plans.map(async (plan) => silenceOf(plan, session)))
  const troubles = silences.flatMap((reason, index): CacheTrouble[] => {
    const kind = plans[index]?.to.length === 0 ? 'import' : 'export'
    return reason === undefined ? [] : [{kind, reason}]
  })
  const warning = cacheWarning(troubles)
  if (warning !== undefined) workflow.warning(warning)
  return plans.map((plan, index) => (silences[index] === undefined ? plan : {...plan, from: [], to: []}))
}

function planOf(session: Session, builder: Builder | undefined, platforms: readonly Platform[]): CachePlan {
  const {prepared, io} = session
  const own = builder?.platforms[0]
  const known = platforms.length > 0 || own === undefined ? platforms : [own]
  return planCache(
    question(prepared, known, {
      canExport: !(builder?.driver === 'docker' && builder.staging === 'none'),
      hasActionsCache: hasActionsCache(io.environment),
      canPush: canPush(session),
    }),
  )
}

/** Why nothing can be had of a cache; undefined: it answers, be it with an error, which BuildKit survives. */
async function silenceOf(plan: CachePlan, {prepared, io}: Session): Promise<string | undefined> {
  const address = addressOf(plan, prepared, io.environment)
  if (address === undefined) return undefined
  using http = io.http(io.signal)
  try {
    await http.send({method: 'GET', url: address, headers: {}, timeoutMs: answerMs})
    return undefined
  } catch (error) {
    io.signal.throwIfAborted()
    const isSilent = error instanceof Error && errorCode(error) === 'ETIMEDOUT'
    return isSilent ? error.message : undefined
  }
}

function addressOf({from, to}: CachePlan, prepared: Prepared, environment: Environment): URL | undefined {
  const [flag] = [...from, ...to]
  const repository = repositoryOf(prepared)
  if (flag === undefined) return undefined
  if (flag.startsWith('type=gha,')) {
    // Buildx takes the first of them that is set.
    const isNewer = /^(?:true|1)$/i.test(environment['ACTIONS_CACHE_SERVICE_V2'] ?? '')
    const names = isNewer ? ['ACTIONS_RESULTS_URL'] : ['ACTIONS_CACHE_URL', 'ACTIONS_RESULTS_URL']
    const written = names.map((name) => environment[name] ?? '').find((url) => URL.canParse(url))
    return written === undefined ? undefined : new URL(written)
  }
  if (repository === undefined) return undefined
  const host = apiHost(repository.host)
  return new URL(`${isLoopbackHost(host) ? 'http' : 'https'}://${host}/v2/`)
}

/** Repositories that this run would write a cache to, and so needs a login for, besides those that it publishes to. */
export function cacheRepositories(prepared: Prepared, {environment}: Io): readonly Repository[] {
  const facts = {canExport: true, hasActionsCache: hasActionsCache(environment), canPush: true}
  const {to} = planCache(question(prepared, prepared.inputs.build.platforms, facts))
  const repository = repositoryOf(prepared)
  return repository !== undefined && to.some((one) => one.startsWith('type=registry,')) ? [repository] : []
}

function question({inputs, context, plan}: Prepared, platforms: readonly Platform[], facts: CacheFacts): CacheQuestion {
  const {build, image} = inputs
  const scope = {
    repository: repositoryOf({plan}),
    target: build.target,
    platforms,
    variant: image.variant?.name,
  }
  return {inputs: build, context, scope, facts}
}

/** The first image of the plan: its cache is kept there for all of them. */
function repositoryOf({plan}: Pick<Prepared, 'plan'>): Repository | undefined {
  return plan.repositories[0] ?? plan.tags[0]?.reference.repository
}

/**
 * What the runner gives to every action (https://docs.docker.com/build/cache/backends/gha/#authentication): Buildx leaves the
 * cache out without a word where one of them is missing.
 */
function hasActionsCache(environment: Environment): boolean {
  const isSet = (name: string): boolean => (environment[name] ?? '') !== ''
  return isSet('ACTIONS_RUNTIME_TOKEN') && (isSet('ACTIONS_CACHE_URL') || isSet('ACTIONS_RESULTS_URL'))
}

function canPush({prepared, dockerConfig, logins}: Session): boolean {
  const {inputs, context, plan} = prepared
  const repository = repositoryOf(prepared)
  if (repository === undefined) return false
  const asked = {inputs: inputs.credentials, context, pushedTo: [repository], userConfig: dockerConfig.home.userConfig}
  return plan.push.do || hostsWithoutLogin(asked, logins).length === 0
}
