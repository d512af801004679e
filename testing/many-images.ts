import {forEachBounded} from '../src/registry/limit.ts'
import type {RepositoryClient} from '../src/registry/repository-client.ts'
import {makeImage} from './memory-registry.ts'
import {pushImage} from './registry-client.ts'

/** Images to push: `count` indexes with two platforms each, and a tag for each. */
export interface ManyImages {
  readonly count: number
  readonly tagOf: (index: number) => string
  /** Annotations of the index. Default: none. */
  readonly annotations?: Readonly<Record<string, string>>
}

/** Manifests of each image. */
export const manifestsPerImage = 3

/** Pushes images that share nothing. */
export async function pushMany(client: RepositoryClient, {count, tagOf, annotations = {}}: ManyImages): Promise<void> {
  await forEachBounded([...Array(count).keys()], 16, async (index) => {
    const image = makeImage({platforms: ['linux/amd64', 'linux/arm64'], annotations, text: `image ${index}`})
    await pushImage(client, image)
    await client.putManifest(tagOf(index), image)
  })
}
