import type {TagDecision} from '../../promote/decide/tag-decision.ts'
import {describeImage} from '../../promote/read-back.ts'
import type {StateReader} from '../../promote/read-state.ts'
import type {PreviousImage} from '../../run/previous-image.ts'
import type {Registries} from '../../run/registries.ts'

/**
 * Reads the image that the first moved tag points to before this run, to compare sizes. Returns undefined if there is
 * none, or if it cannot be read: that does not affect this run.
 */
export async function previousImage(
  decisions: readonly TagDecision[],
  {versions}: Pick<StateReader, 'versions'>,
  {clients}: Pick<Registries, 'clients'>,
): Promise<PreviousImage | undefined> {
  const moved = decisions.find(({action, before}) => action === 'put' && before !== undefined)
  if (moved?.before === undefined) return undefined
  const {repository, tag} = moved.tag.reference
  try {
    const request = {digest: moved.before, platforms: [], platform: undefined}
    const {images} = await describeImage(clients.repository(repository), repository, request)
    return images.length === 0 ? undefined : {tag, version: versions.get(moved.before), images}
  } catch {
    return undefined
  }
}
