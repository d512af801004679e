import type {Builder} from '../buildx/inspect.ts'
import {stagingOf} from '../buildx/outputs.ts'
import {TagboatError} from '../errors/error.ts'
import type {TagRef} from '../oci/reference.ts'
import {readPlatform} from '../registry/images/read-facts.ts'
import type {ManifestContent} from '../oci/manifest.ts'
import {after, type BuildReport} from '../run/run-result.ts'
import {pushLayout} from './layout/push-layout.ts'
import {readLayout, type Layout} from './layout/read-layout.ts'
import {pushedManifest} from '../registry/images/shown-manifest.ts'
import type {StagedImage} from './staged-image.ts'
import {ensureVisible, temporaryTag} from './temporary-tags.ts'
import {layoutDirectory} from './layout/layout-directory.ts'
import {assignNodes, isSingleBuild, runBuilds} from './nodes/assign-nodes.ts'
import type {NodesTarget, NodeAssignments} from './nodes/build-all.ts'
import type {BuildSession} from './build-session.ts'
import {repositoriesOf} from '../plan/plan.ts'

/** A staged image and its build. */
interface StagedBuild {
  readonly staged: StagedImage
  readonly build: BuildReport
}

/**
 * Builds each platform once and pushes the image to all repositories by digest.
 * @throws RunFailure with the build, if a step after it fails.
 */
export async function stageImage(session: BuildSession, builder: Builder): Promise<StagedBuild> {
  const {prepared, registries, io} = session
  const {inputs, plan} = prepared
  const repositories = repositoriesOf(plan)
  const [repository] = repositories
  if (repository === undefined) throw new TypeError('no repository to stage to')
  const tags = plan.tags.map(({reference}) => reference)
  const clients = repositories.map((name) => registries.clients.repository(name))
  const toStaged = async (build: BuildReport, content: ManifestContent, layout?: Layout): Promise<StagedImage> => {
    const temporaryTags = ensureVisible(content, clients, io)
    // Prevents an unhandled rejection: later steps await the promise and receive the error.
    temporaryTags.catch(() => undefined)
    const platform =
      build.metadata?.platform ?? (await readPlatform(registries.clients.repository(repository), content))
    return {content, platform, repository, existing: false, ...(layout && {layout}), temporaryTags}
  }
  const nodes = await assignNodes(session, builder)
  if (isSingleBuild(nodes) && stagingOf(inputs.build, builder.staging) === 'oci-layout') {
    const directory = layoutDirectory(session)
    const {build} = await runBuilds(session, nodes, {tags, destination: {kind: 'layout', directory}, clients})
    return after({build}, async () => {
      const layout = await readLayout(directory, io.files)
      const content = await io.phases.measure('push', async () => pushLayout(layout, clients))
      return {staged: await toStaged(build, content, layout), build}
    })
  }
  const pushed = await pushByDigest(session, nodes, {tags, destination: {kind: 'digest', repositories}, clients})
  const {build} = pushed
  return after({build}, async () => {
    const image = await toStaged(build, pushed.content)
    const temporaryTags = Promise.resolve([...pushed.temporaryTags, ...((await image.temporaryTags) ?? [])])
    return {staged: {...image, temporaryTags}, build}
  })
}

interface Pushed {
  readonly build: BuildReport
  readonly content: ManifestContent
  readonly temporaryTags: readonly TagRef[]
}

type DigestTarget = NodesTarget & {readonly destination: Extract<NodesTarget['destination'], {kind: 'digest'}>}

/**
 * Lets the builder push by digest. If the registry does not show the pushed image, the builder, which is the only place
 * with its content, pushes it again from its cache with a temporary tag. Several nodes would need one tag each and an
 * index, which is not supported.
 */
async function pushByDigest(
  session: BuildSession,
  nodes: NodeAssignments | undefined,
  target: DigestTarget,
): Promise<Pushed> {
  const {io} = session
  try {
    return {...(await pushOnce(session, nodes, target)), temporaryTags: []}
  } catch (error) {
    const isHidden = error instanceof TagboatError && error.code === 'digest-hidden'
    if (!isHidden || !isSingleBuild(nodes)) throw error
    const tag = temporaryTag(Math.floor(io.timer(io.signal).random() * 2 ** 48).toString(16))
    io.workflow.info(`${error.message} The image is pushed again, with the temporary tag ${tag}.`)
    const destination = {...target.destination, tag}
    const temporaryTags = destination.repositories.map((repository) => ({repository, tag}))
    return {...(await pushOnce(session, nodes, {...target, destination})), temporaryTags}
  }
}

async function pushOnce(
  session: BuildSession,
  nodes: NodeAssignments | undefined,
  target: DigestTarget,
): Promise<Omit<Pushed, 'temporaryTags'>> {
  const {build, content} = await runBuilds(session, nodes, target)
  const [client] = target.clients
  if (client === undefined) throw new TypeError('no repository to push to')
  const {io} = session
  const {sleep} = io.timer(io.signal)
  return {build, content: content ?? (await pushedManifest(client, build.metadata?.digest, sleep))}
}
