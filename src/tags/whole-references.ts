import type {GitContext} from '../context/git-context.ts'
import {formatRepository, type TagRef} from '../oci/reference.ts'
import {movable, versionIn} from './evaluated.ts'
import {isUserNamed, roleOfNamedTag, withCommit, withPromise} from './named-tag-role.ts'
import {roleOfText} from './outcome.ts'
import type {ReferenceProposal} from './proposal.ts'
import type {TagRule} from './rules/rule.ts'
import type {Version, VersionAffixes} from './tag-role.ts'
import type {VariantOptions} from './variant.ts'
import {affixesOfName} from './version-affixes.ts'

/** A line of `tags` with a whole image reference. */
export type ReferenceRule = Extract<TagRule, {kind: 'reference'}>

/** Facts of the run for the roles of whole references. */
interface ReferenceSituation {
  readonly context: GitContext
  readonly variant: Pick<VariantOptions, 'environmentSuffix'>
  /** Version of the run; undefined: it has none. */
  readonly version: Version | undefined
  /** Affixes of the exact tags of `images`. */
  readonly exact: readonly VersionAffixes[]
}

/** Versions of the references that are exact, or would be without `mutable=true`. */
export function versionsOfReferences(rules: readonly ReferenceRule[]): readonly Version[] {
  return rules.flatMap(({reference}) => versionIn(roleOfText(reference.tag)) ?? [])
}

/** Proposes whole references. A floating one follows the version of the run, if it has one. */
export function proposeReferences(
  rules: readonly ReferenceRule[],
  {context, variant, version, exact}: ReferenceSituation,
): readonly ReferenceProposal[] {
  return rules.map(({reference, source, mutable}) => {
    const named = withPromise(withCommit(roleOfText(reference.tag), reference.tag, context), reference.tag, context)
    const role = mutable === true ? movable(named) : named
    if (!isUserNamed(role) || version === undefined) return {reference, role, source}
    const tag = `${reference.tag}${variant.environmentSuffix}`
    const affixes = affixesOfName(tag, hasExactTag(rules, reference) ? [] : exact)
    return {
      reference,
      role: roleOfNamedTag({tag, name: reference.tag, promise: role.promise, affixes}, version),
      source,
    }
  })
}

/** Reports whether another reference is a release of the same repository, whose affixes then count. */
function hasExactTag(rules: readonly ReferenceRule[], {repository}: TagRef): boolean {
  const name = formatRepository(repository)
  return rules.some(
    ({reference, mutable}) =>
      mutable !== true &&
      formatRepository(reference.repository) === name &&
      roleOfText(reference.tag).kind === 'release',
  )
}
