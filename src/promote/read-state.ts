import {toTagboatError} from '../errors/error.ts'
import type {TagPolicy} from '../inputs/inputs.ts'
import type {Digest} from '../oci/digest.ts'
import {noFacts, type ImageFacts} from '../oci/image-facts.ts'
import {formatRepository, formatTagRef, type Repository} from '../oci/reference.ts'
import {dependsOnCommits} from './decide/compare-versions.ts'
import type {CommitRelation, TagState, RepositoryState} from './decide/registry-state.ts'
import type {TargetTag} from './decide/tag-decision.ts'
import type {RegistryClients, RepositoryClient} from '../registry/repository-client.ts'
import {tagKind} from '../tags/tag-role.ts'
import {factsOf, readFacts} from '../registry/images/read-facts.ts'
import {TagReads, type FoundTag} from './tag-reads.ts'

/** Finds the position of the commit `head` relative to `base`; `unknown` if it cannot be found. Never rejects. */
export type FindRelation = (base: string, head: string) => Promise<CommitRelation>

interface StateReaderOptions {
  readonly policy: TagPolicy
  /** Commit of this run. */
  readonly revision: string | undefined
  readonly findRelation: FindRelation
  readonly now: () => Date
}

/** Reads the state of tags from registries. */
export interface StateReader {
  /**
   * Reads each repository once, in the order of the tags, and all in parallel. For a floating tag, only the digest is
   * read, unless `readsContent` asks for its manifest.
   * @throws TagboatError if a registry cannot be read. A registry may refuse to list tags.
   */
  read(
    tags: readonly TargetTag[],
    clients: RegistryClients,
    readsContent?: (tag: TargetTag) => boolean,
  ): Promise<readonly RepositoryState[]>
  /** Reads the state of tags, without the list of all tags of a repository. */
  readTagStates(tags: readonly TargetTag[], clients: RegistryClients): Promise<readonly RepositoryState[]>
  /** Reads the digest that a tag points to. */
  readDigest(tag: TargetTag, clients: RegistryClients): Promise<Digest | undefined>
  /** Reports whether the last read of a tag is at most two round trips old. */
  isFresh(tag: TargetTag): boolean
  /** Versions that the images state whose facts were read, by digest. */
  readonly versions: ReadonlyMap<Digest, string>
  /** Stores the facts of an image that this run has built, so that they are not read from a registry. */
  cacheFacts(digest: Digest, facts: ImageFacts): void
}

/** Creates a reader. The facts of a digest never change, so they are read once. */
export function stateReader(options: StateReaderOptions): StateReader {
  const cached = new Map<Digest, ImageFacts>()
  const factsAt = memoized(
    async ({client, found}: FactsKey) =>
      cached.get(found.digest) ?? ('bytes' in found ? factsOf(client, found) : readFacts(client, found.digest)),
  )
  const reads = new TagReads(options.now)
  const versions = new Map<Digest, string>()

  const readTag = async (
    tag: TargetTag,
    client: RepositoryClient,
    readsContent: boolean,
  ): Promise<readonly TagState[]> => {
    const found = await reads.read(tag, client, readsContent)
    if (found === undefined) return []
    const {digest} = found
    const repository = formatRepository(client.repository)
    const facts = needsFacts(tag, options) ? await factsAt(`${repository}@${digest}`, {client, found}) : noFacts
    if (facts.version !== undefined) versions.set(digest, facts.version)
    const pair = commitsToCompare(tag, facts, options)
    const relation = pair && (await options.findRelation(pair.base, pair.head))
    return [{reference: tag.reference, digest, ...facts, relation: relation ?? knownRelation(facts, options)}]
  }

  const readRepository = async (
    client: RepositoryClient,
    tags: readonly TargetTag[],
    {lists, readsContent}: {readonly lists: boolean; readonly readsContent: (tag: TargetTag) => boolean},
  ): Promise<RepositoryState> => {
    const [listed, states] = await Promise.all([
      lists ? listTags(client) : notListed,
      Promise.all(tags.map(async (tag) => readTag(tag, client, needsFacts(tag, options) && readsContent(tag)))),
    ])
    const tagStates = new Map(states.flat().map((one) => [one.reference.tag, one]))
    const list = await requireComplete(client, listed, [...tagStates.keys()])
    return counted({repository: client.repository, ...list, tagStates}, tags, options)
  }

  return {
    versions,
    cacheFacts: (digest, facts) => {
      cached.set(digest, facts)
    },
    read: async (tags, clients, readsContent = never) =>
      Promise.all(
        byRepository(tags).map(async (group) => {
          const lists = needsList(group.tags, options)
          return readRepository(clients.repository(group.repository), group.tags, {lists, readsContent})
        }),
      ),
    readTagStates: async (tags, clients) =>
      Promise.all(
        byRepository(tags).map(async (group) =>
          readRepository(clients.repository(group.repository), group.tags, {lists: false, readsContent: never}),
        ),
      ),
    readDigest: async (tag, clients) =>
      (await reads.read(tag, clients.repository(tag.reference.repository), false))?.digest,
    isFresh: (tag) => reads.isFresh(tag),
  }
}

/** State without the versions that count for no floating tag. */
async function counted(
  state: RepositoryState,
  tags: readonly TargetTag[],
  {policy: {isWithdrawn}}: StateReaderOptions,
): Promise<RepositoryState> {
  if (isWithdrawn === undefined) return state
  const {withoutWithdrawn} = await import('./decide/withdrawn.ts')
  return withoutWithdrawn(state, tags, isWithdrawn)
}

const never = (): boolean => false

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

type TagList = Pick<RepositoryState, 'tags' | 'unlistedReason' | 'isBehind'>

const notListed: TagList = {tags: undefined, unlistedReason: undefined}

interface FactsKey {
  readonly client: RepositoryClient
  readonly found: FoundTag
}

export interface CommitPair {
  readonly base: string
  readonly head: string
}

/** Caches the first result for each key. A failure is not cached. */
export function memoized<Key, Value>(read: (key: Key) => Promise<Value>): (name: string, key: Key) => Promise<Value> {
  const results = new Map<string, Promise<Value>>()
  return async (name, key) => {
    const cached = results.get(name)
    if (cached !== undefined) return cached
    const result = read(key)
    results.set(name, result)
    result.catch(() => results.delete(name))
    return result
  }
}

function followsCommits({role}: TargetTag, facts: ImageFacts): boolean {
  return role.kind === 'newest-commit' || (role.kind === 'version-line' && dependsOnCommits(role, facts))
}

/** Commits whose relation a decision needs; undefined if it needs none, or if one of them is unknown. */
function commitsToCompare(
  tag: TargetTag,
  facts: ImageFacts,
  {revision: head}: StateReaderOptions,
): CommitPair | undefined {
  const base = facts.revision
  if (base === undefined || head === undefined || base === head) return undefined
  return followsCommits(tag, facts) ? {base, head} : undefined
}

function knownRelation({revision}: ImageFacts, options: StateReaderOptions): CommitRelation {
  return revision !== undefined && revision === options.revision ? 'identical' : 'unknown'
}

function needsList(tags: readonly TargetTag[], {policy}: StateReaderOptions): boolean {
  return policy.floating === 'auto' && tags.some(({role}) => role.kind === 'version-line' && role.affixes.length > 0)
}

function needsFacts({role}: TargetTag, {policy}: StateReaderOptions): boolean {
  return tagKind(role) === 'floating' ? policy.floating === 'auto' : policy.ifExists !== 'overwrite'
}

async function listTags(client: RepositoryClient): Promise<TagList> {
  try {
    return {tags: await client.tags(), unlistedReason: undefined}
  } catch (error) {
    const {code, message, evidence} = toTagboatError(error)
    if (code !== 'tags-unlisted') throw error
    return {tags: undefined, unlistedReason: [message, ...evidence].join(' ')}
  }
}

/**
 * Discards a list of tags that lags behind or is incomplete. It must contain the tags that were read at the same time.
 * Tags that another run has pushed or deleted in between are listed once more.
 */
async function requireComplete(client: RepositoryClient, list: TagList, found: readonly string[]): Promise<TagList> {
  const missingFrom = ({tags}: TagList): readonly string[] =>
    tags === undefined ? [] : found.filter((tag) => !tags.includes(tag))
  if (missingFrom(list).length === 0) return list
  const again = await listTags(client)
  for (const tag of missingFrom(again)) {
    if ((await client.head(tag)) === undefined) continue
    const reference = formatTagRef({repository: client.repository, tag})
    return {
      tags: undefined,
      unlistedReason: `The list of tags does not contain ${reference}, which exists.`,
      isBehind: true,
    }
  }
  return again
}
