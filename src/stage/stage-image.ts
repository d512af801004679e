import type {Builder} from '../buildx/inspect.ts'
import {stagingOf} from '../buildx/outputs.ts'
import {TagboatError} from '../errors/error.ts'
import type {TagRef} from '../oci/reference.ts'
import {readPlatform} from '../registry/images/read-facts.ts'
import type {ManifestContent} from '../oci/manifest.ts'
import {after, type BuildReport} from '../run/run-result.ts'
import {pushLayout} from './layout/push-layout.ts'
import {readLayout} from './layout/read-layout.ts'
import {pushedManifest} from '../registry/images/shown-manifest.ts'
import type {Staged} from './staged-image.ts'
import {holdImage, holdTag} from './hold-image.ts'
import {layoutDirectory} from './load/load-staged.ts'
import {placesOf, runOnNodes} from './nodes/assign-nodes.ts'
import type {NodesBuild, NodesTarget, Places} from './nodes/run-on-nodes.ts'
import type {Session} from './session.ts'
import {repositoriesOf} from '../plan/plan.ts'
import {runBuild} from './run-build.ts'

/** A staged image, and the build that made it. */
interface StagedBuild {
  readonly staged: Staged
  readonly build: BuildReport
}

/** Builds each platform once, and pushes to all repositories by digest. @throws RunFailure with a build that succeeded. */
export async function stageImage(session: Session, builder: Builder): Promise<StagedBuild> {
  const {prepared, registries, io} = session
  const {inputs, plan} = prepared
  const repositories = repositoriesOf(prepared.plan)
  const [repository] = repositories
  if (repository === undefined) throw new TypeError('a run that publishes nothing stages nothing')
  const tags = plan.tags.map(({reference}) => reference)
  const clients = repositories.map((one) => registries.clients.repository(one))
  const done = async (build: BuildReport, content: ManifestContent, more: Partial<Staged> = {}): Promise<Staged> => {
    const holds = holdImage(content, clients, io)
    // It is thrown where it is awaited; until then it is not an unhandled rejection.
    holds.catch(() => undefined)
    const platform =
      build.metadata?.platform ?? (await readPlatform(registries.clients.repository(repository), content))
    return {content, platform, repository, existing: false, ...more, holds}
  }
  const places = await placesOf(session, builder)
  const isWhole = places === undefined || places.shares.length === 1
  if (isWhole && stagingOf(inputs.build, builder.staging) === 'oci-layout') {
    const directory = layoutDirectory(session)
    const {build} = await run(session, places, {tags, destination: {kind: 'layout', directory}, clients})
    return after({build}, async () => {
      const layout = await readLayout(directory, io.files)
      return {staged: await done(build, await pushLayout(layout, clients), {layout}), build}
    })
  }
  const pushed = await pushByDigest(session, places, {tags, destination: {kind: 'digest', repositories}, clients})
  const {build} = pushed
  return after({build}, async () => {
    const staged = await done(build, pushed.content)
    const holds = Promise.resolve([...pushed.holds, ...((await staged.holds) ?? [])])
    return {staged: {...staged, holds}, build}
  })
}

interface Pushed {
  readonly build: BuildReport
  readonly content: ManifestContent
  readonly holds: readonly TagRef[]
}

type DigestTarget = NodesTarget & {readonly destination: Extract<NodesTarget['destination'], {kind: 'digest'}>}

/**
 * Lets the builder push without a tag. Where the registry does not show what it took, the bytes of the image are with the builder
 * alone: it pushes once more, out of its cache, with a tag of this run's own. Several nodes would need one each, and an index.
 */
async function pushByDigest(session: Session, places: Places | undefined, target: DigestTarget): Promise<Pushed> {
  const {io} = session
  try {
    return {...(await pushOnce(session, places, target)), holds: []}
  } catch (error) {
    const isHidden = error instanceof TagboatError && error.code === 'digest-hidden'
    if (!isHidden || (places !== undefined && places.shares.length > 1)) throw error
    const tag = holdTag(Math.floor(io.timer(io.signal).random() * 2 ** 48).toString(16))
    io.workflow.info(
      `${error.message} The build is pushed once more, with the tag ${tag} for as long as it has no other.`,
    )
    const destination = {...target.destination, tag}
    const holds = destination.repositories.map((repository) => ({repository, tag}))
    return {...(await pushOnce(session, places, {...target, destination})), holds}
  }
}

async function pushOnce(
  session: Session,
  places: Places | undefined,
  target: DigestTarget,
): Promise<Omit<Pushed, 'holds'>> {
  const {build, content} = await run(session, places, target)
  const [client] = target.clients
  if (client === undefined) throw new TypeError('a push to nowhere')
  const {io} = session
  const {sleep} = io.timer(io.signal)
  return {build, content: content ?? (await pushedManifest(client, build.metadata?.digest, sleep))}
}

async function run(session: Session, places: Places | undefined, target: NodesTarget): Promise<NodesBuild> {
  if (places !== undefined) return runOnNodes(session, places, target)
  return {build: await runBuild(session, target.tags, target.destination), content: undefined}
}
