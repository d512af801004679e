import {TagboatError} from '../../errors/error.ts'
import {formatTagRef} from '../../oci/reference.ts'
import type {PreviousImage} from '../../oci/published-image.ts'
import type {TagDecision} from '../../promote/decide/tag-decision.ts'
import {describeImage} from '../../promote/read-back.ts'
import type {StateReader} from '../../promote/read-state.ts'
import type {RegistryClients} from '../../registry/repository-client.ts'
import {tagKind} from '../../tags/tag-role.ts'

/**
 * Reads the image that the first floating tag to move points to before this run, to compare sizes. Returns undefined if
 * there is none.
 * @throws TagboatError `publish-unverified` if it cannot be read.
 */
export async function previousImage(
  decisions: readonly TagDecision[],
  {versions}: Pick<StateReader, 'versions'>,
  {clients}: {readonly clients: RegistryClients},
): Promise<PreviousImage | undefined> {
  const moved = decisions.find(
    ({tag, action, before}) => action === 'put' && before !== undefined && tagKind(tag.role) === 'floating',
  )
  if (moved?.before === undefined) return undefined
  const {reference} = moved.tag
  const request = {digest: moved.before, platforms: [], platform: undefined}
  const {images, unread} = await describeImage(clients.repository(reference.repository), reference.repository, request)
  if (unread.length > 0) {
    throw new TagboatError('publish-unverified', {
      message: `The image of ${formatTagRef(reference)} cannot be read, to compare its size.`,
      evidence: unread.map(({reason}) => reason),
      remedy: 'Run the job again, or leave out `max-growth`.',
    })
  }
  return images.length === 0 ? undefined : {tag: reference.tag, version: versions.get(moved.before), images}
}
