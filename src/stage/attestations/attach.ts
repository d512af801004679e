import type {Workflow} from '../../io/workflow.ts'
import {manifestParts} from '../../oci/manifest.ts'
import type {Attached} from '../../oci/attestations.ts'
import {formatRepository} from '../../oci/reference.ts'
import {enlistReferrers} from '../../registry/signatures/enlist-referrers.ts'
import {manifestsAtOnce} from '../../registry/images/image-tree.ts'
import {blobsAtOnce, sendBlob, type OpenBlob} from '../../registry/images/send.ts'
import {forEachBounded} from '../../registry/limit.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'

interface AttachTarget {
  /** Repositories that have the image. */
  readonly repositories: readonly RepositoryClient[]
  readonly workflow: Pick<Workflow, 'info' | 'notice'>
}

/**
 * Pushes the attestations of an image to all repositories, and makes them list these as referrers of its platforms. A
 * repository that cannot do so has them by digest only, which a notice says.
 * @throws TagboatError of the registry client.
 */
export async function attachToAll(
  attached: readonly Attached[],
  openBlob: OpenBlob,
  {repositories, workflow}: AttachTarget,
): Promise<void> {
  const unlisted = await Promise.all(repositories.map(async (client) => attachReferrers(attached, openBlob, client)))
  const subjects = new Set(attached.map(({subject}) => subject)).size
  const images = subjects === 1 ? 'the image' : `${subjects} images`
  workflow.info(
    `Attached to ${images} as referrers: the attestations ${attached.map(({content}) => content.digest).join(', ')}`,
  )
  for (const [index, reasons] of unlisted.entries()) {
    const client = repositories[index]
    if (client === undefined || reasons.length === 0) continue
    workflow.notice(
      `${formatRepository(client.repository)} has the attestations, but cannot list them, so that programs do not find them. Set \`attestations: inline\` for this registry. ${reasons.join('; ')}`,
    )
  }
}

/** Attaches the referrers in one repository. Returns a line for each image whose referrers it cannot list. */
async function attachReferrers(
  attached: readonly Attached[],
  openBlob: OpenBlob,
  client: RepositoryClient,
): Promise<readonly string[]> {
  const contents = attached.map(({content}) => content)
  const blobs = new Map(
    contents.flatMap(({bytes}) => manifestParts(bytes)?.blobs ?? []).map((blob) => [blob.digest, blob]),
  )
  await forEachBounded([...blobs.values()], blobsAtOnce, async (blob) => sendBlob(blob, client, openBlob))
  await forEachBounded(contents, manifestsAtOnce, async (content) => {
    await client.putManifest(content.digest, content)
  })
  const unlisted: string[] = []
  const bySubject = Map.groupBy(attached, ({subject}) => subject)
  await forEachBounded([...bySubject], manifestsAtOnce, async ([subject, referrers]) => {
    const refused = await enlistReferrers(
      subject,
      referrers.map(({content}) => content),
      client,
    )
    if (refused !== undefined) unlisted.push(refused.reason)
  })
  return unlisted.sort()
}
