import type {Digest} from '../oci/digest.ts'
import type {ImageFacts} from '../oci/image-facts.ts'
import type {TargetTag} from './decide/tag-decision.ts'
import {isWithheld} from '../plan/version.ts'
import type {RepositoryClient} from '../registry/repository-client.ts'
import {isUserNamed} from '../tags/named-tag-role.ts'
import {mayBeVersion, type ListedVersion} from '../tags/versions/version-order.ts'
import {factsOf} from '../registry/images/read-facts.ts'

/** The image that an exact tag of another version points to. */
interface OtherRelease {
  readonly digest: Digest
  readonly facts: ImageFacts
}

/**
 * Reads the release of another version. Undefined where its tag does not exist, or points to an image that states another
 * version: `5.0.0` with `mutable=true` reads like an exact tag and is not one.
 */
export async function readRelease(
  client: RepositoryClient,
  {tag, version}: ListedVersion,
): Promise<OtherRelease | undefined> {
  const content = await client.manifest(tag)
  if (content === undefined) return undefined
  const facts = await factsOf(client, content)
  return mayBeVersion(facts.version, version) ? {digest: content.digest, facts} : undefined
}

/**
 * Reports whether a floating tag goes with the release under an exact tag: it was not published without that floating tag.
 * A floating tag that the user named goes only with an image that states its floating tags.
 */
export function includesTag(
  {facts}: OtherRelease,
  exact: string,
  {reference, role}: Pick<TargetTag, 'reference' | 'role'>,
): boolean {
  const isStated = facts.floating !== undefined || !isUserNamed(role)
  return isStated && !isWithheld(facts, exact, reference.tag)
}
