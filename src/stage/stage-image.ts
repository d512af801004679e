import type {Builder} from '../buildx/inspect.ts'
import {keepsContent, stagingOf} from '../buildx/outputs.ts'
import {readPlatform} from '../registry/images/read-facts.ts'
import {after, type BuildReport} from '../run/run-result.ts'
import type {StagedImage} from './staged-image.ts'
import {ensureVisible} from './temporary-tags.ts'
import {assignNodes, isSingleBuild} from './nodes/assign-nodes.ts'
import type {NodesTarget, NodeAssignments} from './nodes/build-all.ts'
import type {BuildSession} from './build-session.ts'
import type {ImageSource} from './layout/push-layout.ts'
import {requireOneLogin} from './logins/one-login.ts'
import {repositoriesOf} from '../plan/plan.ts'

/** A staged image and its build. */
interface StagedBuild {
  readonly staged: StagedImage
  readonly build: BuildReport
}

/**
 * Builds each platform once and pushes the image to all repositories by digest. The code of each way to do so is loaded
 * on demand.
 * @throws RunFailure with the build, if a step after it fails.
 */
export async function stageImage(session: BuildSession, builder: Builder): Promise<StagedBuild> {
  const {prepared, registries} = session
  const repositories = repositoriesOf(prepared.plan)
  const tags = prepared.plan.tags.map(({reference}) => reference)
  const clients = repositories.map((name) => registries.clients.repository(name))
  const nodes = await assignNodes(session, builder)
  const staging: Staging = {session, builder, nodes}
  const target = {tags, clients}
  if (nodes !== undefined || !keepsContent(builder, prepared.inputs.build)) return stageExported(staging, target)
  const {stageContent} = await import('./content/stage-content.ts')
  const destination = {kind: 'content', repositories} as const
  const {build, pushed} = await stageContent(session, builder, {...target, destination})
  if (build === undefined) return stageExported(staging, target)
  if (pushed === undefined) return stageAgain(build, staging, target)
  return after({build}, async () => toBuild(session, build, partsOf(pushed)))
}

interface Staging {
  readonly session: BuildSession
  readonly builder: Builder
  readonly nodes: NodeAssignments | undefined
}

/** Builds again what could not be read from the builder. */
async function stageAgain(
  first: BuildReport,
  staging: Staging,
  target: Omit<NodesTarget, 'destination'>,
): Promise<StagedBuild> {
  const {rebuilding, reportOfBoth} = await import('./content/rebuild.ts')
  const {staged, build} = await stageExported({...staging, session: rebuilding(staging.session)}, target)
  return {staged, build: reportOfBoth(first, build)}
}

/** Lets the builder export a layout, or push by digest itself. */
async function stageExported(
  {session, builder, nodes}: Staging,
  target: Omit<NodesTarget, 'destination'>,
): Promise<StagedBuild> {
  const {prepared} = session
  if (isSingleBuild(nodes) && stagingOf(prepared.inputs.build, builder.staging) === 'oci-layout') {
    const {stageLayout} = await import('./layout/stage-layout.ts')
    const {build, layout} = await stageLayout(session, nodes, target)
    return after({build}, async () => toBuild(session, build, {...partsOf(layout), layout}))
  }
  await requireOneLogin(session)
  const {pushByDigest} = await import('./push-by-digest.ts')
  const destination = {kind: 'digest', repositories: repositoriesOf(prepared.plan)} as const
  const {build, content, temporaryTags} = await pushByDigest(session, nodes, {...target, destination})
  return after({build}, async () => {
    const image = await placedAfterPush(content, session, target)
    const {staged, build: described} = await toBuild(session, build, image)
    const tags = Promise.resolve([...temporaryTags, ...((await staged.temporaryTags) ?? [])])
    return {staged: {...staged, temporaryTags: tags}, build: described}
  })
}

/** Parts of a staged image. */
type StagedParts = Pick<StagedImage, 'content' | 'parts' | 'attached' | 'layout'>

function partsOf({tree, attached}: ImageSource): StagedParts {
  return {content: tree.top, parts: tree.levels.flat(), ...(attached && {attached})}
}

/** Image that the builder has pushed, with its attestations where the run wants them. */
async function placedAfterPush(
  content: StagedImage['content'],
  session: BuildSession,
  {clients}: Pick<NodesTarget, 'clients'>,
): Promise<StagedParts> {
  if (session.prepared.inputs.build.attestations === 'inline') return {content}
  const {placePushed} = await import('./attestations/place-pushed.ts')
  return placePushed(content, clients, session)
}

async function toBuild(session: BuildSession, build: BuildReport, image: StagedParts): Promise<StagedBuild> {
  const described = await describedBuild(build, image, session)
  return {staged: await toStaged(session, described, image), build: described}
}

/** Build whose metadata names the image without its attestations, if these were moved. */
async function describedBuild(
  build: BuildReport,
  {content}: Pick<StagedParts, 'content'>,
  {prepared}: Pick<BuildSession, 'prepared'>,
): Promise<BuildReport> {
  if (prepared.inputs.build.attestations === 'inline' || build.metadata?.digest === content.digest) return build
  const {describeBuild} = await import('./attestations/describe-build.ts')
  return describeBuild(build, content)
}

async function toStaged(
  {prepared, registries, io}: BuildSession,
  build: BuildReport,
  image: StagedParts,
): Promise<StagedImage> {
  const clients = repositoriesOf(prepared.plan).map((name) => registries.clients.repository(name))
  const [client] = clients
  if (client === undefined) throw new TypeError('no repository to stage to')
  const temporaryTags = ensureVisible(image.content, clients, io)
  // Prevents an unhandled rejection: later steps await the promise and receive the error.
  temporaryTags.catch(() => undefined)
  const platform = build.metadata?.platform ?? (await readPlatform(client, image.content))
  return {...image, platform, repository: client.repository, existing: false, temporaryTags}
}
