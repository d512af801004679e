import {toTagboatError, type TagboatError} from '../errors/error.ts'
import {errorWarning} from '../errors/render-error.ts'
import {formatRepository, type Repository} from '../oci/reference.ts'
import {requiredPart} from '../plan/best-effort.ts'
import {repositoriesOf, type PlannedTag} from '../plan/plan.ts'
import {relationFinder} from '../promote/commit-relation.ts'
import {explainRows, type ExplainedRow} from '../promote/explained-rows.ts'
import type {PromoteRow} from '../promote/journal.ts'
import {publishedDigests} from '../promote/published-digests.ts'
import {imageTargets} from '../preflight/push-targets.ts'
import {stateReader} from '../promote/read-state.ts'
import {copyImage} from '../registry/images/copy.ts'
import {readFacts, readPlatform} from '../registry/images/read-facts.ts'
import type {RepositoryClient} from '../registry/repository-client.ts'
import {openRegistries, type Registries, type RegistryUser} from '../run/registries.ts'
import {after, RunFailure, type RunResult} from '../run/run-result.ts'
import {ensureVisible} from '../stage/temporary-tags.ts'
import {promoteImage, type Publication} from './promote-image.ts'

/** A run whose required images are published. Its plan has the tags of all images. */
export interface BestEffortRun extends Publication {
  /** Credentials of the run. */
  readonly user: Omit<RegistryUser, 'pushedTo'>
}

/** Maximum number of retries of each request: a registry that is down must not hold up the job. */
const mostRetries = 2

/**
 * Publishes the image to the repositories with `required=false`, after all others have it: copies it from one of them,
 * and moves the tags of each repository in a transaction of its own. A repository that fails gets a warning, and its
 * tags have rows with the reason.
 * @throws RunFailure if the run is cancelled.
 */
export async function publishBestEffort(done: RunResult, run: BestEffortRun): Promise<RunResult> {
  const {prepared, registries, user, io} = run
  const {plan, inputs} = prepared
  const {bestEffort = []} = plan
  const source = sourceOf(done, run)
  if (source === undefined) return unstaged(done, run)
  const retries = Math.min(inputs.publish.retries, mostRetries)
  const findRelation = relationFinder(prepared, io)
  using opened = await openRegistries({...user, pushedTo: bestEffort}, retries, io)
  const {repository, digest} = source
  const isVouched = done.signed?.signatures.some(({subject}) => subject === digest) ?? false
  const from = {...source, client: registries.clients.repository(repository), isVouched}
  const results = await Promise.all(
    bestEffort.map(async (repository) => publishTo(repository, from, {...run, registries: opened, findRelation})),
  )
  const result: RunResult = {
    ...done,
    plan: done.plan ?? plan,
    rows: [...(done.rows ?? []), ...results.flatMap(({rows}) => rows)],
    signed: mergedSignatures([done, ...results]),
    versions: new Map([done, ...results].flatMap(({versions}) => [...(versions ?? [])])),
    unpublished: results.flatMap(({repository, failure}) => (failure === undefined ? [] : [repository])),
  }
  await after(result, () => {
    io.signal.throwIfAborted()
  })
  return result
}

/** Signatures in all repositories. */
function mergedSignatures(results: readonly Pick<RunResult, 'signed'>[]): RunResult['signed'] {
  const all = results.flatMap(({signed}) => signed ?? [])
  const [first] = all
  return first && {...first, signatures: all.flatMap(({signatures}) => signatures)}
}

/** Result of a run whose image is only in the builder: no registry has it to copy. */
function unstaged(done: RunResult, {prepared, io}: BestEffortRun): RunResult {
  const {plan} = prepared
  const {bestEffort = []} = plan
  const names = bestEffort.map(formatRepository)
  const message = 'the builder cannot stage, and the required images keep all their tags'
  io.workflow.notice(`Not published to ${names.join(', ')}: ${message}.`)
  const tags = plan.tags.filter(({reference}) => names.includes(formatRepository(reference.repository)))
  const rows = rowsOf(tags, {outcome: 'kept', reason: {code: 'image-failed', message}})
  return {...done, rows: [...(done.rows ?? []), ...rows], unpublished: bestEffort}
}

type Source = Pick<BestEffortSource, 'repository' | 'digest'>

interface BestEffortSource {
  readonly repository: Repository
  readonly digest: ReturnType<typeof publishedDigests> extends ReadonlyMap<string, infer Value> ? Value : never
  readonly client: RepositoryClient
  /** Whether the run has signed the image. */
  readonly isVouched: boolean
}

/** A required repository, and the digest that this run published there; undefined if the registries have no image. */
function sourceOf({staged, rows}: RunResult, {prepared}: BestEffortRun): Source | undefined {
  const plan = requiredPart(prepared.plan)
  const [repository] = repositoriesOf(plan)
  if (repository === undefined || staged === undefined) return undefined
  const digests = publishedDigests({plan, rows}, staged.digest)
  return {repository, digest: digests.get(formatRepository(repository)) ?? staged.digest}
}

interface MirrorRun extends BestEffortRun {
  readonly registries: Registries
  readonly findRelation: ReturnType<typeof relationFinder>
}

interface RepositoryResult extends Pick<RunResult, 'versions' | 'signed'> {
  readonly repository: Repository
  readonly rows: readonly ExplainedRow[]
  readonly failure: TagboatError | undefined
}

async function publishTo(repository: Repository, source: BestEffortSource, run: MirrorRun): Promise<RepositoryResult> {
  const {prepared, io} = run
  const name = formatRepository(repository)
  const tags = prepared.plan.tags.filter(({reference}) => formatRepository(reference.repository) === name)
  try {
    const {
      rows = [],
      versions,
      signed,
    } = await copyAndTag(repository, source, {
      ...run,
      prepared: {...prepared, plan: {...prepared.plan, tags}},
    })
    return {repository, rows, versions, signed, failure: undefined}
  } catch (thrown) {
    const {error, done} =
      thrown instanceof RunFailure ? {error: thrown.cause, done: thrown.done} : {error: thrown, done: {}}
    const failure = toTagboatError(error)
    const {versions, signed} = done
    // The run ends as cancelled, when all repositories have ended.
    if (io.signal.aborted) return {repository, rows: done.rows ?? rowsOf(tags, notReached), versions, signed, failure}
    io.workflow.warning(errorWarning(failure, `${name} is not complete. It is not required, so the run continues.`))
    return {repository, rows: failedRows(tags, done.rows, failure), versions, signed, failure}
  }
}

const notReached = {outcome: 'kept', reason: {code: 'not-reached'}} as const

async function copyAndTag(
  repository: Repository,
  {client: source, digest, isVouched}: BestEffortSource,
  run: MirrorRun,
): Promise<RunResult> {
  const {prepared, registries, user, io} = run
  const {plan, inputs} = prepared
  const {policy} = inputs.publish
  const {clients} = registries
  const destination = clients.repository(repository)
  const {askRegistries, requirePromotion} = await import('./check-promotion.ts')
  const [checks, facts] = await askRegistries(
    imageTargets(plan),
    {...user, clients, create: inputs.credentials.clouds?.ecrCreate, workflow: io.workflow},
    readFacts(source, digest),
  )
  const reader = stateReader({
    policy,
    revision: facts.revision,
    findRelation: run.findRelation,
    now: io.now,
  })
  const request = {tags: plan.tags, thisRun: facts, policy}
  await requirePromotion(checks, {...request, digest}, {clients, reader, workflow: io.workflow})
  const onLeftOut = (line: string): void => {
    io.workflow.warning(line)
  }
  const content = await copyImage({digest, source, destination, onLeftOut})
  const temporaryTags = ensureVisible(content, [destination], io)
  const [platform] = await Promise.all([readPlatform(source, content), temporaryTags])
  const image = {content, platform, repository, existing: true, temporaryTags, isVouched}
  return promoteImage(image, request, {...run, reader})
}

/** Rows of a repository that failed. A tag that the run did not reach has the reason of the failure. */
function failedRows(
  tags: readonly PlannedTag[],
  rows: readonly ExplainedRow[] = [],
  {message}: TagboatError,
): readonly ExplainedRow[] {
  const reason = {code: 'image-failed', message} as const
  return rowsOf(tags, {outcome: 'failed', reason}).map((row, index) => {
    const known = rows[index]
    return known === undefined || known.code === 'not-reached' ? row : known
  })
}

/** Rows of tags of which only this outcome is known. */
function rowsOf(tags: readonly PlannedTag[], known: Pick<PromoteRow, 'outcome' | 'reason'>): readonly ExplainedRow[] {
  return explainRows(
    tags.map(({reference}) => ({reference, before: undefined, after: undefined, level: 'info', ...known})),
  )
}
