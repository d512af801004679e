import type {RetentionReason} from '../../reasons/retention-reasons.ts'
import {sanitizeTag} from '../../tags/sanitize.ts'
import {variantIn} from '../classes/image-statement.ts'
import {parseRef, type NamedRef} from '../classes/ref-tags.ts'
import type {Candidate} from './candidate.ts'
import {hasVersion} from './version-groups.ts'

/** Floating tags that stay in every repository. */
export const fixedNames: readonly string[] = ['latest', 'edge']

/** Maximum length of a tag. */
const maxLength = 128

/** Tag with the name of a branch. */
export function branchName(branch: string): string {
  return sanitizeTag(branch, maxLength).tag
}

type StandingGuard = (candidate: Candidate) => RetentionReason | undefined

/**
 * Guards the floating tags and the tag of the default branch that `tags` does not give, because the step has other rules
 * than the one that published them. Names show them, and what images state.
 */
export function standingGuard(candidates: readonly Candidate[], defaultBranch: string | undefined): StandingGuard {
  const lines = versionLines(candidates)
  const own = defaultBranch === undefined ? undefined : branchName(defaultBranch)
  return (candidate) => {
    const {tag, class: name, facts} = candidate
    const isOfBranch = name === 'branch' && facts.ref === undefined
    if (tag === undefined || !(name === 'other' || isOfBranch)) return undefined
    if (tag === own) return {code: 'default-branch', branch: defaultBranch ?? tag}
    const ref = facts.ref === undefined ? undefined : parseRef(facts.ref)
    const isLine = lines.has(tag) && ref?.kind !== 'pull'
    return fixedNames.includes(tag) || isLine || isStated(candidate, ref, defaultBranch)
      ? {code: 'floating'}
      : undefined
  }
}

/** Tags of the version lines that the releases of a repository fill: `1.2`, `v1` and `api-1.2-alpine`. */
function versionLines(candidates: readonly Candidate[]): ReadonlySet<string> {
  const releases = candidates.filter(hasVersion).filter((one) => one.class === 'release')
  return new Set(
    releases.flatMap(({version, affixes: {prefix, suffix}}) =>
      linesOf(version.version).flatMap((line) => [`${prefix}${line}${suffix}`, `${prefix}v${line}${suffix}`]),
    ),
  )
}

/** Numbers of the lines of a version: `1` and `1.2` of `1.2.3`. */
function linesOf(version: string): readonly string[] {
  const numbers = (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? '').split('.')
  return numbers.slice(0, -1).map((_, index) => numbers.slice(0, index + 1).join('.'))
}

/**
 * Reports whether the image of a Git tag, or of the default branch, states the tag as one that moves. A tag with another
 * number than those of the version may be that of one run, such as one with a date.
 */
function isStated({tag = '', facts}: Candidate, ref: NamedRef | undefined, defaultBranch: string | undefined): boolean {
  if (facts.floating?.split(',').includes(tag) !== true) return false
  const isOfDefault = ref?.kind === 'branch' && ref.branch === defaultBranch
  if (ref?.kind !== 'tag' && !isOfDefault) return false
  const names = isOfDefault ? [branchName(ref.branch)] : (facts.version ?? '').split(',').flatMap(linesOf)
  const rest = [variantIn(facts) ?? '', ...names.toSorted((a, b) => b.length - a.length)]
    .filter((name) => name !== '')
    .reduce((text, name) => text.replace(name, ''), tag)
  return !/\d/.test(rest)
}
