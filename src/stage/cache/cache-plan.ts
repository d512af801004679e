import type {CacheFlags} from '../../buildx/arguments.ts'
import type {GitContext} from '../../context/git-context.ts'
import {callBuilds} from '../../inputs/call.ts'
import type {BuildInputs} from '../../inputs/inputs.ts'
import {formatRepository, formatTagRef, type Repository} from '../../oci/reference.ts'
import {cacheReaders, cacheWriter, readOnlyReason} from '../../plan/cache-owners.ts'
import type {CacheReason} from '../../reasons/cache-reasons.ts'
import {formatReason} from '../../reasons/reason.ts'
import {cacheScopeName, cacheTag, type CacheScope} from './cache-scope.ts'

/** What else counts besides inputs and event. */
export interface CacheFacts {
  /** The builder can export a cache: all can but the engine's own without the containerd image store. */
  readonly canExport: boolean
  /** The runner has a cache of GitHub Actions: its address and a token for it are in the environment. */
  readonly hasActionsCache: boolean
  /** There is a login for the registry of `scope.repository`, or this run pushes there without one. */
  readonly canPush: boolean
}

export interface CacheQuestion {
  readonly inputs: Pick<BuildInputs, 'cache' | 'noCache' | 'call'>
  readonly context: GitContext
  /** Of one build: where several nodes build a part each, each part has its own. */
  readonly scope: CacheScope
  readonly facts: CacheFacts
}

/** Values of `--cache-from` and `--cache-to` besides those of the user, which contain no secret, and their reason. */
export interface CachePlan extends CacheFlags {
  /** Undefined where no cache was asked for. */
  readonly decision: CacheDecision | undefined
}

/** Cache of a build; `asked` is the input `cache`. */
export type CacheDecision =
  | {readonly kind: 'none'; readonly asked: string; readonly reason: CacheReason}
  | {
      readonly kind: 'gha' | 'registry'
      readonly asked: string
      /** Of a registry. */
      readonly repository: string | undefined
      /** Undefined where the input names the backend. */
      readonly reason: CacheReason | undefined
      /** Names of the caches. */
      readonly reads: readonly string[]
      readonly writes: readonly string[]
      /** Why it writes nothing. */
      readonly readOnly: CacheReason | undefined
      /** `no-cache`: it reads nothing. */
      readonly noCache: boolean
    }

/** Where a build reads and writes its cache. Whatever comes of it, the build goes on. */
export function planCache(question: CacheQuestion): CachePlan {
  const {inputs, context, facts} = question
  if (inputs.cache === 'off' || !callBuilds(inputs.call)) return {from: [], to: [], decision: undefined}
  if (!facts.canExport) return none(inputs.cache, {code: 'cache-no-export'})
  const choice = choose(question)
  if ('off' in choice) return none(inputs.cache, choice.off)
  const lock = readOnlyReason(context) ?? choice.readOnly
  const places = choice.backend === 'gha' ? actionsPlaces(question) : registryPlaces(question, choice.repository)
  const from = inputs.noCache ? [] : places.from
  const to = lock === undefined ? places.to : []
  if (from.length + to.length === 0) return none(inputs.cache, lock ?? {code: 'no-cache'})
  return {from, to, decision: decisionOf(inputs, choice, {places, lock})}
}

type Choice =
  | {readonly backend: 'gha'; readonly because: CacheReason | undefined; readonly readOnly: CacheReason | undefined}
  | {
      readonly backend: 'registry'
      readonly repository: Repository
      readonly because: CacheReason | undefined
      readonly readOnly: CacheReason | undefined
    }
  | {readonly off: CacheReason}

function choose(question: CacheQuestion): Choice {
  const {inputs} = question
  if (inputs.cache === 'gha') return actions(question, undefined) ?? {off: {code: 'cache-no-actions'}}
  if (inputs.cache === 'registry') return registry(question, undefined) ?? {off: {code: 'cache-no-image'}}
  return chooseBest(question)
}

/**
 * The caches of a repository share 10 GB on GitHub, which the layers of several platforms fill: then the oldest go, and every
 * build is one without a cache. What only reads looks where the run that writes has written.
 */
function chooseBest(question: CacheQuestion): Choice {
  const {scope, facts, context} = question
  const isOne = scope.platforms.length < 2
  const writes = facts.canPush || readOnlyReason(context) !== undefined
  const options: readonly (Choice | undefined)[] = [
    isOne ? actions(question, {code: 'cache-one-platform'}) : undefined,
    writes ? registry(question, isOne ? unavailable : {code: 'cache-several-platforms'}) : undefined,
    actions(question, {code: 'cache-registry-unwritable'}),
    registry(question, unavailable),
  ]
  return options.find((option) => option !== undefined) ?? {off: {code: 'cache-nowhere'}}
}

const unavailable = {code: 'cache-actions-unavailable'} as const

function actions({facts, context}: CacheQuestion, because: CacheReason | undefined): Choice | undefined {
  if (!facts.hasActionsCache) return undefined
  return {backend: 'gha', because, readOnly: actionsLock(context)}
}

/**
 * GitHub keeps what a run writes for the ref of that run, which under `pull_request_target` is the base branch: what nobody has
 * merged yet would be read by all (https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows).
 */
function actionsLock({event, ref}: GitContext): CacheReason | undefined {
  if (event === 'pull_request_target') return {code: 'cache-base-branch'}
  return ref.kind === 'tag' ? {code: 'cache-tag-scope'} : undefined
}

function registry({facts, scope}: CacheQuestion, because: CacheReason | undefined): Choice | undefined {
  const {repository} = scope
  if (repository === undefined) return undefined
  return {
    backend: 'registry',
    repository,
    because,
    readOnly: facts.canPush ? undefined : {code: 'cache-no-login', host: repository.host},
  }
}

interface Places extends CacheFlags {
  /** Names for the log. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
}

/**
 * Address and token stay in the environment, where Buildx finds them. `timeout` is BuildKit's own default, said because not
 * every version has it: https://docs.docker.com/build/cache/backends/gha/
 */
function actionsPlaces({scope}: CacheQuestion): Places {
  const name = cacheScopeName(scope)
  return {
    from: [`type=gha,scope=${name},timeout=10m`],
    to: [`type=gha,scope=${name},mode=max,ignore-error=true,timeout=10m`],
    reads: [name],
    writes: [name],
  }
}

/**
 * An image manifest of OCI's types is what every registry takes, Amazon ECR too; `mode=max` keeps the stages that are not in
 * the image: https://docs.docker.com/build/cache/backends/registry/
 */
function registryPlaces({scope, context}: CacheQuestion, repository: Repository): Places {
  const writer = cacheWriter(context)
  const tagOf = (owner: Parameters<typeof cacheTag>[1]): string => cacheTag(scope, owner)
  const reads = cacheReaders(context).map(tagOf)
  const writes = writer === undefined ? [] : [tagOf(writer)]
  const ref = (tag: string): string => `type=registry,ref=${formatTagRef({repository, tag})}`
  return {
    from: reads.map(ref),
    to: writes.map((tag) => `${ref(tag)},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true`),
    reads,
    writes,
  }
}

function decisionOf(
  {cache, noCache}: CacheQuestion['inputs'],
  choice: Exclude<Choice, {readonly off: CacheReason}>,
  {places, lock}: {readonly places: Places; readonly lock: CacheReason | undefined},
): CacheDecision {
  return {
    kind: choice.backend,
    asked: cache,
    repository: choice.backend === 'registry' ? formatRepository(choice.repository) : undefined,
    reason: choice.because,
    reads: noCache ? [] : places.reads,
    writes: lock === undefined ? places.writes : [],
    readOnly: lock,
    noCache,
  }
}

function none(asked: string, reason: CacheReason): CachePlan {
  return {from: [], to: [], decision: {kind: 'none', asked, reason}}
}

/** Log line of a cache: `Cache: ghcr.io/o/app (cache: auto: …), reads …, writes …`. */
export function cacheLine(decision: CacheDecision): string {
  const {asked, reason} = decision
  if (decision.kind === 'none')
    return `Cache: none, although \`cache: ${asked}\` is set: ${formatReason(decision.reason)}`
  const {kind, repository, noCache, readOnly} = decision
  const where = kind === 'gha' ? 'cache of GitHub Actions' : (repository ?? '')
  const reads = noCache ? 'reads nothing (no-cache)' : `reads ${listed(decision.reads)}`
  const writes =
    readOnly === undefined ? `writes ${listed(decision.writes)}` : `writes nothing: ${formatReason(readOnly)}`
  return `Cache: ${where} (cache: ${asked}${reason === undefined ? '' : `: ${formatReason(reason)}`}), ${reads}, ${writes}`
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ')
}
