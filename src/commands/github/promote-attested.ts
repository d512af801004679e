import type {RunResult} from '../../run/run-result.ts'
import type {Publication} from '../promote-image.ts'
import type {AttestedImage} from './attest-image.ts'

/** Promotes an image, and stores its attestation at GitHub. Few runs do that. */
export async function promoteAttested(
  image: AttestedImage,
  publication: Publication,
  promote: () => Promise<RunResult>,
): Promise<RunResult> {
  if (publication.prepared.inputs.publish.githubAttestation === 'false') return promote()
  const {withAttestation} = await import('./with-attestation.ts')
  return withAttestation(image, publication, promote)
}
