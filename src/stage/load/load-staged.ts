import type {LoadedImage} from '../../run/run-result.ts'
import type {Engine} from './engine.ts'
import type {LoadRequest} from './load-image.ts'
import type {BuildSession} from '../build-session.ts'
import type {StagedImage} from '../staged-image.ts'

export interface LoadContext {
  readonly session: BuildSession
  /** Absent without `load`. */
  readonly engine: Engine | undefined
}

/**
 * Loads the staged or existing image into the engine, for the commands of `test` and for later steps.
 * @returns undefined if the image was not loaded.
 */
export async function loadStaged(
  staged: StagedImage,
  {session, engine}: LoadContext,
): Promise<LoadedImage | undefined> {
  if (engine === undefined) return undefined
  const {content, platform, repository, layout} = staged
  const {registryLayout} = await import('./load-image.ts')
  const source = layout ?? (await registryLayout(session.registries.clients.repository(repository), content))
  return loadLayout({layout: source, platform, engine}, session)
}

/** Loads an image into the engine, under all tags of the plan. Returns undefined if it cannot be loaded. */
export async function loadLayout(
  image: Pick<LoadRequest, 'layout' | 'platform' | 'engine'>,
  {prepared, dockerConfig, io}: BuildSession,
): Promise<LoadedImage | undefined> {
  const tags = prepared.plan.tags.map(({reference}) => reference)
  const {loadImage} = await import('./load-image.ts')
  const choice = await loadImage({...image, tags, env: dockerConfig.env}, io.processes)
  if (choice.kind === 'nothing') {
    io.workflow.warning(choice.warning)
    return undefined
  }
  const {line, imageId} = choice
  io.workflow.print([line])
  return {line, imageId}
}
