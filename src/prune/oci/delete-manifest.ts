import type {Access} from '../../registry/auth/scope.ts'
import {parseErrorBody} from '../../registry/error-body.ts'
import type {HostClient} from '../../registry/host-client.ts'
import {answerText} from '../answers.ts'
import {deleteInRepository} from '../v2-deletion.ts'

/** Answer of a registry that does not delete a tag or manifest. */
export interface RefusedDeletion {
  readonly kind: 'refused'
  readonly status: number
  /** Codes in upper case: `UNSUPPORTED`. */
  readonly codes: readonly string[]
  /** Answer for the report: `405 UNSUPPORTED: The operation is unsupported.` */
  readonly text: string
}

/** Answer of a registry to the deletion of a tag or manifest. */
export type DeletionAnswer =
  | {readonly kind: 'deleted'}
  /** The tag or manifest does not exist. `wasSent`: an earlier request, whose answer was lost, may have deleted it. */
  | {readonly kind: 'absent'; readonly wasSent: boolean}
  /** `proceed` did not allow the request. `wasSent` is as above. */
  | {readonly kind: 'withheld'; readonly wasSent: boolean}
  | RefusedDeletion

/** Tag or digest in a repository, given by its path in the registry. */
interface DeletedReference {
  readonly path: string
  readonly reference: string
  /** Actions of the token. Default: those of distribution. */
  readonly access?: readonly Access[]
}

/**
 * Deletes a tag or a manifest, and returns the refusal of a registry, which determines what is tried next. `proceed` is
 * called right before each attempt; `isRepeated` states whether one was sent before.
 * @throws TagboatError if the registry does not answer after all retries, or its token server denies the access.
 */
export async function deleteManifest(
  client: HostClient,
  {path, reference, access}: DeletedReference,
  proceed: (isRepeated: boolean) => Promise<boolean>,
): Promise<DeletionAnswer> {
  let sent = 0
  const response = await deleteInRepository(client, {path, part: `manifests/${reference}`, access}, async () => {
    const isAllowed = await proceed(sent > 0)
    if (isAllowed) sent += 1
    return isAllowed
  })
  if (response === undefined) return {kind: 'withheld', wasSent: sent > 0}
  const {status, body} = response
  if (status >= 200 && status < 300) return {kind: 'deleted'}
  if (status === 404) return {kind: 'absent', wasSent: sent > 1}
  const codes = parseErrorBody(body, client.hide).map(({code}) => code)
  return {kind: 'refused', status, codes, text: answerText(response, client.hide)}
}
