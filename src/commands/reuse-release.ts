import {TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import type {ManifestContent} from '../oci/manifest.ts'
import {formatRepository, type Repository} from '../oci/reference.ts'
import {repositoriesOf} from '../plan/plan.ts'
import type {ExistingRelease} from '../promote/decide/decide-release.ts'
import {copyImage} from '../registry/images/copy.ts'
import {readPlatform} from '../registry/images/read-facts.ts'
import type {RepositoryClient} from '../registry/repository-client.ts'
import type {BuildSession} from '../stage/build-session.ts'
import type {StagedImage} from '../stage/staged-image.ts'
import type {Publication} from './promote-image.ts'

/**
 * Copies a published release to the repositories that do not have it, and returns it in place of a staged image. Its
 * signatures have been compared with `verify`.
 */
export async function reuseRelease(
  existing: ExistingRelease,
  {prepared, registries, io}: Publication,
): Promise<StagedImage> {
  const source = registries.clients.repository(existing.repository)
  const incomplete = repositoriesOf(prepared.plan).filter(
    (repository) => !existing.byRepository.has(formatRepository(repository)),
  )
  const copyTo = async (repository: Repository): Promise<unknown> =>
    copyImage({
      digest: existing.digest,
      source,
      destination: registries.clients.repository(repository),
      onLeftOut: (line) => {
        io.workflow.warning(line)
      },
    })
  const copies = async (): Promise<unknown> => Promise.all(incomplete.map(copyTo))
  const copied = incomplete.length === 0 ? undefined : io.phases.measure('copy', copies)
  const [content] = await Promise.all([requireManifest(source, existing.digest), copied])
  const platform = await readPlatform(source, content)
  const builds = repositoriesOf(prepared.plan).map((repository) => ({
    repository,
    digest: existing.byRepository.get(formatRepository(repository)) ?? content.digest,
  }))
  const repositories = builds.flatMap(({repository, digest}) => (digest === content.digest ? [repository] : []))
  const others = builds.filter(({digest}) => digest !== content.digest)
  const otherBuilds = await Promise.all(
    others.map(async ({repository, digest}) => {
      const client = registries.clients.repository(repository)
      const other = await requireManifest(client, digest)
      return {repository, content: other, platform: await readPlatform(client, other)}
    }),
  )
  const isVouched = (prepared.inputs.verify?.demands.length ?? 0) > 0
  return {content, platform, repository: existing.repository, existing: true, repositories, otherBuilds, isVouched}
}

/** Reads a build of a release. @throws TagboatError `source-missing` */
async function requireManifest(client: RepositoryClient, digest: Digest): Promise<ManifestContent> {
  const content = await client.manifest(digest)
  if (content !== undefined) return content
  throw new TagboatError('source-missing', {
    evidence: [`${formatRepository(client.repository)} does not have ${digest}`],
  })
}

/** Reports inputs that have no effect: a weekly rebuild for a new base image would otherwise succeed without a build. */
export function noticeNotRebuilt({prepared, io}: BuildSession): void {
  const {pull, noCache, noCacheFilters} = prepared.inputs.build
  const requested = [
    ...(pull ? ['pull: true'] : []),
    ...(noCache ? ['no-cache: true'] : []),
    ...(noCacheFilters.length > 0 ? ['no-cache-filters'] : []),
  ]
  if (requested.length === 0) return
  const listed = requested.map((text) => `\`${text}\``).join(' and ')
  io.workflow.notice(
    `${listed}: the release is already published and is not built again. To rebuild it and replace its tags, set \`if-exists: overwrite\`.`,
  )
}
