import {isMultiPlatform} from '../../buildx/image-index.ts'
import type {Workflow} from '../../io/workflow.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {pushLayout, type ImageSource} from '../layout/push-layout.ts'

/** Returns the image with its attestations where the input `attestations` wants them. */
export async function placedImage(
  image: ImageSource,
  {inputs, plan}: Pick<Prepared, 'inputs' | 'plan'>,
): Promise<ImageSource> {
  const {attestations: place, platforms} = inputs.build
  if (place === 'inline') return image
  const {placeAttestations} = await import('./place-attestations.ts')
  return placeAttestations(image, {place, keepsIndex: isMultiPlatform({platforms, buildArgs: plan.buildArgs})})
}

/**
 * Pushes an image by digest to all repositories, and its attestations as referrers, if they are not in its index.
 * @throws TagboatError of the registry client.
 */
export async function pushImage(
  image: ImageSource,
  repositories: readonly RepositoryClient[],
  workflow: Pick<Workflow, 'info' | 'notice'>,
): Promise<void> {
  await pushLayout(image, repositories)
  if (image.attached === undefined || image.attached.length === 0) return
  const {attachToAll} = await import('./attach.ts')
  await attachToAll(image.attached, image.openBlob, {repositories, workflow})
}
