import type {ErrorCode} from '../../errors/causes.ts'
import {errorMessage, TagboatError} from '../../errors/error.ts'
import type {Deletion} from '../image-store.ts'
import type {RefusedDeletion} from './delete-manifest.ts'

/** Words of registries for immutable tags, locked images and protection rules. */
const locked = /immutab|\block(?:ed)?\b|\bprotect(?:ed|ion)\b|cannot be overwritten/i
/** Words of registries for a manifest that an index contains. */
const needed = /\breferenced\b|\bparent|\bdangling\b|manifest list|image index|\bin use\b/i

/**
 * Result of a deletion that a registry refused. The specification has 400 and 405 for a registry without deletion; real
 * ones use these and others also for a single image:
 * - zot: 405 and `DENIED` for a part of an index, 409 for an image with several tags
 *   (https://github.com/project-zot/zot/blob/main/pkg/api/routes.go)
 * - Harbor: 412 for a part of an index, and for an immutable tag
 *   (https://github.com/goharbor/harbor/blob/main/src/controller/artifact/controller.go)
 */
export function refusedDeletion(refusal: RefusedDeletion): Deletion {
  const {status, codes, text: answer} = refusal
  if (status === 405 && codes.includes('DENIED')) return {kind: 'kept', reason: 'needed', answer}
  if (isUnsupported(refusal)) return {kind: 'unsupported', answer}
  if (locked.test(answer)) return {kind: 'kept', reason: 'locked', answer}
  if (needed.test(answer) || status === 412) return {kind: 'kept', reason: 'needed', answer}
  if (status === 409 || status === 423) return {kind: 'kept', reason: 'locked', answer}
  return {kind: status === 401 || status === 403 ? 'denied' : 'failed', answer}
}

/** Reports whether a registry does not support this kind of deletion at all. Distribution 2.8 has a code of its own. */
function isUnsupported({status, codes}: RefusedDeletion): boolean {
  if (status === 405 || status === 501) return true
  return status === 400 && codes.some((code) => code === 'UNSUPPORTED' || code === 'DIGEST_INVALID')
}

/** Reports whether a registry does not delete tags, as far as its refusal of one shows. */
export function refusesTags({status}: RefusedDeletion): boolean {
  return status === 400 || status === 405 || status === 501
}

/** Errors of registries and token servers that state a missing right. */
const denials: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'pull-denied',
  'push-denied',
  'push-denied-ghcr',
  'token-read-only',
  'ghcr-permission-missing',
  'ghcr-package-not-shared',
  'ecr-denied',
  'gar-denied',
  'acr-role-missing',
])

/** Result of a deletion whose request failed. `isCancelled`: the signal of the run is aborted. */
export function failedDeletion(error: unknown, isCancelled: boolean): Deletion {
  if (isCancelled) return {kind: 'postponed', answer: errorMessage(error)}
  if (!(error instanceof TagboatError)) throw error
  const answer = [error.message, ...error.evidence].join(' ')
  if (error.code === 'rate-limited') return {kind: 'postponed', answer}
  if (error.code === 'tag-immutable') return {kind: 'kept', reason: 'locked', answer}
  return {kind: denials.has(error.code) ? 'denied' : 'failed', answer}
}
