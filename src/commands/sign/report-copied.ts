import type {Io} from '../../io/io.ts'
import {formatRepository} from '../../oci/reference.ts'
import type {CopiedSignatures} from '../../registry/images/copy.ts'

/**
 * Logs the signatures that were copied with an image. Those under a tag contain the name of the repository, which Podman
 * and CRI-O compare: a notice reports a new name for which nothing is signed.
 */
export function reportCopied(
  copied: readonly CopiedSignatures[],
  {signs, workflow}: {readonly signs: boolean; readonly workflow: Io['workflow']},
): void {
  for (const {source, destination, referrers, signatureTags} of copied) {
    const [from, to] = [source, destination].map(({repository}) => formatRepository(repository))
    const parts = [
      ...(referrers > 0 ? [`${referrers} signatures, attestations or other referrers`] : []),
      ...(signatureTags > 0 ? [`the signatures under ${signatureTags} tags`] : []),
    ]
    workflow.info(`Copied with the image from ${from ?? ''} to ${to ?? ''}: ${parts.join(', ')}`)
    if (signs || signatureTags === 0) continue
    workflow.notice(
      `${to ?? ''} has signatures under tags (sha256-….sig) that name ${from ?? ''}. Podman and CRI-O refuse them for the new name. To add signatures for it, set \`sign\` here.`,
    )
  }
}
