import type {PruneInputs} from '../../inputs/prune/policy.ts'
import type {Repository} from '../../oci/reference.ts'
import type {LifecycleReason} from '../../reasons/prune/lifecycle-reasons.ts'
import type {LiveRefs} from '../live-refs.ts'
import {ecrPolicy} from './ecr-policy.ts'
import {googlePolicy} from './google-policy.ts'
import type {LifecycleText, VendorRequest} from './lifecycle-text.ts'
import {keepingPatterns, sayableRules} from './sayable-rules.ts'
import {tagForms, type FormsRequest} from './tag-forms.ts'

/** Policy of a step for one repository. */
export interface LifecycleRequest extends Pick<FormsRequest, 'planners' | 'component'> {
  readonly inputs: PruneInputs
  readonly repository: Repository
  readonly refs: LiveRefs
}

/** Vendors whose registries delete images by a policy of their own. */
export type LifecycleVendor = Exclude<PruneInputs['lifecycle'], 'none'>

/**
 * Writes the part of the policy that the lifecycle policy of a registry can express. It deletes no image that `decideRetention`
 * keeps, whenever it is applied. This holds for images that are whole, and whose tags are those that the step gives for one
 * event, besides its versions and floating tags, those that a pattern of the inputs names, and those of referrers.
 */
export function lifecyclePolicy(vendor: LifecycleVendor, request: LifecycleRequest): LifecycleText {
  const {inputs, repository} = request
  if (vendor === 'azure') return nothing({code: 'registry-unsuitable'})
  if (inputs.keepDeployed !== 'false') return nothing({code: 'deployments-unknown'})
  const protectedDigests = inputs.protected.flatMap((one) => (one.kind === 'digest' ? [one.digest] : []))
  const [digest] = protectedDigests
  if (vendor === 'ecr' && digest !== undefined) return nothing({code: 'digest-protected', digest})
  const {rules, forms} = knownRules(request)
  const keeping = keepingPatterns(inputs, repository)
  const write = vendor === 'ecr' ? ecrPolicy : googlePolicy
  const {text, notices} = write({rules, forms, keeping, repository, protectedDigests})
  return {text, notices: [...rules.unsaid, ...notices]}
}

function nothing(reason: LifecycleReason): LifecycleText {
  return {text: undefined, notices: [reason]}
}

/** Rules with the tags of the step. Without the branches that exist, it is unknown which tags stay: then no rule is for tags. */
function knownRules({
  inputs,
  repository,
  refs,
  planners,
  component,
}: LifecycleRequest): Pick<VendorRequest, 'rules' | 'forms'> {
  const rules = sayableRules(inputs, repository)
  const {defaultBranch, branches} = refs
  if (rules.tagged.length > 0 && defaultBranch !== undefined && branches !== undefined)
    return {rules, forms: tagForms({planners, component, defaultBranch, branches})}
  const unsaid: readonly LifecycleReason[] = rules.tagged.length === 0 ? [] : [{code: 'branches-unknown'}]
  return {
    rules: {...rules, tagged: [], unsaid: [...rules.unsaid, ...unsaid]},
    forms: {names: [], versionStarts: [], events: []},
  }
}
