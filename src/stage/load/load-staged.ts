import path from 'node:path'
import type {Builder} from '../../buildx/inspect.ts'
import {rewritesTimes} from '../../buildx/outputs.ts'
import {runPrefix} from '../../credentials/config-directory.ts'
import {callBuilds} from '../../inputs/call.ts'
import type {BuildInputs} from '../../inputs/inputs.ts'
import {formatPlatform} from '../../oci/platform.ts'
import {formatTagRef, type TagRef} from '../../oci/reference.ts'
import type {BuildReport, LoadedImage} from '../../run/run-result.ts'
import type {Engine} from './engine.ts'
import type {LoadRequest} from './load-image.ts'
import {readLayout} from '../layout/read-layout.ts'
import type {BuildSession} from '../build-session.ts'
import type {StagedImage} from '../staged-image.ts'

interface LoadContext {
  readonly session: BuildSession
  /** Absent without `load`. */
  readonly engine: Engine | undefined
}

/** Queries the engine that the image is loaded into; undefined without `load`. */
export async function engineToLoad({prepared, dockerConfig, io}: BuildSession): Promise<Engine | undefined> {
  const {load, call} = prepared.inputs.build
  if (!load || !callBuilds(call)) return undefined
  const {inspectEngine} = await import('./engine.ts')
  return inspectEngine(dockerConfig.env, io.processes)
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
  return load({layout: source, platform, engine}, session)
}

/** Loads a build that is not pushed. Without `load`, it is loaded into the engine that built it. */
export async function loadBuilt(
  directory: string,
  build: BuildReport,
  {session, engine = {hasContainerdStore: true, platform: undefined}}: LoadContext,
): Promise<LoadedImage | undefined> {
  const {platforms} = session.prepared.inputs.build
  const layout = await readLayout(directory, session.io.files)
  const platform = build.metadata?.platform ?? (platforms.length === 1 ? platforms[0] : undefined)
  return load({layout, platform, engine}, session)
}

/** Logs the line about an image that Buildx has loaded (`--load`); undefined without `load`. */
export function printLoaded(
  {metadata, imageId}: Pick<BuildReport, 'metadata' | 'imageId'>,
  {prepared, io}: BuildSession,
  tags: readonly TagRef[],
): LoadedImage | undefined {
  const {load: isRequested, platforms} = prepared.inputs.build
  if (!isRequested) return undefined
  const known = platforms.length > 0 || metadata?.platform === undefined ? platforms : [metadata.platform]
  const which = known.length === 0 ? '' : ` (${known.map(formatPlatform).join(', ')})`
  const names = tags.length === 0 ? '' : ` as ${tags.map(formatTagRef).join(', ')}`
  const line = `Loaded ${metadata?.digest ?? imageId}${which}${names}`
  io.workflow.print([line])
  return {line, imageId: imageId || (metadata?.digest ?? '')}
}

/**
 * Reports whether a build that is not pushed is exported as a layout and loaded from there. The docker driver needs this
 * only if file times are rewritten: it unpacks an image in the engine, and BuildKit cannot do both.
 */
export function loadsLayout({driver, staging}: Builder, inputs: BuildInputs): boolean {
  const {load, outputs, image, call} = inputs
  if (!callBuilds(call)) return false
  const exportsImage = load || image.hasImageOutput || outputs.length === 0
  if (driver === 'docker') return staging === 'oci-layout' && rewritesTimes(inputs) && exportsImage
  return load && staging === 'push-by-digest'
}

/** Path of the layout that a build exports. */
export function layoutDirectory({dockerConfig}: BuildSession): string {
  return path.join(dockerConfig.directory, `${runPrefix}layout`)
}

/** Loads an image under all tags of the plan. */
async function load(
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
