import {TagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {parseManifest, type Descriptor} from '../oci/manifest.ts'
import {referrersTag} from '../oci/referrers-tag.ts'
import type {Manifests} from './manifests.ts'
import {Pages} from './pages.ts'
import {redactUrl} from './redact.ts'
import {reading} from './auth/scope.ts'
import type {HostClient} from './host-client.ts'
import type {RegistryResponse, RegistryRequest} from './registry-request.ts'

/**
 * Lists the referrers of a digest:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
 */
export async function listReferrers(
  client: HostClient,
  manifests: Manifests,
  {path, digest, accepted}: {readonly path: string; readonly digest: Digest; readonly accepted: boolean},
): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = []
  const pages = new Pages()
  let target: string | URL = `${path}/referrers/${digest}`
  for (;;) {
    const {bytesLeft: maxBytes} = pages
    const request: RegistryRequest = {
      method: 'GET',
      target,
      label: `referrers/${digest}`,
      scopes: [reading(path)],
      maxBytes,
    }
    const response: RegistryResponse = await client.call(request)
    const list = response.status === 200 ? parseManifest(response.body) : undefined
    if (list?.kind !== 'index') {
      if (typeof target === 'string' && isWithoutApi(response)) return fallback(manifests, digest)
      throw await client.failure(request, response, 'pull')
    }
    found.push(...list.manifests)
    const next = pages.after(response)
    if (next === 'end') return accepted ? withAccepted(found, manifests.acceptedReferrers(digest)) : found
    if ('reason' in next) throw partial(client, response, next.reason)
    target = next.page
  }
}

/** Adds referrers that the registry has accepted, but may not list yet. */
function withAccepted(listed: readonly Descriptor[], accepted: readonly Descriptor[]): readonly Descriptor[] {
  const digests = new Set(listed.map(({digest}) => digest))
  return [...listed, ...accepted.filter(({digest}) => !digests.has(digest))]
}

/** Error for an incomplete list: a copy could miss signatures. */
function partial({host, hide}: HostClient, {status, url}: RegistryResponse, reason: string): TagboatError {
  return new TagboatError('registry-failed', {
    message: `${host} lists only a part of the referrers of an image.`,
    evidence: [`GET ${redactUrl(url, hide)}: ${status}, which ${reason}`],
  })
}

/**
 * Reports whether the registry lacks the API. The specification requires 404; older registries respond in many ways,
 * even with a web page.
 */
function isWithoutApi({status}: RegistryResponse): boolean {
  return [200, 400, 404, 405, 406, 415, 501].includes(status) || (status >= 300 && status < 400)
}

/** Referrers under the fallback tag. GitLab reads the tag as the digest, and responds with the subject. */
async function fallback(manifests: Manifests, digest: Digest): Promise<readonly Descriptor[]> {
  const content = await manifests.get(referrersTag(digest))
  const list = content === undefined || content.digest === digest ? undefined : parseManifest(content.bytes)
  return list?.kind === 'index' ? list.manifests : []
}
