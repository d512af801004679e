import path from 'node:path'
import type {Builder} from '../../buildx/inspect.ts'
import {rewritesTimes} from '../../buildx/outputs.ts'
import {runPrefix} from '../../credentials/docker-home.ts'
import {callBuilds} from '../../inputs/call.ts'
import type {BuildInputs} from '../../inputs/inputs.ts'
import {formatPlatform} from '../../oci/platform.ts'
import {formatTagRef, type TagRef} from '../../oci/reference.ts'
import type {BuildReport} from '../../run/run-result.ts'
import type {Engine} from './engine.ts'
import type {LoadRequest} from './load-image.ts'
import {readLayout} from '../layout/read-layout.ts'
import type {Session} from '../session.ts'
import type {Staged} from '../staged-image.ts'

interface Loading {
  readonly session: Session
  /** Undefined: the user asked for none. */
  readonly engine: Engine | undefined
}

/** The engine that is to have the image; undefined without `load`. */
export async function engineToLoad({prepared, dockerConfig, io}: Session): Promise<Engine | undefined> {
  const {load, call} = prepared.inputs.build
  if (!load || !callBuilds(call)) return undefined
  const {askEngine} = await import('./engine.ts')
  return askEngine(dockerConfig.env, io.processes)
}

/**
 * Loads the staged or existing image into the engine, for the commands of `test` and for later steps.
 * @returns one line about the loaded image; undefined when nothing was loaded.
 */
export async function loadStaged(staged: Staged, {session, engine}: Loading): Promise<string | undefined> {
  if (engine === undefined) return undefined
  const {content, platform, repository, layout} = staged
  const {imageAt} = await import('./load-image.ts')
  const source = layout ?? (await imageAt(session.registries.clients.repository(repository), content))
  return load({layout: source, platform, engine}, session)
}

/** Loads a build that is not pushed, as `loadStaged` does. Without `load`, the engine is the one that has built it. */
export async function loadBuilt(
  directory: string,
  build: BuildReport,
  {session, engine = {hasContainerdStore: true, platform: undefined}}: Loading,
): Promise<string | undefined> {
  const {platforms} = session.prepared.inputs.build
  const layout = await readLayout(directory, session.io.files)
  const platform = build.metadata?.platform ?? (platforms.length === 1 ? platforms[0] : undefined)
  return load({layout, platform, engine}, session)
}

/** Prints and returns the line about an image that Buildx has loaded itself (`--load`); undefined without `load`. */
export function printLoaded(
  {metadata, imageId}: Pick<BuildReport, 'metadata' | 'imageId'>,
  {prepared, io}: Session,
  tags: readonly TagRef[],
): string | undefined {
  const {load: isAsked, platforms} = prepared.inputs.build
  if (!isAsked) return undefined
  const known = platforms.length > 0 || metadata?.platform === undefined ? platforms : [metadata.platform]
  const which = known.length === 0 ? '' : ` (${known.map(formatPlatform).join(', ')})`
  const names = tags.length === 0 ? '' : ` as ${tags.map(formatTagRef).join(', ')}`
  const line = `Loaded ${metadata?.digest ?? imageId}${which}${names}`
  io.workflow.print([line])
  return line
}

/**
 * Whether a build that is not pushed goes into a directory first, and from there into the engine. The docker driver needs
 * no such way round, unless times of files are rewritten: what it keeps in the engine it unpacks, and BuildKit cannot do both.
 */
export function loadsLayout({driver, staging}: Builder, inputs: BuildInputs): boolean {
  const {load, outputs, image, call} = inputs
  if (!callBuilds(call)) return false
  const isWanted = load || image.hasImageOutput || outputs.length === 0
  if (driver === 'docker') return staging === 'oci-layout' && rewritesTimes(inputs) && isWanted
  return load && staging === 'push-by-digest'
}

/** Where a build exports the image of this run. */
export function layoutDirectory({dockerConfig}: Session): string {
  return path.join(dockerConfig.home.directory, `${runPrefix}layout`)
}

/** Under all tags of the plan. */
async function load(
  image: Pick<LoadRequest, 'layout' | 'platform' | 'engine'>,
  {prepared, dockerConfig, io}: Session,
): Promise<string | undefined> {
  const tags = prepared.plan.tags.map(({reference}) => reference)
  const {loadImage} = await import('./load-image.ts')
  const choice = await loadImage({...image, tags, env: dockerConfig.env}, io.processes)
  if (choice.kind === 'nothing') {
    io.workflow.warning(choice.warning)
    return undefined
  }
  io.workflow.print([choice.line])
  return choice.line
}
