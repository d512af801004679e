import {algorithmOf} from '../../oci/digest.ts'
import {field} from '../../oci/manifest.ts'
import {parseTime} from '../../retention/parse-configuration.ts'
import {latestOf} from '../times.ts'

/** Version of a container package: an image with all its tags. */
export interface PackageVersion {
  readonly id: string
  readonly digest: string
  readonly tags: readonly string[]
  /** Later one of the times of creation and of the last change. */
  readonly changedAt: Date | undefined
}

/**
 * Parses a version of "List package versions" (https://docs.github.com/rest/packages/packages). Undefined if it is not a
 * version of a container: without its tags, it must not be deleted.
 */
export function parseVersion(value: unknown): PackageVersion | undefined {
  const [id, name] = [field(value, 'id'), field(value, 'name')]
  const tags = field(field(field(value, 'metadata'), 'container'), 'tags')
  if (!Number.isSafeInteger(id) || typeof name !== 'string' || !Array.isArray(tags)) return undefined
  const names = tags.filter((tag) => typeof tag === 'string')
  if (algorithmOf(name) === undefined || names.length !== tags.length) return undefined
  const changedAt = latestOf([field(value, 'created_at'), field(value, 'updated_at')].map(parseTime))
  return {id: String(id), digest: name, tags: names, changedAt}
}

/** Parses a page of versions. Undefined if it contains anything else. */
export function parseVersions(value: unknown): readonly PackageVersion[] | undefined {
  if (!Array.isArray(value)) return undefined
  const versions = value.flatMap((one) => parseVersion(one) ?? [])
  return versions.length === value.length ? versions : undefined
}

/** Reports whether a version has these tags and no others. */
export function hasTags({tags}: PackageVersion, expected: readonly string[]): boolean {
  return tags.length === expected.length && expected.every((tag) => tags.includes(tag))
}
