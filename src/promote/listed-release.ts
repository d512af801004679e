import type {Digest} from '../oci/digest.ts'
import type {ImageFacts} from '../oci/image-facts.ts'
import type {TargetTag} from './decide/tag-decision.ts'
import {isWithheld} from '../plan/version.ts'
import type {RepositoryClient} from '../registry/repository-client.ts'
import {isUserNamed} from '../tags/named-tag-role.ts'
import {mayBeVersion, type ListedVersion} from '../tags/versions/version-order.ts'
import {factsOf} from '../registry/images/read-facts.ts'

/** The image that an exact tag of another version points to. */
interface ListedRelease {
  readonly digest: Digest
  readonly facts: ImageFacts
}

/**
 * Reads the release of another version. Undefined if its tag does not exist, or points to an image that states another
 * version: `5.0.0` with `mutable=true` reads like an exact tag, but it is a floating one.
 */
export async function readRelease(
  client: RepositoryClient,
  {tag, version}: ListedVersion,
): Promise<ListedRelease | undefined> {
  const content = await client.manifest(tag)
  if (content === undefined) return undefined
  const facts = await factsOf(client, content)
  return mayBeVersion(facts.version, version) ? {digest: content.digest, facts} : undefined
}

/**
 * Reports whether a floating tag belongs to the release of an exact tag: the release was not published without that
 * floating tag. A floating tag that the user named belongs only to an image that states its floating tags.
 */
export function includesTag(
  {facts}: ListedRelease,
  exact: string,
  {reference, role}: Pick<TargetTag, 'reference' | 'role'>,
): boolean {
  const isStated = facts.floating !== undefined || !isUserNamed(role)
  return isStated && !isWithheld(facts, exact, reference.tag)
}
