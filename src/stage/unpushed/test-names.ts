import {formatShortPlatform, type Platform} from '../../oci/platform.ts'
import {formatTagRef, type Repository, type TagRef} from '../../oci/reference.ts'
import type {Plan} from '../../plan/plan.ts'

/**
 * Name of an image that is loaded for `test` only, or of its image of one platform. It contains the marker of the run. The
 * index of BuildKit may have `linux/arm/v7` where `platforms` has `linux/arm`, so the name lacks the default variant.
 */
export function testName(repository: Repository, marker: string, platform?: Platform): TagRef {
  const suffix = platform === undefined ? '' : `-${formatShortPlatform(platform).replace(/[^\w.-]/g, '-')}`
  return {repository, tag: `tagboat-test-${marker}${suffix}`}
}

/** Repository of the names: the first one of the plan. A build without any name has one of its own. */
export function testRepository({tags, repositories}: Pick<Plan, 'tags' | 'repositories'>): Repository {
  return tags[0]?.reference.repository ?? repositories[0] ?? {host: 'localhost', path: 'tagboat'}
}

/** All names that a test of these platforms can have, for the step that removes them. */
export function allNames(repository: Repository, marker: string, platforms: readonly Platform[]): readonly string[] {
  const each = platforms.map((platform) => testName(repository, marker, platform))
  return [testName(repository, marker), ...each].map(formatTagRef)
}
