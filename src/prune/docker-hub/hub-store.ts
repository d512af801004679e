import {field} from '../../oci/manifest.ts'
import type {Repository} from '../../oci/reference.ts'
import {redactUrl} from '../../registry/redact.ts'
import type {StoreOpener} from '../store-opener.ts'
import {deletionOf, type DeletionRules} from '../answers.ts'
import {TagDetails} from '../tag-details.ts'
import {tagStore} from '../tag-store.ts'
import {parseTime} from '../../retention/parse-configuration.ts'
import {listCut} from '../list-cut.ts'
import {HubApi} from './hub-api.ts'

/** Maximum of the API. */
const pageSize = 100
const maxPages = 10_000

/**
 * Opens a repository of Docker Hub. The registry deletes nothing (https://github.com/docker/hub-feedback/issues/1759); the
 * API deletes tags, and Docker Hub collects what has none. A maintainer names the route for it in the same thread.
 */
export const openDockerHub: StoreOpener<'clients' | 'services'> = (repository, {clients, services}) => {
  const api = new HubApi(repository, services)
  const client = clients.repository(repository)
  const {hide} = services.secrets
  return tagStore({
    repository,
    client,
    list: async () => {
      const tags = await client.tags()
      // Docker Hub counts each manifest that is read as a pull, so one of several tags is read once.
      return tags.length === 0 ? {kind: 'tags', tags} : (await readDetails(repository, api, hide)).listing(tags)
    },
    async deleteTag(tag, isCurrent) {
      const answer = await api.delete(`repositories/${repository.path}/tags/${tag}/`, isCurrent)
      return answer && deletionOf(answer, {...rules, hide})
    },
    signal: services.retrier.signal,
    untagged: 'Docker Hub deletes tags, and collects images without one',
  })
}

const rules: Omit<DeletionRules, 'hide'> = {
  denied:
    'Use a personal access token with the scope Read, Write, Delete, of an administrator of the repository. Docker Hub does not delete immutable tags either.',
  locked: /immutab/i,
}

/**
 * Reads digest and time of the last push of each tag. The registry lists the tags themselves, in an order that no push changes.
 */
async function readDetails(repository: Repository, api: HubApi, hide: DeletionRules['hide']): Promise<TagDetails> {
  const [namespace = '', name = ''] = repository.path.split('/')
  const details = new TagDetails()
  for (let page = 1; ; page += 1) {
    const path = `namespaces/${namespace}/repositories/${name}/tags?page=${page}&page_size=${pageSize}`
    const {value, response} = await api.read(path)
    const results = field(value, 'results')
    if (!Array.isArray(results) || page > maxPages) {
      throw listCut(repository, `GET ${redactUrl(response.url, hide)}: is not a page of the list of tags`)
    }
    for (const result of results) addTag(details, result)
    if (typeof field(value, 'next') !== 'string') return details
  }
}

function addTag(details: TagDetails, result: unknown): void {
  const time = parseTime(field(result, 'tag_last_pushed')) ?? parseTime(field(result, 'last_updated'))
  details.add(field(result, 'name'), {time, digest: field(result, 'digest')})
}
