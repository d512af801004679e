import {toTagboatError, type TagboatError} from '../../errors/error.ts'
import {errorWarning} from '../../errors/render-error.ts'
import type {Io} from '../../io/io.ts'
import {formatRepository, type Repository} from '../../oci/reference.ts'
import {tagPlanner} from '../../plan/tag-planner.ts'
import {formatGitHubDenial} from '../../reasons/github-denials.ts'
import {formatRetentionNotice} from '../../reasons/retention-notices.ts'
import type {JudgedRepository, PruneReport, UnjudgedRepository} from '../../report/prune/prune-report.ts'
import {dependsOnRefs} from '../../retention/decide/depends-on-refs.ts'
import {openRegistries} from '../../run/registries.ts'
import {registryUser} from '../registry-user.ts'
import {deleteImages} from './delete-images.ts'
import {readDeployed} from './deployed.ts'
import {judgeRepository, type Judgement, type JudgeRequest} from './judge-repository.ts'
import {warnOfLifecycle, writeLifecycle} from './lifecycle.ts'
import {readRefsIfListed} from './live-refs.ts'
import {isMissing, warnOfMissing} from './missing-repository.ts'
import {openRepository, type OpenRepository} from './open-repository.ts'
import type {PreparedPrune} from './prepare-prune.ts'
import {withProgress} from './progress.ts'
import {noticeUnknownDigests} from './protect-notice.ts'
import {storeResources, type RunResources} from './store-resources.ts'
import {logJudgement, logResult} from './write-report.ts'

/** Time in which GitHub restores deleted packages. */
const restorableMs = 30 * 86_400_000

type PruneResult = Pick<PruneReport, 'judged' | 'unjudged' | 'lifecyclePolicy'>

/**
 * Judges each repository, and deletes nothing before all of them are judged. A repository that cannot be judged, or in which
 * the run refuses to delete anything, does not stop the others.
 * @throws TagboatError if GitHub or the credentials do not answer, or the run is cancelled before the first deletion.
 */
export async function pruneRepositories(prepared: PreparedPrune, io: Io): Promise<PruneResult> {
  const {inputs, context, bestEffort} = prepared
  const required = prepared.repositories.filter((one) => !bestEffort.includes(one))
  const user = await registryUser({inputs, context, pushedTo: required, bestEffort}, io)
  using registries = await openRegistries({...user, pushedTo: prepared.repositories}, inputs.publish.retries, io)
  const resources = await storeResources({registries, minted: user.minted ?? [], inputs, context})
  const request = await judgeRequest(prepared, resources, io)
  const lifecyclePolicy = writeLifecycle(prepared, request, io)
  const found: (OpenJudgement | UnjudgedRepository)[] = []
  for (const repository of prepared.repositories) {
    found.push(await judge(repository, {prepared, resources, request}, io))
  }
  noticeUnknownDigests(
    prepared,
    found.flatMap((one) => ('judgement' in one ? [one.judged] : [])),
    io,
  )
  const judged: JudgedRepository[] = []
  for (const one of found) if ('judgement' in one) judged.push(await finish(one, prepared, io))
  return {judged, unjudged: found.filter((one): one is UnjudgedRepository => !('judgement' in one)), lifecyclePolicy}
}

/** Reads what the decisions depend on besides the repositories: branches, pull requests and deployments. */
async function judgeRequest(
  {inputs, retention, step, context}: PreparedPrune,
  {gitHub: api}: Pick<RunResources, 'gitHub'>,
  io: Io,
): Promise<JudgeRequest> {
  const {repository} = context
  const [{refs, denied}, deployed] = await Promise.all([
    readRefsIfListed({repository, api}, dependsOnRefs(retention, step.writtenRules)),
    readDeployed({repository, api, keepDeployed: retention.keepDeployed}),
  ])
  for (const denial of [...denied, ...deployed.denied]) io.workflow.notice(`${formatGitHubDenial(denial)}.`)
  const {image} = inputs
  const now = io.now()
  return {
    inputs: retention,
    planner: tagPlanner({...step, image, now, regex: io.regex}, context),
    component: image.component,
    refs,
    source: repository.url,
    deployed: deployed.revisions,
    regex: io.regex,
    now,
  }
}

/** Repository with the decisions about it. */
interface OpenJudgement {
  readonly opened: OpenRepository
  readonly judgement: Judgement
  readonly judged: JudgedRepository
}

interface JudgeSources {
  readonly prepared: PreparedPrune
  readonly resources: RunResources
  readonly request: JudgeRequest
}

async function judge(
  repository: Repository,
  {prepared, resources, request}: JudgeSources,
  io: Io,
): Promise<OpenJudgement | UnjudgedRepository> {
  const isBestEffort = prepared.bestEffort.includes(repository)
  try {
    const opened = await openWithProgress(repository, resources, request.now, io)
    const {content, store} = opened
    const judgement = judgeRepository(content, request, store)
    const {decisions, notices, plan, refusal} = judgement
    const isAbsent = await isMissing(content, resources.clients.host(repository.host))
    if (isAbsent) warnOfMissing({repository, isBestEffort}, io)
    for (const notice of notices) {
      io.workflow.notice(`In ${formatRepository(repository)}, ${formatRetentionNotice(notice)}.`)
    }
    const judged = {
      repository,
      isBestEffort,
      content,
      decisions,
      plan: plan(new Set()),
      lines: new Map(request.inputs.policy.flatMap(({line, text}) => (line === undefined ? [] : [[line, text]]))),
      ...(isAbsent && ({isMissing: true} as const)),
      ...(refusal !== undefined && {failure: refusal}),
      ...(store.restore !== undefined && {restorableUntil: new Date(request.now.getTime() + restorableMs)}),
    }
    logJudgement(judged, prepared.inputs.publish.dryRun, io)
    await warnOfLifecycle(judged, request, {resources, io})
    return {opened, judgement, judged}
  } catch (error) {
    io.signal.throwIfAborted()
    return {repository, isBestEffort, failure: toTagboatError(error)}
  }
}

async function openWithProgress(
  repository: Repository,
  resources: RunResources,
  now: Date,
  io: Io,
): Promise<OpenRepository> {
  let count = 0
  const onManifest = (): void => {
    count += 1
  }
  return withProgress(
    () => `Reading ${formatRepository(repository)}: ${count} manifests`,
    io,
    async () => openRepository(repository, resources, {now, onManifest}),
  )
}

/** Deletes what was judged, unless this is a dry run or a refusal. Any error is the failure of the repository. */
async function finish(open: OpenJudgement, {inputs, retention}: PreparedPrune, io: Io): Promise<JudgedRepository> {
  const {judgement, judged} = open
  if (inputs.publish.dryRun || judgement.refusal !== undefined) return judged
  const untouched = {
    ...judged,
    results: judged.plan.steps.map((step) => ({step, outcome: {kind: 'remaining'}}) as const),
  }
  if (io.signal.aborted) return untouched
  try {
    return await deleteJudged(open, retention.validate, io)
  } catch (error) {
    return {...untouched, failure: toTagboatError(error)}
  }
}

/** Deletes what was judged, and reports what happened. */
async function deleteJudged(
  {opened, judgement, judged}: OpenJudgement,
  validates: boolean,
  io: Io,
): Promise<JudgedRepository> {
  const {workflow, signal} = io
  const repository = formatRepository(judged.repository)
  let count = 0
  const onStep = (): void => {
    count += 1
  }
  const {execution, validation, isUnread} = await withProgress(
    () => `Deleting in ${repository}: ${count} of ${judged.plan.steps.length} images and tags`,
    io,
    async () => deleteImages(opened, judgement, {validates, signal, onStep}),
  )
  for (const {tag, digest, isRestored} of validation?.missing ?? []) {
    const name = `${repository}${tag === undefined ? `@${digest}` : `:${tag}`}`
    if (isRestored) workflow.warning(`${name} was missing after the deletions, and exists again.`)
  }
  const {steps, plan} = execution
  if (isUnread) {
    workflow.warning(`${repository}: the run was cancelled, and what stays was not read back. Run the job again.`)
  }
  // A loss is more urgent than deletions that are left.
  const failure: TagboatError | undefined = validation?.failure ?? execution.failure
  if (execution.failure !== undefined && failure !== execution.failure)
    workflow.warning(errorWarning(execution.failure))
  const result = {...judged, plan, results: steps, ...(failure !== undefined && {failure})}
  logResult(result, io)
  return result
}
