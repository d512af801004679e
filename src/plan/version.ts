import type {TagPolicy, VersionInput} from '../inputs/inputs.ts'
import type {ImageFacts} from '../oci/image-facts.ts'
import type {TagRef} from '../oci/reference.ts'
import type {GitContext} from '../context/git-context.ts'
import {versionTags} from '../context/version-tags.ts'
import {excerpt} from '../context/version-files/excerpt.ts'
import type {RunVersion, VersionResult} from '../context/version-files/version-result.ts'
import {formatTagNames, parseTagNames} from './build-definition.ts'
import type {VersionReason} from '../reasons/version-reasons.ts'
import {pep440Values} from '../tags/versions/pep440.ts'
import {tagKind, type TagRole} from '../tags/tag-role.ts'
import type {TagRule} from '../tags/rules/rule.ts'
import {versionValues} from '../tags/versions/semver.ts'
import {statedText} from '../tags/versions/version-order.ts'

/** Versions that the image states for later runs, separated by commas; empty if there is none. */
export function versionsOf(tags: readonly {readonly role: TagRole}[]): string {
  return [...new Set(tags.flatMap(({role}) => ('version' in role ? [statedText(role)] : [])))].join(',')
}

/** Version of these tags, if all of their versions are withdrawn; undefined otherwise, and without a version. */
export function withdrawnVersion(
  tags: readonly {readonly role: TagRole}[],
  {isWithdrawn}: Pick<TagPolicy, 'isWithdrawn'>,
): string | undefined {
  const versions = tags.flatMap(({role}) => ('version' in role ? [role] : []))
  return isWithdrawn !== undefined && versions.every(isWithdrawn) ? versions[0]?.version : undefined
}

/**
 * Floating tags that are published with an image, separated by commas, or `none`. Later runs do not move a floating tag
 * to a version that was published without it. Empty if there are no tags, or too many for the text.
 */
export function floatingOf(
  tags: readonly {readonly role: TagRole; readonly reference: Pick<TagRef, 'tag'>}[],
  {floating}: Pick<TagPolicy, 'floating'>,
): string {
  const names = tags.flatMap(({role, reference}) => (tagKind(role) === 'floating' ? [reference.tag] : []))
  if (tags.length === 0) return ''
  return floating === 'never' || names.length === 0 ? 'none' : formatTagNames(names)
}

/**
 * Reports whether a version was deliberately published without a floating tag, as its image states. The statement of an
 * image for other exact tags, such as one promoted from staging, does not apply.
 */
export function isWithheld(
  {floating, tags}: Pick<ImageFacts, 'floating' | 'tags'>,
  exact: string,
  tag: string,
): boolean {
  const isOfTag = tags === undefined || parseTagNames(tags).includes(exact)
  return floating !== undefined && isOfTag && !parseTagNames(floating).includes(tag)
}

/** Version from the input `version` or the event, without the tags of the commit; undefined if there is none. */
export function versionOfRun(
  input: VersionInput,
  context: GitContext,
  file: Extract<VersionResult, {ok: true}> | undefined,
  versionOfTag: (tag: string) => string | undefined,
): RunVersion | undefined {
  switch (input.kind) {
    case 'literal':
      return {text: input.text, from: 'the input `version`'}
    case 'file':
      return file === undefined ? undefined : {text: file.version, from: file.where}
    case 'auto':
      return taggedVersion(context, versionOfTag)
  }
}

/**
 * Reason for a warning: the Git tag or release of the run names another version than the input `version`. Undefined if
 * they agree, or if the tag is not a full version.
 */
export function versionConflict(
  version: RunVersion | undefined,
  context: GitContext,
  versionOfTag: (tag: string) => string | undefined,
): VersionReason | undefined {
  const tagged = taggedVersion(context, versionOfTag)
  if (version === undefined || tagged === undefined || !isFull(tagged.text) || isSameVersion(version.text, tagged.text))
    return undefined
  return {code: 'version-conflict', version: excerpt(version.text), from: version.from, tagged: tagged.from}
}

/** Reports whether a version has at least three numbers: `v1` and `1.2` do not name a single release. */
function isFull(text: string): boolean {
  return /^v?\d+\.\d+\.\d/i.test(text) && spellings(text).length > 0
}

/** Reports whether two texts are the same version by semver or PEP 440: `v1.2.3` and `1.2.3`. */
export function isSameVersion(a: string, b: string): boolean {
  const others = spellings(b)
  return spellings(a).some((spelling) => others.includes(spelling))
}

/** Normal forms of a version by semver and by PEP 440; none for any other text. */
function spellings(text: string): readonly string[] {
  return [versionValues(text), pep440Values(text)].flatMap((values) => values?.get('version') ?? [])
}

/**
 * Reports whether the run searches for tags of the commit: only if the user wrote `version: auto`. Otherwise rules for
 * versions give tags only for Git tags, as in docker/metadata-action. Pull requests have no version.
 */
export function looksForCommitTags(input: VersionInput, {ref, sha, gone, instead}: GitContext): boolean {
  const isOfBranch = ref.kind === 'branch' || (ref.kind === 'none' && instead?.ref.kind === 'branch')
  // The tags of a foreign clone are not versions of this image.
  const isOwn = instead?.isOwn ?? true
  return input.kind === 'auto' && input.given && isOfBranch && isOwn && sha !== '' && !gone
}

/** Reports whether a rule can use a version tag on the commit of a branch. */
export function needsVersion(rule: TagRule): boolean {
  return (rule.kind === 'semver' || rule.kind === 'pep440' || rule.kind === 'match') && rule.value === undefined
}

/** Highest version among the tags; undefined if none is a version. */
export function highestVersion(
  tags: readonly string[],
  versionOfTag: (tag: string) => string | undefined,
): RunVersion | undefined {
  const tagOf = new Map(tags.map((tag) => [versionOfTag(tag) ?? '', tag]))
  const [text] = versionTags([...tagOf.keys()])
  return text === undefined ? undefined : {text, from: `the Git tag ${tagOf.get(text) ?? text} on the commit`}
}

/** Version of the Git tag or release that started the run. */
export function taggedVersion(
  {ref, release}: GitContext,
  versionOfTag: (tag: string) => string | undefined,
): RunVersion | undefined {
  const tag = ref.kind === 'tag' ? ref.name : release?.tag
  const text = tag === undefined ? undefined : versionOfTag(tag)
  if (tag === undefined || text === undefined) return undefined
  return {text, from: ref.kind === 'tag' ? `the Git tag ${tag}` : `the release ${tag}`}
}
