import type {TagPattern} from '../../inputs/prune/policy.ts'
import type {Repository} from '../../oci/reference.ts'
import type {LifecycleReason} from '../../reasons/prune/lifecycle-reasons.ts'
import type {SayableRules} from './sayable-rules.ts'
import type {TagForms} from './tag-forms.ts'

/** Policy of a registry as text, which is never applied by this program. */
export interface LifecycleText {
  /** JSON; undefined if the registry can express no rule of the policy. */
  readonly text: string | undefined
  /** Parts of the policy that are left out, and differences of the registry. */
  readonly notices: readonly LifecycleReason[]
}

/** Policy for a vendor. */
export interface VendorRequest {
  readonly rules: SayableRules
  readonly keeping: readonly TagPattern[]
  readonly repository: Repository
  readonly protectedDigests: readonly string[]
  readonly forms: TagForms
}
