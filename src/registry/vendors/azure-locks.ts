import {field, parseJson} from '../../oci/manifest.ts'
import type {HostClient} from '../host-client.ts'

/**
 * Tags that are locked in Azure Container Registry: https://learn.microsoft.com/azure/container-registry/container-registry-image-lock.
 * A tag whose attributes cannot be read counts as not locked, since that needs a right of its own.
 */
export async function lockedTags(
  client: HostClient,
  path: string,
  tags: readonly string[],
): Promise<readonly string[]> {
  const {origin} = await client.endpoint()
  const locked = await Promise.all(
    tags.map(async (tag) => ((await isLocked(client, {path, tag, origin})) ? [tag] : [])),
  )
  return locked.flat()
}

interface AzureTag {
  readonly path: string
  readonly tag: string
  readonly origin: URL
}

async function isLocked(client: HostClient, {path, tag, origin}: AzureTag): Promise<boolean> {
  try {
    const {status, body} = await client.callOnce({
      method: 'GET',
      target: new URL(`/acr/v1/${path}/_tags/${tag}`, origin),
      label: `_tags/${tag}`,
      scopes: [{path, access: ['metadata_read']}],
    })
    const attributes = field(field(parseJson(body), 'tag'), 'changeableAttributes')
    return status === 200 && field(attributes, 'writeEnabled') === false
  } catch {
    client.retrier.signal.throwIfAborted()
    return false
  }
}
