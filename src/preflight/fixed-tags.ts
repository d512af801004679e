import {TagboatError} from '../errors/error.ts'
import {formatRepository, formatTagRef, isSameRepository, type Repository} from '../oci/reference.ts'
import type {TagDecision, TargetTag} from '../promote/decide/tag-decision.ts'
import {tagKind} from '../tags/tag-role.ts'

/** Tags that a registry does not let move: those of the settings of a repository in Amazon ECR, or locked ones of Azure. */
export type FixedTags =
  | {readonly kind: 'settings'; readonly mutability: string; readonly filters: readonly string[]}
  | {readonly kind: 'locks'; readonly tags: readonly string[]}

/** Reports whether an existing tag cannot move. */
function isFixed(fixed: FixedTags, tag: string): boolean {
  if (fixed.kind === 'locks') return fixed.tags.includes(tag)
  const isFiltered = fixed.filters.some((filter) => matchesFilter(filter, tag))
  switch (fixed.mutability) {
    case 'IMMUTABLE':
      return true
    case 'IMMUTABLE_WITH_EXCLUSION':
      return !isFiltered
    case 'MUTABLE_WITH_EXCLUSION':
      return isFiltered
    default:
      return false
  }
}

/** Reports whether a filter of Amazon ECR, in which `*` matches any text, matches a tag. */
export function matchesFilter(filter: string, tag: string): boolean {
  const [first = '', ...rest] = filter.split('*')
  const last = rest.pop()
  if (last === undefined) return tag === filter
  if (!tag.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = tag.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return tag.length - last.length >= at && tag.endsWith(last)
}

/** Repository, and the tags in it that cannot move. */
interface FixedRepository {
  readonly repository: Repository
  readonly fixed: FixedTags
}

/**
 * Error for tags that a run would move although the registry does not let them; undefined if there are none. A new tag
 * can be created.
 */
export function fixedTagError(
  repositories: readonly FixedRepository[],
  written: readonly TagDecision[],
): TagboatError | undefined {
  const moves = written.filter(({before}) => before !== undefined)
  const refused = repositories.flatMap(({repository, fixed}) =>
    moves
      .filter(({tag: {reference}}) => isSameRepository(reference.repository, repository))
      .filter(({tag: {reference}}) => isFixed(fixed, reference.tag))
      .map((decision) => ({decision, repository, fixed})),
  )
  const [first] = refused
  if (first === undefined) return undefined
  return new TagboatError('tag-immutable', {
    message: `The tag of ${formatRepository(first.repository)} is immutable.`,
    evidence: refused.map(
      ({decision: {tag, before}, fixed}) =>
        `${formatTagRef(tag.reference)}: it points to ${before ?? ''}, and ${reasonOf(fixed)}`,
    ),
    remedy: remedyOf(first.fixed, kindsOf(refused.map(({decision}) => decision.tag))),
  })
}

/**
 * Notices about floating tags that a run would create although the registry would not let them move afterwards, one per
 * repository: the next release would be refused. The names may be right, such as that of a date, so this is not an error.
 */
export function lastingTagNotices(
  repositories: readonly FixedRepository[],
  written: readonly TagDecision[],
): readonly string[] {
  const created = written.filter(({before, tag}) => before === undefined && tagKind(tag.role) === 'floating')
  return repositories.flatMap(({repository, fixed}) => {
    // A lock is an attribute of an existing tag.
    if (fixed.kind === 'locks') return []
    const tags = created
      .map(({tag: {reference}}) => reference)
      .filter((reference) => isSameRepository(reference.repository, repository) && isFixed(fixed, reference.tag))
      .map(({tag}) => tag)
    if (tags.length === 0) return []
    return [
      `${formatRepository(repository)}: ${reasonOf(fixed)}. It accepts new tags, but they cannot move again: ${tags.join(', ')}. A later run that has to move them will be refused. ${changeOf(fixed)}, leave them out of \`tags\`, or set \`floating: never\`.`,
    ]
  })
}

function reasonOf(fixed: FixedTags): string {
  if (fixed.kind === 'locks') return 'is locked'
  const {mutability, filters} = fixed
  return `the repository is ${mutability}${filters.length === 0 ? '' : ` (${filters.join(', ')})`}`
}

type Kinds = 'exact' | 'floating' | 'both'

function kindsOf(tags: readonly TargetTag[]): Kinds {
  const [first = 'floating', ...others] = new Set(tags.map(({role}) => tagKind(role)))
  return others.length > 0 ? 'both' : first
}

/** Remedy for tags of these kinds. Only `if-exists: overwrite` moves an exact tag, and `floating` does not apply to it. */
function remedyOf(fixed: FixedTags, tags: Kinds): string {
  const instead: Readonly<Record<Kinds, string>> = {
    exact: 'release under a new version: an exact tag that cannot move keeps its image',
    floating: 'set `floating: never` to publish exact tags only',
    both: 'release under a new version with `floating: never`',
  }
  return `${changeOf(fixed)}, or ${instead[tags]}.`
}

/** Change in the registry that lets a tag move. */
function changeOf(fixed: FixedTags): string {
  if (fixed.kind === 'locks') return 'Unlock the tag (az acr repository update --write-enabled true)'
  return fixed.mutability === 'MUTABLE_WITH_EXCLUSION'
    ? 'Remove the exclusion filter that matches the tag from the settings of the repository (aws ecr put-image-tag-mutability)'
    : 'Exclude the tag from immutability in the settings of the repository (aws ecr put-image-tag-mutability with IMMUTABLE_WITH_EXCLUSION and a filter)'
}
