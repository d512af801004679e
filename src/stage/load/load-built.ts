import type {Builder} from '../../buildx/inspect.ts'
import {rewritesTimes} from '../../buildx/outputs.ts'
import {callBuilds} from '../../inputs/call.ts'
import type {BuildInputs} from '../../inputs/inputs.ts'
import {formatPlatform} from '../../oci/platform.ts'
import {formatTagRef, type TagRef} from '../../oci/reference.ts'
import type {BuildReport, LoadedImage} from '../../run/run-result.ts'
import type {BuildSession} from '../build-session.ts'
import {readLayout} from '../layout/read-layout.ts'
import {loadLayout, type LoadContext} from './load-staged.ts'

/** Loads a build that is not pushed. Without `load`, it is loaded into the engine that built it. */
export async function loadBuilt(
  directory: string,
  build: BuildReport,
  {session, engine = {hasContainerdStore: true, platform: undefined}}: LoadContext,
): Promise<LoadedImage | undefined> {
  const {platforms} = session.prepared.inputs.build
  const layout = await readLayout(directory, session.io.files)
  const platform = build.metadata?.platform ?? (platforms.length === 1 ? platforms[0] : undefined)
  return loadLayout({layout, platform, engine}, session)
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
