import {errorMessage} from '../../errors/error.ts'
import type {Io} from '../../io/io.ts'
import {cloudVendor} from '../../oci/cloud-vendor.ts'
import {parseEcrHost} from '../../oci/ecr.ts'
import {formatRepository} from '../../oci/reference.ts'
import {readEcrLifecycle} from '../../prune/ecr/ecr-lifecycle.ts'
import type {StoreResources} from '../../prune/store-opener.ts'
import {formatLifecycleReason, type LifecycleReason} from '../../reasons/prune/lifecycle-reasons.ts'
import {ecrConflicts} from '../../retention/lifecycle/ecr-conflicts.ts'
import {lifecyclePolicy, type LifecycleVendor} from '../../retention/lifecycle/lifecycle-policy.ts'
import type {LifecycleText} from '../../retention/lifecycle/lifecycle-text.ts'
import type {RepositoryContent} from '../../retention/repository-content.ts'
import type {RetentionDecision} from '../../retention/tag-decision.ts'
import type {JudgeRequest} from './judge-repository.ts'
import type {PreparedPrune} from './prepare-prune.ts'
import {runPlanners} from './run-planners.ts'

interface LifecycleRegistry {
  readonly name: string
  /** Reports whether it has the repositories of a host. */
  readonly has: (host: string) => boolean
}

const registries: Readonly<Record<LifecycleVendor, LifecycleRegistry>> = {
  // Repositories of public.ecr.aws have no lifecycle policy.
  ecr: {name: 'Amazon ECR', has: (host) => parseEcrHost(host)?.kind === 'private'},
  google: {name: 'Google Artifact Registry', has: (host) => cloudVendor(host) === 'google'},
  azure: {name: 'Azure Container Registry', has: (host) => cloudVendor(host) === 'azure'},
}

/** Writes the policy for the registry of the input `lifecycle`, and logs what it cannot express. Undefined without one. */
export function writeLifecycle(prepared: PreparedPrune, request: JudgeRequest, io: Io): string | undefined {
  const {lifecycle} = prepared.retention
  if (lifecycle === 'none') return undefined
  const {text, notices} = lifecycleText(lifecycle, prepared, request, io)
  for (const notice of notices) io.workflow.notice(`lifecycle=${lifecycle}: ${formatLifecycleReason(notice)}`)
  return text
}

function lifecycleText(
  lifecycle: LifecycleVendor,
  {step, inputs, context, repositories}: PreparedPrune,
  {inputs: retention, refs, component}: JudgeRequest,
  io: Io,
): LifecycleText {
  const {name, has} = registries[lifecycle]
  const planners = runPlanners({...step, image: inputs.image, now: io.now(), regex: io.regex}, context)
  const policies = repositories
    .filter(({host}) => has(host))
    .map((repository) => ({
      repository,
      ...lifecyclePolicy(lifecycle, {inputs: retention, repository, planners, component, refs}),
    }))
  const [first] = policies
  if (first === undefined) return {text: undefined, notices: [{code: 'no-repository', registry: name}]}
  if (policies.every(({text}) => text === first.text)) return first
  const repository = formatRepository(first.repository)
  return {text: first.text, notices: [...first.notices, {code: 'first-repository', repository}]}
}

/** Warns if the lifecycle policy that a repository of Amazon ECR has deletes what this step keeps. */
export async function warnOfLifecycle(
  judged: {readonly content: RepositoryContent; readonly decisions: readonly RetentionDecision[]},
  {inputs}: Pick<JudgeRequest, 'inputs'>,
  {resources, io: {workflow}}: {readonly resources: Pick<StoreResources, 'ecr'>; readonly io: Pick<Io, 'workflow'>},
): Promise<void> {
  const {repository} = judged.content
  const api = resources.ecr(repository)
  if (api === undefined) return
  const format = (reason: LifecycleReason): string =>
    `${formatRepository(repository)}: ${formatLifecycleReason(reason)}`
  try {
    const found = await readEcrLifecycle(repository, api)
    if (found === undefined) return
    if ('unknown' in found) workflow.notice(format(found.unknown))
    else for (const conflict of ecrConflicts(found.text, {...judged, inputs})) workflow.warning(format(conflict))
  } catch (error) {
    // The policy does not matter for the deletions.
    workflow.notice(format({code: 'policy-refused', answer: errorMessage(error), remedy: undefined}))
  }
}
