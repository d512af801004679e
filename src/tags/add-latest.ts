import type {TagNote} from '../reasons/rule-reasons.ts'
import {keyOf, type Candidate} from './candidate.ts'
import type {NamedTags} from './name-tags.ts'
import {emptyExpressions, hasEmptyAffix, notLatestNote} from './notes.ts'
import {sanitizeTag} from './sanitize.ts'
import {maxLengthOf, type TagRun} from './tag-run.ts'

/** Adds `latest` after the tags of the rules if `flavor` asks for it, or a note with the reason why it is missing. */
export function addLatest(named: NamedTags, run: TagRun): readonly Candidate[] {
  const {first, candidates} = named
  const full = run.affixes.addToLatest('latest')
  const {tag} = sanitizeTag(full.text, maxLengthOf(run))
  if (first === undefined || candidates.has(keyOf(tag, false))) return [...candidates.values()]
  const isAuto = run.flavor.latest === 'auto'
  const isWanted = isAuto ? first.isForLatest : run.flavor.latest === 'true'
  if (!isWanted)
    return isAuto ? withNote(named, named.keyForLatest, notLatestNote(first.source)) : [...candidates.values()]
  if (hasEmptyAffix(full)) return withNote(named, first.key, {code: 'no-latest', ...emptyExpressions(full)})
  const latest: Candidate = {
    tag,
    text: full.text,
    role: first.role,
    version: undefined,
    isOfVersionRule: false,
    affixes: first.affixes,
    source: first.source,
    notes: [{code: isAuto ? 'latest-auto' : 'latest-true'}],
    namesEnvironment: false,
    latestForVariant: latestForVariant(run),
  }
  return [...candidates.values(), latest]
}

/** Tag of a variant in place of `latest`. It has the affixes of `flavor`, which may contain the word `latest` too. */
function latestForVariant({maxTagLength, variant, affixes}: TagRun): string | undefined {
  if (variant.variant === undefined) return undefined
  const {text} = affixes.addToLatest(variant.variant)
  return sanitizeTag(text, maxTagLength - variant.environmentSuffix.length).tag
}

/** Candidates with a note on one of them. Most runs without `latest` need none: `key` is undefined. */
function withNote({candidates}: NamedTags, key: string | undefined, note: TagNote): readonly Candidate[] {
  return [...candidates].map(([name, candidate]) =>
    name === key ? {...candidate, notes: [...candidate.notes, note]} : candidate,
  )
}
