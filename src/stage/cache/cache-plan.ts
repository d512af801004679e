import type {GitContext} from '../../context/git-context.ts'
import {callBuilds} from '../../inputs/call.ts'
import type {BuildInputs} from '../../inputs/inputs.ts'
import {formatRepository, formatTagRef, type Repository} from '../../oci/reference.ts'
import {cacheReaders, cacheWriter, readOnlyReason} from '../../plan/cache-owners.ts'
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

/** Values of `--cache-from` and `--cache-to`, besides those of the user. No secret is in them. */
export interface CacheFlags {
  readonly from: readonly string[]
  readonly to: readonly string[]
}

export interface CachePlan extends CacheFlags {
  /** For the log: what and why. Undefined where nobody asked for a cache. */
  readonly line: string | undefined
  /** `notice`: a cache was asked for, and there is none. */
  readonly level: 'info' | 'notice'
}

/** Where a build reads and writes its cache. Whatever comes of it, the build goes on. */
export function planCache(question: CacheQuestion): CachePlan {
  const {inputs, context, facts} = question
  if (inputs.cache === 'off' || !callBuilds(inputs.call)) return {from: [], to: [], line: undefined, level: 'info'}
  if (!facts.canExport) return none(inputs.cache, unableReason)
  const choice = choose(question)
  if ('off' in choice) return none(inputs.cache, choice.off)
  const lock = readOnlyReason(context) ?? choice.readOnly
  const places = choice.backend === 'gha' ? actionsPlaces(question) : registryPlaces(question, choice.repository)
  const from = inputs.noCache ? [] : places.from
  const to = lock === undefined ? places.to : []
  if (from.length + to.length === 0) return none(inputs.cache, lock ?? 'no-cache')
  return {from, to, line: lineOf(question, choice, {places, lock}), level: 'info'}
}

const unableReason =
  'the builder can export none: its engine has no containerd image store. Turn that on, or use `driver: docker-container`'
const actionsMissing =
  'this runner offers no cache of GitHub Actions (ACTIONS_RUNTIME_TOKEN with ACTIONS_RESULTS_URL or ACTIONS_CACHE_URL)'
const imageMissing = 'there is no image to keep it beside'

type Choice =
  | {readonly backend: 'gha'; readonly because: string; readonly readOnly: string | undefined}
  | {
      readonly backend: 'registry'
      readonly repository: Repository
      readonly because: string
      readonly readOnly: string | undefined
    }
  | {readonly off: string}

function choose(question: CacheQuestion): Choice {
  const {inputs} = question
  if (inputs.cache === 'gha') return actions(question, '') ?? {off: actionsMissing}
  if (inputs.cache === 'registry') return registry(question, '') ?? {off: imageMissing}
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
    isOne ? actions(question, 'one platform, and the runner offers it') : undefined,
    writes
      ? registry(question, isOne ? noActions : 'several platforms would fill the cache of GitHub Actions')
      : undefined,
    actions(question, 'no login for the registry'),
    registry(question, noActions),
  ]
  return options.find((option) => option !== undefined) ?? {off: `${actionsMissing}, and ${imageMissing}`}
}

const noActions = 'the runner offers no cache of GitHub Actions'

function actions({facts, context}: CacheQuestion, because: string): Choice | undefined {
  if (!facts.hasActionsCache) return undefined
  return {backend: 'gha', because, readOnly: actionsLock(context)}
}

/**
 * GitHub keeps what a run writes for the ref of that run, which under `pull_request_target` is the base branch: what nobody has
 * merged yet would be read by all (https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows).
 */
function actionsLock({event, ref}: GitContext): string | undefined {
  if (event === 'pull_request_target') return 'it would be written for the branch that the pull request goes to'
  return ref.kind === 'tag' ? 'what a tag writes, no other ref can read' : undefined
}

function registry({facts, scope}: CacheQuestion, because: string): Choice | undefined {
  const {repository} = scope
  if (repository === undefined) return undefined
  return {
    backend: 'registry',
    repository,
    because,
    readOnly: facts.canPush ? undefined : `no login for ${repository.host}`,
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

function lineOf(
  {inputs}: CacheQuestion,
  choice: Exclude<Choice, {readonly off: string}>,
  {places, lock}: {readonly places: Places; readonly lock: string | undefined},
): string {
  const where = choice.backend === 'gha' ? 'cache of GitHub Actions' : formatRepository(choice.repository)
  const reads = inputs.noCache ? 'reads nothing (no-cache)' : `reads ${listed(places.reads)}`
  const writes = lock === undefined ? `writes ${listed(places.writes)}` : `writes nothing: ${lock}`
  const because = choice.because === '' ? '' : `: ${choice.because}`
  return `Cache: ${where} (cache: ${inputs.cache}${because}), ${reads}, ${writes}`
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ')
}

function none(asked: string, reason: string): CachePlan {
  return {from: [], to: [], line: `Cache: none, though cache: ${asked} asks for one: ${reason}`, level: 'notice'}
}
