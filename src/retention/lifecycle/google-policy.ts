import type {LifecycleReason} from '../../reasons/prune/lifecycle-reasons.ts'
import type {Repository} from '../../oci/reference.ts'
import type {LifecycleText, VendorRequest} from './lifecycle-text.ts'
import type {TagRule} from './sayable-rules.ts'
import {deletableRules, digits, literalStart, referrerGlob, type TagForms} from './tag-forms.ts'

/** https://cloud.google.com/artifact-registry/docs/repositories/cleanup-policy-overview */
const maxPolicies = 10

interface PrefixRule extends TagRule {
  readonly prefix: string
}

/**
 * Writes cleanup policies of Google Artifact Registry, as `gcloud artifacts repositories set-cleanup-policies` reads them:
 * https://cloud.google.com/artifact-registry/docs/repositories/cleanup-policy. An image that a policy with the action Keep
 * selects stays, whatever the others select. They know prefixes of tags only, and hold for each image of a repository.
 * Untagged images are left out: signatures and other referrers have no tag.
 */
export function googlePolicy(request: VendorRequest): LifecycleText {
  const {rules, forms, keeping, repository, protectedDigests} = request
  const prefixed = rules.tagged.flatMap((rule): PrefixRule[] => {
    const prefix = prefixOf(rule.glob)
    return prefix === undefined ? [] : [{...rule, prefix}]
  })
  const {rules: safe, unsafe, kept: keptForms} = deletableRules(prefixed, forms.events)
  const unsaid: readonly LifecycleReason[] = [
    ...(rules.untagged === undefined ? [] : [{code: 'untagged-referrers', text: rules.untagged.text} as const]),
    ...rules.tagged.flatMap(({text, glob}): LifecycleReason[] =>
      prefixOf(glob) === undefined ? [{code: 'pattern-unsuitable', text, form: 'that end in *, such as pr-*'}] : [],
    ),
    ...unsafe.map(({text}): LifecycleReason => ({code: 'pattern-unsafe', text})),
  ]
  if (safe.length === 0) return {text: undefined, notices: unsaid}
  const blocked = keeping.find(({kind, text}) => kind === 'regex' || literalStart(text) === '')
  if (blocked !== undefined)
    return {text: undefined, notices: [...unsaid, {code: 'keeping-pattern', pattern: blocked.text}]}
  const kept = keptPrefixes(forms, [...keeping.map(({text}) => text), ...keptForms])
  const coverOf = ({prefix}: PrefixRule): string | undefined => kept.find((one) => prefix.startsWith(one))
  const covered = safe.flatMap((rule): LifecycleReason[] => {
    const by = coverOf(rule)
    return by === undefined ? [] : [{code: 'pattern-covered', text: rule.text, kept: `${by}*`}]
  })
  const effective = safe.filter((rule) => coverOf(rule) === undefined)
  if (effective.length === 0) return {text: undefined, notices: [...unsaid, ...covered]}
  const image = packageOf(repository)
  const policies = [
    policy('keep', 'Keep', {tagPrefixes: kept}),
    ...(protectedDigests.length === 0 ? [] : [policy('keep-digests', 'Keep', {versionNamePrefixes: protectedDigests})]),
    ...ageGroups(effective).flatMap((group) => policiesOf(group, image)),
  ]
  const tooMany: LifecycleReason = {code: 'too-many-rules', count: policies.length, limit: maxPolicies}
  if (policies.length > maxPolicies) return {text: undefined, notices: [...unsaid, ...covered, tooMany]}
  const prefixes = [...new Set(effective.map(({prefix}) => prefix))]
  return {
    text: `${JSON.stringify(policies, undefined, 2)}\n`,
    notices: [
      ...unsaid,
      ...covered,
      {code: 'whole-images'},
      {code: 'package-prefix', prefix: image},
      {code: 'version-prefix', prefixes},
      {code: 'no-limit'},
    ],
  }
}

/** Text before the star of a pattern that ends in its only wildcard. */
function prefixOf(glob: string): string | undefined {
  return /^([^*?]+)\*$/.exec(glob)?.[1]
}

/** Beginnings of tags that stay. They may match more than that. */
function keptPrefixes({names, versionStarts}: TagForms, others: readonly string[]): readonly string[] {
  // A full version stays, whatever the rules are: `1.2.3`, `v1.2.3`.
  const starts = [...versionStarts, 'v', 'V']
  const versions = starts.flatMap((start) => digits.map((digit) => `${start}${digit}`))
  return [
    ...new Set([...others.map(literalStart), ...names.map(literalStart), ...versions, literalStart(referrerGlob)]),
  ]
}

/** Rules of one age. */
interface AgeGroup {
  readonly days: number
  readonly prefixes: readonly string[]
  /** Whether other rules delete earlier. */
  readonly isLater: boolean
}

function ageGroups(rules: readonly PrefixRule[]): readonly AgeGroup[] {
  const groups = [...Map.groupBy(rules, ({days}) => days)].toSorted(([a], [b]) => a - b)
  return groups.map(([days, group], index) => ({
    days,
    prefixes: [...new Set(group.map(({prefix}) => prefix))],
    isLater: index > 0,
  }))
}

/** An image with tags of two rules stays for the higher age. */
function policiesOf({days, prefixes, isLater}: AgeGroup, image: string): readonly object[] {
  const keep = policy(`keep-${days}-days`, 'Keep', {tagPrefixes: prefixes, newerThan: `${days}d`})
  const condition = {tagPrefixes: prefixes, packageNamePrefixes: [image], olderThan: `${days}d`}
  return [...(isLater ? [keep] : []), policy(`delete-after-${days}-days`, 'Delete', condition)]
}

function policy(name: string, type: 'Keep' | 'Delete', condition: object): object {
  return {name, action: {type}, condition}
}

/** Name of the image in its repository: `europe-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE`, `gcr.io/PROJECT/IMAGE`. */
function packageOf({host, path}: Repository): string {
  return path
    .split('/')
    .slice(host.endsWith('gcr.io') ? 1 : 2)
    .join('/')
}
