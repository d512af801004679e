import type {CacheFlags} from '../../buildx/arguments.ts'
import type {GitContext} from '../../context/git-context.ts'
import {callBuilds} from '../../inputs/call.ts'
import type {BuildInputs} from '../../inputs/inputs.ts'
import {formatRepository, formatTagRef, type Repository} from '../../oci/reference.ts'
import {cacheReaders, cacheWriter, readOnlyReason} from '../../plan/cache-owners.ts'
import type {CacheReason} from '../../reasons/cache-reasons.ts'
import {formatReason} from '../../reasons/reason.ts'
import {cacheScopeName, cacheTag, type CacheScope} from './cache-scope.ts'

/** Facts about the runner, the builder and the registry that decide on a cache. */
export interface CacheFacts {
  /** The builder can export a cache. Only that of an engine without the containerd image store cannot. */
  readonly canExport: boolean
  /** The environment has address and token of the cache of GitHub Actions. */
  readonly hasActionsCache: boolean
  /** The run has a login for the registry of `scope.repository`, or pushes there without one. */
  readonly canPush: boolean
  /** An earlier build of this run has written the cache. */
  readonly isWritten?: boolean
}

/** Facts that decide which cache a build uses. */
export interface CacheQuestion {
  readonly inputs: Pick<BuildInputs, 'cache' | 'noCache' | 'call'>
  readonly context: GitContext
  /** Scope of one build. If several nodes build, each has its own. */
  readonly scope: CacheScope
  readonly facts: CacheFacts
}

/** Values of `--cache-from` and `--cache-to` in addition to those of the user, and the decision. They contain no secret. */
export interface CachePlan extends CacheFlags {
  /** Absent if no cache is requested. */
  readonly decision: CacheDecision | undefined
}

/** Decision on the cache of a build. `requested` is the value of the input `cache`. */
export type CacheDecision =
  | {readonly kind: 'none'; readonly requested: string; readonly reason: CacheReason}
  | {
      readonly kind: 'gha' | 'registry'
      readonly requested: string
      /** Repository of a registry cache. */
      readonly repository: string | undefined
      /** Absent if the input names the backend. */
      readonly reason: CacheReason | undefined
      /** Names of the caches. */
      readonly reads: readonly string[]
      readonly writes: readonly string[]
      /** Reason not to write to the cache, if any. */
      readonly readOnly: CacheReason | undefined
      /** The input `no-cache` is set: the cache is not read. */
      readonly noCache: boolean
    }

/** Decides where a build reads and writes its cache. */
export function planCache(question: CacheQuestion): CachePlan {
  const {inputs, context, facts} = question
  if (inputs.cache === 'off' || !callBuilds(inputs.call)) return {from: [], to: [], decision: undefined}
  if (!facts.canExport) return none(inputs.cache, {code: 'cache-no-export'})
  const choice = choose(question)
  if ('off' in choice) return none(inputs.cache, choice.off)
  const readOnly = readOnlyReason(context) ?? choice.readOnly ?? (facts.isWritten === true ? written : undefined)
  const targets = choice.backend === 'gha' ? actionsTargets(question) : registryTargets(question, choice.repository)
  const from = inputs.noCache ? [] : targets.from
  const to = readOnly === undefined ? targets.to : []
  if (from.length + to.length === 0) return none(inputs.cache, readOnly ?? {code: 'no-cache'})
  return {from, to, decision: decisionOf(inputs, choice, {targets, readOnly})}
}

const written = {code: 'cache-written'} as const

type Choice =
  | {readonly backend: 'gha'; readonly reason: CacheReason | undefined; readonly readOnly: CacheReason | undefined}
  | {
      readonly backend: 'registry'
      readonly repository: Repository
      readonly reason: CacheReason | undefined
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
 * Chooses the cache for `cache: auto`. All caches of a repository on GitHub share 10 GB, which the layers of several
 * platforms exceed; GitHub then evicts the oldest. A run that only reads uses the cache that the writing run uses.
 */
function chooseBest(question: CacheQuestion): Choice {
  const {scope, facts, context} = question
  const isSinglePlatform = scope.platforms.length < 2
  const writes = facts.canPush || readOnlyReason(context) !== undefined
  const options: readonly (Choice | undefined)[] = [
    isSinglePlatform ? actions(question, {code: 'cache-one-platform'}) : undefined,
    writes ? registry(question, isSinglePlatform ? unavailable : {code: 'cache-several-platforms'}) : undefined,
    actions(question, {code: 'cache-registry-unwritable'}),
    registry(question, unavailable),
  ]
  return options.find((option) => option !== undefined) ?? {off: {code: 'cache-nowhere'}}
}

const unavailable = {code: 'cache-actions-unavailable'} as const

function actions({facts, context}: CacheQuestion, reason: CacheReason | undefined): Choice | undefined {
  if (!facts.hasActionsCache) return undefined
  return {backend: 'gha', reason, readOnly: actionsReadOnly(context)}
}

/**
 * Reason not to write to the cache of GitHub Actions, if any. GitHub stores a cache for the ref of the run, which for
 * `pull_request_target` is the base branch: all runs would read the cache of unmerged code
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows).
 */
function actionsReadOnly({event, ref}: GitContext): CacheReason | undefined {
  if (event === 'pull_request_target') return {code: 'cache-base-branch'}
  return ref.kind === 'tag' ? {code: 'cache-tag-scope'} : undefined
}

function registry({facts, scope}: CacheQuestion, reason: CacheReason | undefined): Choice | undefined {
  const {repository} = scope
  if (repository === undefined) return undefined
  return {
    backend: 'registry',
    repository,
    reason,
    readOnly: facts.canPush ? undefined : {code: 'cache-no-login', host: repository.host},
  }
}

interface CacheTargets extends CacheFlags {
  /** Names in the log. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
}

/**
 * Flags of a cache of GitHub Actions. Buildx reads address and token from the environment. `timeout` is the default of
 * BuildKit, which older versions do not have: https://docs.docker.com/build/cache/backends/gha/
 */
function actionsTargets({scope}: CacheQuestion): CacheTargets {
  const name = cacheScopeName(scope)
  return {
    from: [`type=gha,scope=${name},timeout=10m`],
    to: [`type=gha,scope=${name},mode=max,ignore-error=true,timeout=10m`],
    reads: [name],
    writes: [name],
  }
}

/**
 * Flags of a registry cache. All registries accept an image manifest with OCI media types, also Amazon ECR. `mode=max`
 * includes the stages that are not in the image: https://docs.docker.com/build/cache/backends/registry/
 */
function registryTargets({scope, context}: CacheQuestion, repository: Repository): CacheTargets {
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
  {targets, readOnly}: {readonly targets: CacheTargets; readonly readOnly: CacheReason | undefined},
): CacheDecision {
  return {
    kind: choice.backend,
    requested: cache,
    repository: choice.backend === 'registry' ? formatRepository(choice.repository) : undefined,
    reason: choice.reason,
    reads: noCache ? [] : targets.reads,
    writes: readOnly === undefined ? targets.writes : [],
    readOnly,
    noCache,
  }
}

function none(requested: string, reason: CacheReason): CachePlan {
  return {from: [], to: [], decision: {kind: 'none', requested, reason}}
}

/** Log line of a decision: `Cache: ghcr.io/o/app (cache: auto: …), reads …, writes …`. */
export function cacheLine(decision: CacheDecision): string {
  const {requested, reason} = decision
  if (decision.kind === 'none')
    return `Cache: none, although \`cache: ${requested}\` is set: ${formatReason(decision.reason)}`
  const {kind, repository, noCache, readOnly} = decision
  const where = kind === 'gha' ? 'cache of GitHub Actions' : (repository ?? '')
  const reads = noCache ? 'reads nothing (no-cache)' : `reads ${listed(decision.reads)}`
  const writes =
    readOnly === undefined ? `writes ${listed(decision.writes)}` : `writes nothing: ${formatReason(readOnly)}`
  return `Cache: ${where} (cache: ${requested}${reason === undefined ? '' : `: ${formatReason(reason)}`}), ${reads}, ${writes}`
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ')
}
