import path from 'node:path'
import type {Builder} from '../buildx/inspect.ts'
import {ownPrefix} from '../credentials/docker-home.ts'
import {callBuilds} from '../inputs/call.ts'
import type {BuildInputs} from '../inputs/inputs.ts'
import type {BuildReport} from '../report/report.ts'
import {askEngine, type Engine} from '../stage/engine.ts'
import {imageAt, loadImage, type LoadRequest} from '../stage/load-image.ts'
import {readLayout} from '../stage/read-layout.ts'
import type {Session} from './session.ts'
import type {Staged} from './stage-image.ts'

/** The engine that is to have the image; undefined without `load`. */
export async function engineToLoad({prepared, lent, edges}: Session): Promise<Engine | undefined> {
  const {load, call} = prepared.inputs.build
  return load && callBuilds(call) ? askEngine(lent.env, edges.processes) : undefined
}

/** Puts what was staged, or published before, into the engine, for the commands of `test` and for later steps. */
export async function loadStaged(staged: Staged, session: Session, engine: Engine | undefined): Promise<void> {
  if (engine === undefined) return
  const {content, platform, repository, layout} = staged
  const source = layout ?? (await imageAt(session.registries.clients.repository(repository), content))
  await load({layout: source, platform, engine}, session)
}

/** The same for a build that is not pushed. Without `load`, the engine that keeps it is the one that has built it. */
export async function loadBuilt(
  directory: string,
  build: BuildReport,
  session: Session,
  engine: Engine = {hasContainerdStore: true, platform: undefined},
): Promise<void> {
  const {platforms} = session.prepared.inputs.build
  const layout = await readLayout(directory, session.edges.files)
  const platform = build.metadata?.platform ?? (platforms.length === 1 ? platforms[0] : undefined)
  await load({layout, platform, engine}, session)
}

/**
 * Whether a build that is not pushed goes into a directory first, and from there into the engine. The docker driver needs
 * no such way round, unless times of files are rewritten: what it keeps in the engine it unpacks, and BuildKit cannot do both.
 */
export function loadsLayout({driver, staging}: Builder, {load, reproducible, outputs, call}: BuildInputs): boolean {
  if (!callBuilds(call)) return false
  if (driver === 'docker') return staging === 'oci-layout' && reproducible && (load || outputs.length === 0)
  return load && staging === 'push-by-digest'
}

/** Where a build exports the image of this run. */
export function layoutDirectory({lent}: Session): string {
  return path.join(lent.home.directory, `${ownPrefix}layout`)
}

/** Under all tags of the plan. */
async function load(
  image: Pick<LoadRequest, 'layout' | 'platform' | 'engine'>,
  {prepared, lent, edges}: Session,
): Promise<void> {
  const tags = prepared.plan.tags.map(({reference}) => reference)
  const choice = await loadImage({...image, tags, env: lent.env}, edges.processes)
  if (choice.kind === 'load') edges.workflow.print([choice.line])
  else edges.workflow.warning(choice.warning)
}
