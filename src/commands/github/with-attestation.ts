import {toTagboatError} from '../../errors/error.ts'
import {errorWarning} from '../../errors/render-error.ts'
import {after, type RunResult} from '../../run/run-result.ts'
import type {Publication} from '../promote-image.ts'
import {attestImage, type AttestedImage} from './attest-image.ts'

/**
 * Promotes an image, and stores its attestation at GitHub: with `required` before its tags move, otherwise afterwards,
 * when a failure is a warning.
 */
export async function withAttestation(
  image: AttestedImage,
  publication: Publication,
  promote: () => Promise<RunResult>,
): Promise<RunResult> {
  const {prepared, io} = publication
  const {githubAttestation} = prepared.inputs.publish
  const attest = async (): ReturnType<typeof attestImage> => {
    await image.temporaryTags
    return io.phases.measure('sign', async () => attestImage(image, publication))
  }
  if (githubAttestation === 'required') {
    const attested = await attest()
    return {...(await after({attested}, promote)), attested}
  }
  const done = await promote()
  return after(done, async () => {
    try {
      return {...done, attested: await attest()}
    } catch (error) {
      io.signal.throwIfAborted()
      io.workflow.warning(errorWarning(toTagboatError(error), 'The image has no attestation at GitHub.'))
      return done
    }
  })
}
