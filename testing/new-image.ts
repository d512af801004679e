import {randomBytes} from 'node:crypto'
import {Step, type StepResult} from './runner.ts'

/** Publication of an image of two platforms that no run has built before. The Dockerfile has `ARG NONCE`. */
export interface NewImage {
  readonly workspace: string
  readonly images: readonly string[]
  readonly inputs?: Readonly<Record<string, string>> | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** Prepares a step that publishes a new image with the tag `1.2.3`. */
export async function prepareNewImage({workspace, images, inputs = {}, env = {}}: NewImage): Promise<Step> {
  return Step.prepare({
    event: 'push-tag',
    workspace,
    inputs: {
      images: images.join('\n'),
      tags: '1.2.3',
      'build-args': `NONCE=${randomBytes(6).toString('hex')}`,
      // On a busy machine, an attestation may be gone before it is read, and the image is then staged in another way.
      provenance: 'false',
      platforms: 'linux/amd64,linux/arm64',
      ...inputs,
    },
    env,
  })
}

/** Publishes a new image. @throws Error with the log if the step fails. */
export async function publishNewImage(image: NewImage): Promise<StepResult> {
  await using step = await prepareNewImage(image)
  const result = await step.run()
  if (result.exitCode !== 0) throw new Error(result.log)
  return result
}
