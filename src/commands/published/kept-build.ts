import {TagboatError} from '../../errors/error.ts'
import type {Digest} from '../../oci/digest.ts'
import {formatRepository} from '../../oci/reference.ts'
import type {ExplainedRow} from '../../promote/explained-rows.ts'
import {publishedDigests} from '../../promote/published-digests.ts'
import {readPlatform} from '../../registry/images/read-facts.ts'
import type {StagedImage} from '../../stage/staged-image.ts'
import type {Publication} from '../promote-image.ts'

/** Reports releases that keep the image of an earlier publication, although other digests are promoted. */
export function noticeKeptReleases(
  promoted: Digest,
  rows: readonly ExplainedRow[],
  {prepared, io}: Pick<Publication, 'prepared' | 'io'>,
): void {
  for (const [name, published] of publishedDigests({plan: prepared.plan, rows}, promoted)) {
    if (published === promoted) continue
    io.workflow.notice(`${name}: the release keeps ${published}, which was published before, instead of ${promoted}.`)
  }
}

/**
 * Image to which the release tags point, if it is another build of this commit.
 * @throws TagboatError `publish-unverified` if the registry no longer has it.
 */
export async function keptBuild(
  promoted: Digest,
  rows: readonly ExplainedRow[],
  {prepared, registries}: Publication,
): Promise<StagedImage | undefined> {
  const {plan} = prepared
  const [first] = plan.tags
  if (first === undefined) return undefined
  const {repository} = first.reference
  const name = formatRepository(repository)
  const digest = publishedDigests({plan, rows}, promoted).get(name)
  if (digest === undefined || digest === promoted) return undefined
  const client = registries.clients.repository(repository)
  const content = await client.manifest(digest)
  if (content === undefined)
    throw new TagboatError('publish-unverified', {evidence: [`${name} no longer has ${digest}`]})
  return {content, platform: await readPlatform(client, content), repository, existing: true}
}
