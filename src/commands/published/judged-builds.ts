import type {Inputs} from '../../inputs/inputs.ts'
import type {Digest} from '../../oci/digest.ts'
import {samePlatform} from '../../oci/platform.ts'
import {platformImages, type OtherBuild, type StagedImage} from '../../stage/staged-image.ts'

/**
 * Images that have passed all gates, and that are signed if the run signs. Signatures are compared for all builds of a
 * release; `test`, `scan` and size limits judge one.
 * @param unsigned images that the run did not sign.
 */
export function judgedBuilds(
  {content, otherBuilds = []}: Pick<StagedImage, 'content' | 'otherBuilds'>,
  unsigned: ReadonlySet<Digest> = new Set(),
  {build, publish, scan}: Pick<Inputs, 'build' | 'publish' | 'scan'>,
): ReadonlySet<Digest> {
  const judgesOne = publish.test !== undefined || publish.sizeLimits !== undefined || scan !== undefined
  const hasPlatforms = ({content: top, platform: own}: OtherBuild): boolean => {
    const {images} = platformImages(top, own)
    return build.platforms.every((requested) => images.some(({platform}) => samePlatform(platform, requested)))
  }
  const others = judgesOne ? [] : otherBuilds.filter(hasPlatforms)
  const digests = [content, ...others.map((other) => other.content)].map(({digest}) => digest)
  return new Set(digests.filter((digest) => !unsigned.has(digest)))
}
