import path from 'node:path'
import type {Builder} from '../buildx/inspect.ts'
import {stagingOf} from '../buildx/outputs.ts'
import {ownPrefix} from '../credentials/docker-home.ts'
import {TagboatError} from '../errors/error.ts'
import type {Platform} from '../oci/platform.ts'
import type {Repository, TagRef} from '../oci/reference.ts'
import {readPlatform} from '../registry/images/read-facts.ts'
import type {ManifestContent} from '../registry/repository-client.ts'
import type {BuildReport, Note} from '../report/report.ts'
import {runTest} from './gate.ts'
import {pushLayout} from './layout/push-layout.ts'
import {readLayout, type Layout} from './layout/read-layout.ts'
import {pushedManifest} from '../registry/images/shown-manifest.ts'
import {requireStagedPlatforms, stagedImage} from './staged-image.ts'
import {holdImage, holdTag} from './hold-image.ts'
import {layoutDirectory} from './load/load-staged.ts'
import {placesOf, runOnNodes} from './nodes/assign-nodes.ts'
import type {NodesBuild, NodesTarget, Places} from './nodes/run-on-nodes.ts'
import {repositoriesOf, runBuild, type Session} from './session.ts'

/** An image that every repository holds under its digest, and no tag shows yet. */
export interface Staged {
  readonly content: ManifestContent
  /** Platform of an image that is no index; undefined where nobody knows. */
  readonly platform: Platform | undefined
  /** One of those that hold it. */
  readonly repository: Repository
  /** Where it lies on this machine, as long as the run's own directory does; undefined: in the registries alone. */
  readonly layout?: Layout
  /** It was there before this run. */
  readonly existing: boolean
  /**
   * Resolves when every registry shows the image by its digest, to the tags of this run that it took: none at most registries.
   * The check runs beside the next steps; a step that reads the image by its digest waits for it.
   */
  readonly holds?: Promise<readonly TagRef[]>
  /** The repositories that hold it, where others hold another build of the same release. */
  readonly places?: readonly Repository[]
}

/** @throws TagboatError `builder-unsuited` where the image would be pushed with its tags. */
export function requireStaging({name, driver, staging}: Builder, {prepared}: Session, message: string): void {
  if (stagingOf(prepared.inputs.build, staging) !== 'none') return
  const lack =
    driver === 'docker' ? 'its engine has no containerd image store' : 'this driver is not known to do either'
  const evidence = `the builder "${name}" (driver ${driver}) neither pushes by digest nor exports a layout: ${lack}`
  throw new TagboatError('builder-unsuited', {message, evidence: [evidence]})
}

/** Builds each platform once, and pushes to all repositories by digest. */
export async function stageImage(session: Session, builder: Builder, note: Note): Promise<Staged> {
  const {prepared, registries, edges} = session
  const {inputs, plan} = prepared
  const repositories = repositoriesOf(prepared)
  const [repository] = repositories
  if (repository === undefined) throw new TypeError('a run that publishes nothing stages nothing')
  const tags = plan.tags.map(({reference}) => reference)
  const clients = repositories.map((one) => registries.clients.repository(one))
  const done = async (build: BuildReport, content: ManifestContent, more: Partial<Staged> = {}): Promise<Staged> => {
    const holds = holdImage(content, clients, edges)
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
    note({build})
    const layout = await readLayout(directory, edges.files)
    return done(build, await pushLayout(layout, clients), {layout})
  }
  const pushed = await pushByDigest(session, places, {tags, destination: {kind: 'digest', repositories}, clients})
  note({build: pushed.build})
  const staged = await done(pushed.build, pushed.content)
  return {...staged, holds: Promise.resolve([...pushed.holds, ...((await staged.holds) ?? [])])}
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
  const {edges} = session
  try {
    return {...(await pushOnce(session, places, target)), holds: []}
  } catch (error) {
    const isHidden = error instanceof TagboatError && error.code === 'digest-hidden'
    if (!isHidden || (places !== undefined && places.shares.length > 1)) throw error
    const tag = holdTag(Math.floor(edges.waiting(edges.signal).random() * 2 ** 48).toString(16))
    edges.workflow.info(
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
  const {edges} = session
  const {sleep} = edges.waiting(edges.signal)
  return {build, content: content ?? (await pushedManifest(client, build.metadata?.digest, sleep))}
}

async function run(session: Session, places: Places | undefined, target: NodesTarget): Promise<NodesBuild> {
  if (places !== undefined) return runOnNodes(session, places, target)
  return {build: await runBuild(session, target.tags, target.destination), content: undefined}
}

/** Everything that has to hold of an image before anything is tagged: its platforms, and the user's test. */
export async function passGates(image: Staged, session: Session): Promise<void> {
  passPlatformGate(image, session)
  await passTest(image, session)
}

/** @throws TagboatError `platforms-incomplete` */
export function passPlatformGate(
  {content, platform, repository, existing}: Staged,
  {prepared}: Pick<Session, 'prepared'>,
): void {
  const {inputs, plan} = prepared
  const release = plan.tags.find(({line}) => line.kind === 'release')?.reference.tag
  const published = existing ? release : undefined
  requireStagedPlatforms(stagedImage(content, platform), inputs.build.platforms, repository, published)
}

/** Runs the commands of `test`, if there are any. @throws TagboatError `test-failed` */
export async function passTest({content, platform, repository, holds}: Staged, session: Session): Promise<void> {
  const {prepared, lent, edges} = session
  const {build, publish} = prepared.inputs
  const staged = stagedImage(content, platform)
  const script = publish.test
  if (script === undefined) return
  await holds
  const scriptFile = path.join(lent.home.directory, `${ownPrefix}test.sh`)
  const request = {script, staged, repository, asked: build.platforms, scriptFile, env: lent.env}
  await edges.workflow.inQuietGroup('test', async (write) => runTest(request, write, edges))
}
