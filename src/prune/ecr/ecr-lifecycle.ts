import type {EcrApi} from '../../credentials/cloud/ecr-api.ts'
import {field} from '../../oci/manifest.ts'
import type {Repository} from '../../oci/reference.ts'
import type {LifecycleReason} from '../../reasons/prune/lifecycle-reasons.ts'
import {ecrRequests, formatRefusal, rightsRemedy} from './ecr-requests.ts'

const operation = 'GetLifecyclePolicy'

/** Exceptions of a repository without a policy. */
const absent: readonly string[] = ['LifecyclePolicyNotFoundException', 'RepositoryNotFoundException']

/** Lifecycle policy of a repository as text, or the reason why it is unknown. Undefined if there is none. */
export type EcrLifecycle = {readonly text: string} | {readonly unknown: LifecycleReason} | undefined

/**
 * Reads the lifecycle policy of a repository of Amazon ECR. Repositories of public.ecr.aws have none.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetLifecyclePolicy.html
 * @throws TagboatError if AWS does not respond.
 */
export async function readEcrLifecycle(repository: Repository, api: EcrApi): Promise<EcrLifecycle> {
  const requests = ecrRequests(repository, api)
  if (requests.isPublic) return undefined
  const answer = await requests.call(operation)
  if (answer.ok) {
    const text = field(answer.value, 'lifecyclePolicyText')
    return typeof text === 'string' ? {text} : {unknown: {code: 'policy-unreadable'}}
  }
  if (absent.includes(answer.exception)) return undefined
  const isDenied = answer.exception === 'AccessDeniedException'
  const remedy = isDenied ? rightsRemedy(repository, [operation]) : undefined
  return {unknown: {code: 'policy-refused', answer: formatRefusal(answer), remedy}}
}
