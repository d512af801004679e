import {field, parseJson} from '../../oci/manifest.ts'
import {reading} from '../../registry/auth/scope.ts'
import type {HostClient} from '../../registry/host-client.ts'
import {Pages} from '../../registry/pages.ts'
import {redactUrl} from '../../registry/redact.ts'
import type {RegistryRequest} from '../../registry/registry-request.ts'
import {deletionOf, type DeletionRules} from '../answers.ts'
import type {StoreOpener} from '../store-opener.ts'
import {TagDetails} from '../tag-details.ts'
import {tagStore, type DeleteTag} from '../tag-store.ts'
import {parseTime} from '../../retention/parse-configuration.ts'
import {deleteInRepository} from '../v2-deletion.ts'
import {listCut} from '../list-cut.ts'

/**
 * Opens a repository of the registry of GitLab, which deletes tags at once, and collects images without one after a day:
 * https://docs.gitlab.com/administration/packages/container_registry_metadata_database/. The web API of GitLab deletes tags
 * in bulk later, at a time that it does not state, and is not used.
 */
export const openGitLab: StoreOpener<'clients'> = (repository, {clients}) => {
  const host = clients.host(repository.host)
  const client = clients.repository(repository)
  return tagStore({
    repository,
    client,
    list: async () => {
      const tags = await client.tags()
      const details = tags.length === 0 ? undefined : await readDetails(host, repository.path)
      return details?.listing(tags) ?? {kind: 'tags', tags}
    },
    deleteTag: tagDeletion(host, repository.path),
    signal: host.retrier.signal,
    untagged: 'GitLab deletes tags, and collects images without one',
  })

  /**
   * Reads the digest of each tag, and when it was published, from the API that the registry of GitLab has beside that of OCI:
   * https://gitlab.com/gitlab-org/container-registry/-/blob/master/docs/spec/gitlab/api.md#list-repository-tags.
   * Undefined if it has none, since it has no metadata database.
   */
  async function readDetails(host: HostClient, path: string): Promise<TagDetails | undefined> {
    const details = new TagDetails()
    const pages = new Pages()
    const {origin} = await host.endpoint()
    let target = new URL(`/gitlab/v1/repositories/${path}/tags/list/?n=1000`, origin)
    for (;;) {
      const request: RegistryRequest = {method: 'GET', target, label: 'gitlab/v1 tags/list', scopes: [reading(path)]}
      const response = await host.call({...request, maxBytes: pages.bytesLeft})
      if (response.status === 404 && details.size === 0) return undefined
      if (response.status !== 200) throw await host.failure(request, response, 'pull')
      const list = parseJson(response.body)
      const next = Array.isArray(list) ? pages.after(response) : {reason: 'is not a list of tags'}
      for (const tag of Array.isArray(list) ? list : []) addTag(details, tag)
      if (next === 'end') return details
      if ('reason' in next) throw listCut(repository, `GET ${redactUrl(response.url, host.hide)}: ${next.reason}`)
      target = next.page
    }
  }
}

function addTag(details: TagDetails, tag: unknown): void {
  const published = ['published_at', 'updated_at', 'created_at'].map((key) => parseTime(field(tag, key)))
  const time = published.find((one) => one !== undefined)
  details.add(field(tag, 'name'), {time, digest: field(tag, 'digest')})
}

/**
 * Deletes tags by the route of OCI. Registries before 3.81 (GitLab 16.4) refuse it, and have one of their own:
 * https://gitlab.com/gitlab-org/container-registry/-/blob/master/docs/spec/docker/v2/api.md#deleting-a-tag
 */
function tagDeletion(host: HostClient, path: string): DeleteTag {
  let route = 'manifests'
  return async (tag, isCurrent) => {
    const answer = await deleteInRepository(host, {path, part: `${route}/${tag}`}, isCurrent)
    if (answer === undefined) return undefined
    const isRefused = answer.status === 400 || answer.status === 405
    if (!isRefused || route !== 'manifests') return deletionOf(answer, {...rules, hide: host.hide})
    const other = await deleteInRepository(host, {path, part: `tags/reference/${tag}`}, isCurrent)
    if (other === undefined) return undefined
    // 404 of the router, without an error of the registry: the route does not exist either.
    if (
      other.status === 404 &&
      !/\bTAG_UNKNOWN\b|\bMANIFEST_UNKNOWN\b|\bNAME_UNKNOWN\b/.test(other.body.toString('latin1'))
    )
      return deletionOf(answer, {...rules, hide: host.hide})
    if (other.status < 300) route = 'tags/reference'
    return deletionOf(other, {...rules, hide: host.hide})
  }
}

/** Deploy tokens do not get the action `delete`: app/services/auth/container_registry_authentication_service.rb of GitLab. */
const rules: Omit<DeletionRules, 'hide'> = {
  denied:
    'Use a personal, project or group access token with the scope `api` and at least the role Developer. Deploy tokens and tokens with `write_registry` alone cannot delete.',
  locked: /is protected|is immutable|protected (?:tag|manifest)|immutable tag/i,
}
