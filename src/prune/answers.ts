import type {Hide} from '../errors/known-secrets.ts'
import type {HttpResponse} from '../io/http.ts'
import {parseErrorBody} from '../registry/error-body.ts'
import type {Deletion} from './image-store.ts'

type Answer = Pick<HttpResponse, 'status' | 'body'>

/** Formats the answer of a registry for the report, without secrets: `405 UNSUPPORTED: The operation is unsupported.` */
export function answerText({status, body}: Answer, hide: Hide): string {
  const [first] = parseErrorBody(body, hide)
  const text = [first?.written ?? '', first?.message ?? ''].filter((part) => part !== '').join(': ')
  return text === '' ? String(status) : `${status} ${text}`
}

/** Rules of a vendor for the answers to its deletions. */
export interface DeletionRules {
  readonly hide: Hide
  /** Missing right of a denial. */
  readonly denied: string
  /** Text of an answer that says that a tag is protected. */
  readonly locked?: RegExp
}

/**
 * Result of a deletion by its answer. The statuses are those of
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#content-management; a server that does not know the
 * route answers 501 or 405.
 */
export function deletionOf(answer: Answer, {hide, denied, locked}: DeletionRules): Deletion {
  const {status} = answer
  if (status >= 200 && status < 300) return {kind: 'deleted'}
  if (status === 404) return {kind: 'gone'}
  const text = answerText(answer, hide)
  if (status < 500 && locked?.test(text) === true) return {kind: 'kept', reason: 'locked', answer: text}
  if (status === 401 || status === 403) return {kind: 'denied', answer: text, remedy: denied}
  return {kind: status === 405 || status === 501 ? 'unsupported' : 'failed', answer: text}
}
