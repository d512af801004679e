import path from 'node:path'
import type {Builder} from '../buildx/inspect.ts'
import {stagingOf} from '../buildx/outputs.ts'
import {ownPrefix} from '../credentials/docker-home.ts'
import {TagboatError} from '../errors/error.ts'
import type {Platform} from '../oci/platform.ts'
import {formatRepository, type Repository} from '../oci/reference.ts'
import type {ExistingRelease} from '../plan/decide-release.ts'
import {readPlatform} from '../promote/read-facts.ts'
import {describeImage} from '../promote/read-back.ts'
import {copyImage} from '../registry/copy.ts'
import type {ManifestContent, RepositoryClient} from '../registry/repository-client.ts'
import type {BuildReport, Report} from '../report/report.ts'
import {runTest} from '../stage/gate.ts'
import {pushLayout} from '../stage/push-layout.ts'
import {readLayout} from '../stage/read-layout.ts'
import {requireStagedPlatforms, stagedImage} from '../stage/staged-image.ts'
import type {Note} from './reporting.ts'
import {repositoriesOf, runBuild, type Session} from './session.ts'

/** An image that every repository holds under its digest, and no tag shows yet. */
export interface Staged {
  readonly content: ManifestContent
  /** Platform of an image that is no index; undefined where nobody knows. */
  readonly platform: Platform | undefined
  /** One of those that hold it. */
  readonly repository: Repository
  /** It was there before this run. */
  readonly existing: boolean
}

/** @throws TagboatError `builder-unsuited` where the image would be pushed with its tags. */
export function requireStaging({name, driver, staging}: Builder, {prepared}: Session, message: string): void {
  if (stagingOf(prepared.inputs.build, staging) !== 'none') return
  const lack = driver === 'docker' ? 'its engine has no containerd image store' : 'it builds on several nodes'
  const evidence =
    staging === 'none'
      ? `the builder "${name}" (driver ${driver}) neither pushes by digest nor exports a layout: ${lack}`
      : 'one of `outputs` pushes by itself, with tags'
  const remedy = staging === 'none' ? {} : {remedy: 'Remove that output: the image is pushed to `images` without it.'}
  throw new TagboatError('builder-unsuited', {message, evidence: [evidence], ...remedy})
}

/** Builds once, and pushes to all repositories by digest. */
export async function stageImage(session: Session, builder: Builder, note: Note): Promise<Staged> {
  const {prepared, lent, registries, edges} = session
  const {inputs, plan} = prepared
  const repositories = repositoriesOf(prepared)
  const [repository] = repositories
  if (repository === undefined) throw new TypeError('a run that publishes nothing stages nothing')
  const tags = plan.tags.map(({reference}) => reference)
  const done = (build: BuildReport, content: ManifestContent): Staged => {
    return {content, platform: platformOf(build, inputs.build.platforms), repository, existing: false}
  }
  if (stagingOf(inputs.build, builder.staging) === 'oci-layout') {
    const directory = path.join(lent.home.directory, `${ownPrefix}layout`)
    const build = await runBuild(session, tags, {kind: 'layout', directory})
    note({build})
    const layout = await readLayout(directory, edges.files)
    const clients = repositories.map((one) => registries.clients.repository(one))
    return done(build, await pushLayout(layout, clients))
  }
  const build = await runBuild(session, tags, {kind: 'digest', repositories})
  note({build})
  return done(build, await pushedContent(build, registries.clients.repository(repository)))
}

async function pushedContent({metadata}: BuildReport, client: RepositoryClient): Promise<ManifestContent> {
  const digest = metadata?.digest
  const content = digest === undefined ? undefined : await client.manifest(digest)
  if (content !== undefined) return content
  const name = formatRepository(client.repository)
  throw new TagboatError('publish-unverified', {
    evidence: [
      digest === undefined ? 'Buildx reported no digest' : `${name} does not hold ${digest}, which Buildx has pushed`,
    ],
  })
}

function platformOf({metadata}: BuildReport, asked: readonly Platform[]): Platform | undefined {
  return metadata?.platform ?? (asked.length === 1 ? asked[0] : undefined)
}

/** What has to hold of a staged image before anything is tagged: its platforms, and the user's test. */
export async function passGates({content, platform, repository}: Staged, session: Session): Promise<void> {
  const {prepared, lent, edges} = session
  const {build, publish} = prepared.inputs
  const staged = stagedImage(content, platform)
  requireStagedPlatforms(staged, build.platforms, repository)
  const script = publish.test
  if (script === undefined) return
  const scriptFile = path.join(lent.home.directory, `${ownPrefix}test.sh`)
  const request = {script, staged, repository, asked: build.platforms, scriptFile, env: lent.env}
  await edges.workflow.inQuietGroup('test', async (write) => runTest(request, write, edges))
}

/** A release that is published already, in every repository of this run. */
export async function takeExisting(existing: ExistingRelease, {prepared, registries}: Session): Promise<Staged> {
  const source = registries.clients.repository(existing.repository)
  const lacking = repositoriesOf(prepared).filter(
    (repository) => !existing.byRepository.has(formatRepository(repository)),
  )
  const copies = lacking.map(async (repository) =>
    copyImage({digest: existing.digest, source, destination: registries.clients.repository(repository)}),
  )
  const [content] = await Promise.all([source.manifest(existing.digest), ...copies])
  if (content === undefined) {
    const evidence = [`${formatRepository(existing.repository)} does not hold ${existing.digest}`]
    throw new TagboatError('source-missing', {evidence})
  }
  return {content, platform: await readPlatform(source, content), repository: existing.repository, existing: true}
}

/** What is published, for outputs and summary. @throws TagboatError `publish-unverified`, `cancelled` */
export async function describeStaged(
  {content, platform, repository, existing}: Staged,
  {registries, edges}: Pick<Session, 'registries' | 'edges'>,
): Promise<Pick<Report, 'staged' | 'unread'>> {
  const {digest} = content
  const client = registries.clients.repository(repository)
  const {images, unread} = await describeImage(client, repository, {digest, platforms: [], platform})
  // A request that was cancelled is told as a registry that cannot be read.
  edges.signal.throwIfAborted()
  return {staged: {digest, images, existing}, unread}
}
