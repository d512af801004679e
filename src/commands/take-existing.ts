import {TagboatError} from '../errors/error.ts'
import {formatRepository} from '../oci/reference.ts'
import {repositoriesOf} from '../plan/plan.ts'
import type {ExistingRelease} from '../promote/decide/decide-release.ts'
import {copyImage} from '../registry/images/copy.ts'
import {readPlatform} from '../registry/images/read-facts.ts'
import type {Session} from '../stage/session.ts'
import type {Staged} from '../stage/staged-image.ts'
import type {Publication} from './give-tags.ts'

/** A release that is published already, in every repository of this run. */
export async function takeExisting(
  existing: ExistingRelease,
  {prepared, registries, io}: Publication,
): Promise<Staged> {
  const source = registries.clients.repository(existing.repository)
  const lacking = repositoriesOf(prepared.plan).filter(
    (repository) => !existing.byRepository.has(formatRepository(repository)),
  )
  const copies = lacking.map(async (repository) =>
    copyImage({
      digest: existing.digest,
      source,
      destination: registries.clients.repository(repository),
      onLeftOut: (line) => {
        io.workflow.warning(line)
      },
    }),
  )
  const [content] = await Promise.all([source.manifest(existing.digest), ...copies])
  if (content === undefined) {
    const evidence = [`${formatRepository(existing.repository)} does not have ${existing.digest}`]
    throw new TagboatError('source-missing', {evidence})
  }
  const platform = await readPlatform(source, content)
  const places = repositoriesOf(prepared.plan).filter(
    (repository) => (existing.byRepository.get(formatRepository(repository)) ?? content.digest) === content.digest,
  )
  return {content, platform, repository: existing.repository, existing: true, places}
}

/** A weekly rebuild for a new base image would otherwise end green for ever, and build nothing. */
export function tellNotRebuilt({prepared, io}: Session): void {
  const {pull, noCache, noCacheFilters} = prepared.inputs.build
  const asking = [
    ...(pull ? ['pull: true'] : []),
    ...(noCache ? ['no-cache: true'] : []),
    ...(noCacheFilters.length > 0 ? ['no-cache-filters'] : []),
  ]
  if (asking.length === 0) return
  const named = asking.map((text) => `\`${text}\``).join(' and ')
  io.workflow.notice(
    `${named}: nothing is built, since this release is published already. To build it again and replace its tags, set \`if-exists: overwrite\`.`,
  )
}
