import {errorWarning} from '../../errors/render-error.ts'
import type {Io} from '../../io/io.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import type {ClosedSkip} from '../../reasons/closed-skips.ts'
import {formatGitHubDenial} from '../../reasons/github-denials.ts'
import {closedRef, type ClosedRef} from '../../retention/closed/closed-ref.ts'
import {branchWithoutUse, existsAgain} from '../../retention/closed/decide-closed.ts'
import type {ClosedReport} from '../../report/prune/closed-report.ts'
import type {UnjudgedRepository} from '../../report/prune/prune-report.ts'
import {openRegistries} from '../../run/registries.ts'
import {registryUser} from '../registry-user.ts'
import {readLiveRefs} from '../prune/live-refs.ts'
import {readOnlyReason, requireLogins} from '../prune/prepare-prune.ts'
import {storeResources} from '../prune/store-resources.ts'
import {closedStep, type ClosedStep} from './closed-step.ts'
import {deleteTags} from './delete-tags.ts'
import {writeClosedReport} from './write-closed-report.ts'

/**
 * Input `closed: delete`: deletes the tags and the build cache of a pull request that the event closed, or of a branch that
 * it deleted. After any other event, it does nothing.
 * @throws TagboatError if a tag of a required repository could not be deleted.
 */
export async function deleteClosed(prepared: Prepared, io: Io): Promise<void> {
  const closed = closedRef(prepared.context)
  if (closed === undefined) return
  const report = await reportOf(closed, prepared, io)
  await writeClosedReport(report, prepared.inputs.publish, io)
  const failed = [...report.judged, ...report.unjudged].flatMap(({isBestEffort, failure}) =>
    failure === undefined ? [] : [{isBestEffort, failure}],
  )
  const error = io.signal.aborted ? undefined : failed.find(({isBestEffort}) => !isBestEffort)?.failure
  for (const {failure} of failed) if (failure !== error) io.workflow.warning(errorWarning(failure))
  io.signal.throwIfAborted()
  if (error !== undefined) throw error
}

async function reportOf(closed: ClosedRef, prepared: Prepared, io: Io): Promise<ClosedReport> {
  const {inputs, context} = prepared
  const {dryRun} = inputs.publish
  const nothing = {closed, dryRun, judged: [], unjudged: []}
  const readOnly = readOnlyReason(context)
  if (readOnly !== undefined) return {...nothing, skip: readOnly}
  const step = closedStep(prepared, closed, io)
  if (step.repositories.length === 0) return {...nothing, skip: {code: 'no-images'}}
  if (dryRun && !inputs.publish.readsRegistry) return {...nothing, planned: plannedNames(step, prepared)}
  await requireLogins({inputs, context, ...step})
  return {...nothing, ...(await deleteIn(step, prepared, io))}
}

/** Tags that a run would delete, if they exist: a dry run without requests does not know. */
function plannedNames({ownTags, closed}: ClosedStep, {context}: Prepared): readonly string[] {
  const {defaultBranch} = context.repository
  const openPulls = new Set<number>()
  const branches = new Set(closed.kind === 'branch' || defaultBranch === undefined ? [] : [defaultBranch])
  return ownTags({defaultBranch, branches, openPulls}).map(({tag}) => tag)
}

/** Deletes the tags in all repositories of the step. A failure in one of them does not stop the others. */
async function deleteIn(
  step: ClosedStep,
  {inputs, context}: Prepared,
  io: Io,
): Promise<Pick<ClosedReport, 'judged' | 'unjudged' | 'skip'>> {
  const {repositories, bestEffort, closed} = step
  const required = repositories.filter((one) => !bestEffort.includes(one))
  const user = await registryUser({inputs, context, pushedTo: required, bestEffort}, io)
  using registries = await openRegistries({...user, pushedTo: repositories}, inputs.publish.retries, io)
  const resources = await storeResources({registries, minted: user.minted ?? [], inputs, context})
  const {refs, denied} = await readLiveRefs({repository: context.repository, api: resources.gitHub})
  if (existsAgain(closed, refs)) return {judged: [], unjudged: [], skip: againReason(closed)}
  for (const denial of denied) io.workflow.notice(`${formatGitHubDenial(denial)}.`)
  const own = step.ownTags(refs)
  if (own.length === 0 && branchWithoutUse(closed, refs) === undefined)
    return {judged: [], unjudged: [], skip: {code: 'no-own-tags'}}
  const request = {closed, own, refs, source: context.repository.url, inputs, resources, bestEffort}
  const found = await Promise.all(repositories.map(async (one) => deleteTags(one, request, io)))
  const results = found.filter((one) => one !== undefined)
  return {
    judged: results.filter((one) => 'decisions' in one),
    unjudged: results.filter((one): one is UnjudgedRepository => !('decisions' in one)),
  }
}

function againReason(closed: ClosedRef): ClosedSkip {
  return closed.kind === 'pull'
    ? {code: 'open-again', number: closed.number}
    : {code: 'exists-again', branch: closed.branch}
}
