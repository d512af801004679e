import {field, parseJson} from '../../oci/manifest.ts'
import type {RegistryCredentials} from '../../registry/auth/credentials.ts'
import {deletionOf, type DeletionRules} from '../answers.ts'
import type {StoreOpener} from '../store-opener.ts'
import {TagDetails} from '../tag-details.ts'
import {tagStore} from '../tag-store.ts'
import {deleteInRepository} from '../v2-deletion.ts'
import {WebApi} from '../web-api.ts'

/** Maximum of the API. */
const pageSize = 100
const maxPages = 10_000

/**
 * Opens a repository of Quay, which deletes tags, and collects images without one. The hidden tags that keep an image
 * which was pushed by digest expire by themselves. Source: endpoints/v2/manifest.py of https://github.com/quay/quay
 */
export const openQuay: StoreOpener<'clients' | 'services'> = (repository, resources) => {
  const {clients} = resources
  const host = clients.host(repository.host)
  const client = clients.repository(repository)
  const api = new WebApi(repository, resources, oauthHeader)
  return tagStore({
    repository,
    client,
    list: async () => {
      const tags = await client.tags()
      const details = tags.length === 0 ? undefined : await readDetails(api, repository.path)
      return details?.listing(tags) ?? {kind: 'tags', tags}
    },
    async deleteTag(tag, isCurrent) {
      const answer = await deleteInRepository(host, {path: repository.path, part: `manifests/${tag}`}, isCurrent)
      return answer && deletionOf(answer, {...rules, hide: host.hide})
    },
    signal: host.retrier.signal,
    untagged: 'Quay deletes tags, and collects images without one',
  })
}

const rules: Omit<DeletionRules, 'hide'> = {
  denied: 'Give the robot account or user the permission Write on the repository.',
  locked: /TAG_IMMUTABLE|is immutable/i,
}

/** The API accepts OAuth tokens. They serve as passwords of this user name: auth/credential_consts.py of Quay. */
function oauthHeader(credentials: RegistryCredentials | undefined): string | undefined {
  return credentials?.kind === 'basic' && credentials.username === '$oauthtoken'
    ? `Bearer ${credentials.password.reveal()}`
    : undefined
}

/**
 * Reads the digest of each tag, and since when it has it: https://docs.quay.io/api/swagger/. Everybody may read it for a public
 * repository. Undefined if this login may not: robots have no access to the API.
 */
async function readDetails(api: WebApi, path: string): Promise<TagDetails | undefined> {
  const details = new TagDetails()
  for (let page = 1; ; page += 1) {
    const response = await api.get(`/api/v1/repository/${path}/tag/?limit=${pageSize}&page=${page}&onlyActiveTags=true`)
    if (page === 1 && [401, 403, 404].includes(response.status)) return undefined
    if (response.status !== 200) throw await api.failure('GET', response)
    const value = parseJson(response.body)
    const tags = field(value, 'tags')
    if (!Array.isArray(tags) || page > maxPages) throw api.cut(response, 'is not a page of the list of tags')
    for (const tag of tags) addTag(details, tag)
    if (field(value, 'has_additional') !== true) return details
  }
}

function addTag(details: TagDetails, tag: unknown): void {
  const start = field(tag, 'start_ts')
  const time = typeof start === 'number' ? new Date(start * 1000) : undefined
  details.add(field(tag, 'name'), {time, digest: field(tag, 'manifest_digest')})
}
