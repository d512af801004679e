import {hostsWithoutLogin} from '../../credentials/choose-logins.ts'
import {cacheWarning} from './cache-warning.ts'
import type {CacheFault} from './cache-watch.ts'
import type {Builder} from '../../buildx/inspect.ts'
import {errorCode} from '../../errors/node-error.ts'
import type {Environment} from '../../io/environment.ts'
import type {Platform} from '../../oci/platform.ts'
import type {Repository} from '../../oci/reference.ts'
import {isBestEffort, requiredPart} from '../../plan/best-effort.ts'
import {cacheLine, planCache, type CacheFacts, type CachePlan, type CacheQuestion} from './cache-plan.ts'
import {apiHost, isLoopbackHost} from '../../registry/hosts.ts'
import type {Io} from '../../io/io.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import type {BuildSession} from '../build-session.ts'

/** Time that a cache service may take to respond. */
const responseTimeoutMs = 15_000

/**
 * Plans the caches of concurrent builds and logs each of them. An unresponsive cache is not used, with one warning:
 * BuildKit would wait for it without a limit, and so would each later build of the same files.
 * @param builds platforms of each build; empty for the default platform of the builder.
 */
export async function buildCaches(
  session: BuildSession,
  builder: Builder | undefined,
  builds: readonly (readonly Platform[])[],
): Promise<readonly CachePlan[]> {
  const {workflow} = session.io
  const plans = builds.map((platforms) => planFor(session, builder, platforms))
  for (const {decision} of plans) {
    if (decision?.kind === 'none') workflow.notice(cacheLine(decision))
    else if (decision !== undefined) workflow.print([cacheLine(decision)])
  }
  const timeouts = await Promise.all(plans.map(async (plan) => timeoutReason(plan, session)))
  const faults = timeouts.flatMap((reason, index): CacheFault[] => {
    const kind = plans[index]?.to.length === 0 ? 'import' : 'export'
    return reason === undefined ? [] : [{kind, reason}]
  })
  const warning = cacheWarning(faults)
  if (warning !== undefined) workflow.warning(warning)
  return plans.map((plan, index) => (timeouts[index] === undefined ? plan : {...plan, from: [], to: []}))
}

function planFor(session: BuildSession, builder: Builder | undefined, platforms: readonly Platform[]): CachePlan {
  const {prepared, io} = session
  const native = builder?.platforms[0]
  const known = platforms.length > 0 || native === undefined ? platforms : [native]
  return planCache(
    cacheQuestion(prepared, known, {
      canExport: !(builder?.driver === 'docker' && builder.staging === 'none'),
      hasActionsCache: hasActionsCache(io.environment),
      canPush: canPush(session),
      isWritten: session.isRebuild === true,
    }),
  )
}

/** Reason why a cache is unresponsive; undefined if it responds. BuildKit handles an error response. */
async function timeoutReason(plan: CachePlan, {prepared, io}: BuildSession): Promise<string | undefined> {
  const address = addressOf(plan, prepared, io.environment)
  if (address === undefined) return undefined
  using http = io.http(io.signal)
  try {
    await http.send({method: 'GET', url: address, headers: {}, timeoutMs: responseTimeoutMs})
    return undefined
  } catch (error) {
    io.signal.throwIfAborted()
    const isTimeout = error instanceof Error && errorCode(error) === 'ETIMEDOUT'
    return isTimeout ? error.message : undefined
  }
}

function addressOf({from, to}: CachePlan, prepared: Prepared, environment: Environment): URL | undefined {
  const [flag] = [...from, ...to]
  const repository = repositoryOf(prepared)
  if (flag === undefined) return undefined
  if (flag.startsWith('type=gha,')) {
    // Buildx uses the first of these variables that is set.
    const isVersion2 = /^(?:true|1)$/i.test(environment['ACTIONS_CACHE_SERVICE_V2'] ?? '')
    const names = isVersion2 ? ['ACTIONS_RESULTS_URL'] : ['ACTIONS_CACHE_URL', 'ACTIONS_RESULTS_URL']
    const address = names.map((name) => environment[name] ?? '').find((url) => URL.canParse(url))
    return address === undefined ? undefined : new URL(address)
  }
  if (repository === undefined) return undefined
  const host = apiHost(repository.host)
  return new URL(`${isLoopbackHost(host) ? 'http' : 'https'}://${host}/v2/`)
}

/** Repository that this run would write a cache to, which needs a login in addition to those that it publishes to. */
export function cacheRepositories(prepared: Prepared, {environment}: Io): readonly Repository[] {
  const facts = {canExport: true, hasActionsCache: hasActionsCache(environment), canPush: true}
  const {to} = planCache(cacheQuestion(prepared, prepared.inputs.build.platforms, facts))
  const repository = repositoryOf(prepared)
  return repository !== undefined && to.some((flag) => flag.startsWith('type=registry,')) ? [repository] : []
}

function cacheQuestion(
  {inputs, context, plan}: Prepared,
  platforms: readonly Platform[],
  facts: CacheFacts,
): CacheQuestion {
  const {build, image} = inputs
  const scope = {
    repository: repositoryOf({plan}),
    target: build.target,
    platforms,
    variant: image.variant?.name,
  }
  return {inputs: build, context, scope, facts}
}

/** First required repository of the plan, which has the cache for all images. */
function repositoryOf({plan}: Pick<Prepared, 'plan'>): Repository | undefined {
  const required = plan.repositories.find((repository) => !isBestEffort(plan, repository))
  return required ?? requiredPart(plan).tags[0]?.reference.repository
}

/**
 * Reports whether the variables of the cache of GitHub Actions are set
 * (https://docs.docker.com/build/cache/backends/gha/#authentication). Buildx ignores the cache silently if one of them
 * is missing.
 */
function hasActionsCache(environment: Environment): boolean {
  const isSet = (name: string): boolean => (environment[name] ?? '') !== ''
  return isSet('ACTIONS_RUNTIME_TOKEN') && (isSet('ACTIONS_CACHE_URL') || isSet('ACTIONS_RESULTS_URL'))
}

/** Reports whether this run has a login for the repository of the cache, or pushes there without one. */
function canPush({prepared, dockerConfig, logins, minted}: BuildSession): boolean {
  const {plan} = prepared
  const repository = repositoryOf(prepared)
  if (repository === undefined) return false
  return (
    plan.push.do ||
    hostsWithoutLogin({pushedTo: [repository], userConfig: dockerConfig.userConfig}, [...logins, ...minted]).length ===
      0
  )
}
