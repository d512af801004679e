import {toTagboatError} from '../errors/error.ts'
import type {TagPolicy} from '../inputs/inputs.ts'
import type {Digest} from '../oci/digest.ts'
import {noFacts, type ImageFacts} from '../oci/image-facts.ts'
import {formatRepository, formatTagRef, type Repository} from '../oci/reference.ts'
import {restsOnCommits} from './decide/compare-versions.ts'
import type {CommitRelation, TagState, RepositoryState} from './decide/registry-state.ts'
import type {TargetTag} from './decide/tag-decision.ts'
import type {ManifestHead, RegistryClients, RepositoryClient} from '../registry/repository-client.ts'
import type {ManifestContent} from '../oci/manifest.ts'
import {tagKind} from '../tags/tag-role.ts'
import {factsOf, readFacts} from '../registry/images/read-facts.ts'

/** Where the commit of this run lies, seen from the one that a tag holds; `unknown` when nobody can say. Never rejects. */
export type FindRelation = (held: string, ours: string) => Promise<CommitRelation>

interface StateQuestion {
  readonly policy: TagPolicy
  /** The commit of this run. */
  readonly revision: string | undefined
  readonly findRelation: FindRelation
  readonly now: () => Date
}

/** Says what registries hold of the tags that it is asked for. */
export interface StateReader {
  /**
   * Each repository once, in order of the tags; everything is asked side by side. The content of a tag of `closely` is read, of
   * other floating tags the digest alone.
   * @throws TagboatError when a registry cannot be read; that it does not list tags is not an error.
   */
  read(
    tags: readonly TargetTag[],
    clients: RegistryClients,
    closely?: (tag: TargetTag) => boolean,
  ): Promise<readonly RepositoryState[]>
  /** The same without the names of all tags. */
  readTagStates(tags: readonly TargetTag[], clients: RegistryClients): Promise<readonly RepositoryState[]>
  /** The digest that a tag holds. */
  look(tag: TargetTag, clients: RegistryClients): Promise<Digest | undefined>
  /** Reports whether the last look at a tag is at most two round trips old. */
  isFresh(tag: TargetTag): boolean
  /** What a digest says of itself, for which no registry need be asked: this run has made it. */
  cacheFacts(digest: Digest, facts: ImageFacts): void
}

/** Looks at tags, and remembers how each look went. */
class Looks {
  readonly #now: () => Date
  readonly #last = new Map<string, Look>()

  constructor(now: () => Date) {
    this.#now = now
  }

  /** By GET, where much rests on it: some registries and caches answer HEAD wrongly, and a missing tag is asked for again. */
  async at({reference, role}: TargetTag, client: RepositoryClient, closely: boolean): Promise<Found | undefined> {
    const name = formatTagRef(reference)
    const byContent = closely || tagKind(role) === 'exact' || this.#last.get(name)?.isThere === false
    const started = this.#now().getTime()
    const found = await (byContent ? client.manifest(reference.tag) : client.head(reference.tag))
    const ended = this.#now().getTime()
    this.#last.set(name, {tookMs: ended - started, ended, isThere: found !== undefined})
    return found
  }

  isFresh({reference}: TargetTag): boolean {
    const look = this.#last.get(formatTagRef(reference))
    if (look === undefined || look.tookMs > longestLookMs) return false
    const age = this.#now().getTime() - look.ended
    return age >= 0 && age <= 2 * look.tookMs
  }
}

/** What a digest says of itself never changes, nor does the relation of two commits: each is asked for once. */
export function stateReader(question: StateQuestion): StateReader {
  const known = new Map<Digest, ImageFacts>()
  const factsAt = remembered(
    async ({client, found}: FactsKey) =>
      known.get(found.digest) ?? ('bytes' in found ? factsOf(client, found) : readFacts(client, found.digest)),
  )
  const relationOf = remembered(async ({held, ours}: RelationKey) => question.findRelation(held, ours))
  const looks = new Looks(question.now)

  const current = async (tag: TargetTag, client: RepositoryClient, closely: boolean): Promise<readonly TagState[]> => {
    const found = await looks.at(tag, client, closely)
    if (found === undefined) return []
    const {digest} = found
    const repository = formatRepository(client.repository)
    const facts = needsFacts(tag, question) ? await factsAt(`${repository}@${digest}`, {client, found}) : noFacts
    const held = facts.revision
    const ours = question.revision
    const asks = followsCommits(tag, facts) && held !== undefined && ours !== undefined && held !== ours
    const relation = asks ? await relationOf(`${held} ${ours}`, {held, ours}) : held === ours ? 'identical' : 'unknown'
    return [{reference: tag.reference, digest, ...facts, relation: held === undefined ? 'unknown' : relation}]
  }

  const readOne = async (
    client: RepositoryClient,
    tags: readonly TargetTag[],
    {lists, closely}: {readonly lists: boolean; readonly closely: (tag: TargetTag) => boolean},
  ): Promise<RepositoryState> => {
    const [listed, tagStates] = await Promise.all([
      lists ? listTags(client) : notListed,
      Promise.all(tags.map(async (tag) => current(tag, client, closely(tag)))),
    ])
    const byTag = new Map(tagStates.flat().map((one) => [one.reference.tag, one]))
    const whole = await requireAll(client, listed, [...byTag.keys()])
    return {repository: client.repository, ...whole, tagStates: byTag}
  }

  return {
    cacheFacts: (digest, facts) => {
      known.set(digest, facts)
    },
    read: async (tags, clients, closely = never) =>
      Promise.all(
        byRepository(tags).map(async (group) => {
          const lists = needsList(group.tags, question)
          return readOne(clients.repository(group.repository), group.tags, {lists, closely})
        }),
      ),
    readTagStates: async (tags, clients) =>
      Promise.all(
        byRepository(tags).map(async (group) =>
          readOne(clients.repository(group.repository), group.tags, {lists: false, closely: never}),
        ),
      ),
    look: async (tag, clients) => (await looks.at(tag, clients.repository(tag.reference.repository), false))?.digest,
    isFresh: (tag) => looks.isFresh(tag),
  }
}

const never = (): boolean => false

/** A look that took longer was retried, or told to wait: it says nothing about how long a request takes. */
const longestLookMs = 500

/** When a tag was last looked at, in milliseconds since 1970. */
interface Look {
  readonly tookMs: number
  readonly ended: number
  readonly isThere: boolean
}

/** A tag's digest, or its whole content. */
type Found = ManifestHead | ManifestContent

interface Group {
  readonly repository: Repository
  readonly tags: TargetTag[]
}

function byRepository(tags: readonly TargetTag[]): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const tag of tags) {
    const {repository} = tag.reference
    const name = formatRepository(repository)
    const group = groups.get(name) ?? {repository, tags: []}
    group.tags.push(tag)
    groups.set(name, group)
  }
  return [...groups.values()]
}

type Listed = Pick<RepositoryState, 'tags' | 'unlistedReason' | 'isBehind'>

const notListed: Listed = {tags: undefined, unlistedReason: undefined}

interface FactsKey {
  readonly client: RepositoryClient
  readonly found: Found
}

interface RelationKey {
  readonly held: string
  readonly ours: string
}

/** The first answer for each key; a failure is asked again. */
function remembered<Key, Value>(ask: (key: Key) => Promise<Value>): (name: string, key: Key) => Promise<Value> {
  const answers = new Map<string, Promise<Value>>()
  return async (name, key) => {
    const known = answers.get(name)
    if (known !== undefined) return known
    const answer = ask(key)
    answers.set(name, answer)
    answer.catch(() => answers.delete(name))
    return answer
  }
}

function followsCommits({role}: TargetTag, facts: ImageFacts): boolean {
  return role.kind === 'newest-commit' || (role.kind === 'version-line' && restsOnCommits(role, facts))
}

function needsList(tags: readonly TargetTag[], {policy}: StateQuestion): boolean {
  return policy.floating === 'auto' && tags.some(({role}) => role.kind === 'version-line' && role.affixes.length > 0)
}

function needsFacts({role}: TargetTag, {policy}: StateQuestion): boolean {
  return tagKind(role) === 'floating' ? policy.floating === 'auto' : policy.ifExists !== 'overwrite'
}

async function listTags(client: RepositoryClient): Promise<Listed> {
  try {
    return {tags: await client.tags(), unlistedReason: undefined}
  } catch (error) {
    const {code, message, evidence} = toTagboatError(error)
    if (code !== 'tags-unlisted') throw error
    return {tags: undefined, unlistedReason: [message, ...evidence].join(' ')}
  }
}

/**
 * A list that lags behind, or holds a part, says nothing of what it lacks. What was found before it was asked for has to be in it;
 * what another run gave or took away in between is asked for once more.
 */
async function requireAll(client: RepositoryClient, listed: Listed, found: readonly string[]): Promise<Listed> {
  const lacking = ({tags}: Listed): readonly string[] =>
    tags === undefined ? [] : found.filter((tag) => !tags.includes(tag))
  if (lacking(listed).length === 0) return listed
  const again = await listTags(client)
  for (const tag of lacking(again)) {
    if ((await client.head(tag)) === undefined) continue
    const reference = formatTagRef({repository: client.repository, tag})
    return {tags: undefined, unlistedReason: `The list of tags lacks ${reference}, which is there.`, isBehind: true}
  }
  return again
}
