import {retentionError} from '../../errors/retention-error.ts'
import {TagboatError} from '../../errors/error.ts'
import {formatRepository} from '../../oci/reference.ts'
import type {DeletionStep} from '../../retention/deletion-step.ts'
import type {ExecutedStep} from './execution.ts'
import type {ImageStore} from '../image-store.ts'

/** Number of steps that an error lists. */
const maxListed = 10

/** Failure of an execution whose first deletions were all denied. */
export function deniedFailure(store: ImageStore, steps: readonly ExecutedStep[]): TagboatError {
  const denied = steps.filter(({outcome}) => outcome.kind === 'denied')
  const remedy = denied.flatMap(({outcome}) => (outcome.kind === 'denied' ? [outcome.remedy] : []))[0]
  const {repository} = store
  return new TagboatError(store.denialCode ?? 'prune-denied', {
    message: `${repository.host} denied the deletion of images of ${formatRepository(repository)}.`,
    evidence: evidenceOf(denied),
    ...(remedy !== undefined && {remedy}),
  })
}

/** Failure of an execution whose first image the registry does not delete at all. */
export function unsupportedFailure({repository}: ImageStore, step: ExecutedStep): TagboatError {
  return retentionError('prune-unsupported', {
    message: `${repository.host} does not delete images of ${formatRepository(repository)}.`,
    evidence: evidenceOf([step]),
  })
}

/** Failure of an execution of which some deletions failed or were denied. Undefined if there are none. */
export function remainingFailure(store: ImageStore, steps: readonly ExecutedStep[]): TagboatError | undefined {
  const unfinished = steps.filter(({outcome: {kind}}) => kind === 'failed' || kind === 'denied')
  if (unfinished.length === 0) return undefined
  const tried = steps.filter(({outcome: {kind}}) => kind !== 'remaining' && kind !== 'spared')
  if (tried.every(({outcome}) => outcome.kind === 'denied')) return deniedFailure(store, unfinished)
  return retentionError('prune-incomplete', {
    message: `${unfinished.length} of ${steps.length} deletions in ${formatRepository(store.repository)} failed.`,
    evidence: evidenceOf(unfinished),
  })
}

function evidenceOf(steps: readonly ExecutedStep[]): readonly string[] {
  const lines = steps.slice(0, maxListed).map(({step, outcome}) => {
    const answer = 'answer' in outcome ? outcome.answer : outcome.kind
    return `${nameOf(step)}: ${answer}`
  })
  return steps.length > maxListed ? [...lines, `and ${steps.length - maxListed} more`] : lines
}

/** Tag, or digest of an image with its tags. */
function nameOf(step: DeletionStep): string {
  if (step.kind === 'tag') return step.tag
  return step.tags.length === 0 ? step.digest : `${step.digest} (${step.tags.join(', ')})`
}
