import type {TagNote} from '../reasons/rule-reasons.ts'
import type {TagRole, TextRole, Version, VersionAffixes} from './tag-role.ts'
import {commonVersion, isUserNamed, roleOfNamedTag} from './named-tag-role.ts'
import type {TagProposal} from './proposal.ts'
import type {RuleSource} from './rules/rule.ts'
import type {VariantTag} from './variant.ts'
import {affixesOfExactTags, affixesOfLine, affixesOfName, withEnding} from './version-affixes.ts'
import {versionWithin} from './versions/version-name.ts'

/** A tag before variant and environment are added. */
export interface Candidate {
  readonly tag: string
  /** Text of the rule, before it became a valid tag. */
  readonly text: string
  readonly role: TextRole
  /** Version of the text; undefined if it has none. */
  readonly version: Version | undefined
  /** The tag comes from a rule for versions. */
  readonly isOfVersionRule: boolean
  /**
   * Version affixes of an exact tag; for a floating tag, those of the exact tags that belong to it. Undefined if another
   * release may have other ones.
   */
  readonly affixes: VersionAffixes | undefined
  readonly source: RuleSource
  readonly notes: readonly TagNote[]
  /** `type=env` contains the environment, which is then not added again. */
  readonly namesEnvironment: boolean
  /** Tag of a variant in place of `latest`, as in `BaseTag`. */
  readonly latestForVariant: string | undefined
}

/** Key of a candidate. A tag of `type=env` differs from the same tag with the environment added. */
export function keyOf(tag: string, namesEnvironment: boolean): string {
  return namesEnvironment ? `env:${tag}` : tag
}

/** Version that names chosen by the user follow: that of the rules, else of the run, else of the exact tags. */
export function versionOfRun(
  candidates: readonly Candidate[],
  ofReferences: readonly Version[],
  text: string | undefined,
): Version | undefined {
  const ofRule = candidates.find(({isOfVersionRule, version}) => isOfVersionRule && version !== undefined)?.version
  const ofTags = candidates.flatMap(({version}) => version ?? [])
  return ofRule ?? (text === undefined ? undefined : versionWithin(text)) ?? commonVersion([...ofTags, ...ofReferences])
}

/** Proposals for tags with variant and environment. Names chosen by the user follow the version of the run, if it has one. */
export function toProposals(
  tags: readonly VariantTag<Candidate>[],
  ofRun: Version | undefined,
): readonly TagProposal[] {
  return tags.map((one) => {
    const {source, notes} = one.from
    return {tag: one.tag, role: roleOf(one, tags, ofRun), source, notes}
  })
}

/** Affixes of the exact tags with the version of the run. */
export function affixesOfRun(
  tags: readonly VariantTag<Candidate>[],
  ofRun: Version | undefined,
): readonly VersionAffixes[] {
  if (ofRun === undefined) return []
  const exact = tags.filter(({from}) => from.role.kind === 'release')
  return affixesOfExactTags(
    ofRun,
    exact.map((one) => ({tag: one.tag, affixes: finalAffixes(one)})),
  )
}

function roleOf(
  one: VariantTag<Candidate>,
  tags: readonly VariantTag<Candidate>[],
  ofRun: Version | undefined,
): TagRole {
  const {tag: name, role} = one.from
  if (role.kind === 'version-line')
    return {...role, affixes: affixesOfLine(finalAffixes(one), affixesOfRun(tags, role))}
  if (!isUserNamed(role) || ofRun === undefined) return role
  const tag = `${name}${one.ending}`
  const affixes = affixesOfName(tag, affixesOfRun(tags, ofRun))
  return roleOfNamedTag({tag, name, promise: role.promise, affixes}, ofRun)
}

function finalAffixes({from: {affixes}, ending}: VariantTag<Candidate>): VersionAffixes | undefined {
  return withEnding(affixes, ending)
}
