import type {PolicyGroup, PolicyLine, PruneInputs, TagPattern} from '../../inputs/prune/policy.ts'
import type {BoundedRegex} from '../../io/bounded-regex.ts'
import type {RepositoryContent} from '../repository-content.ts'
import {wholeMatches} from '../patterns.ts'
import {isOfTagboat} from '../classes/image-statement.ts'
import type {Candidate} from './candidate.ts'
import {appliesTo} from './guards.ts'

/** Number of the newest that stay of a group. */
export interface KeptNumber {
  readonly count: number
  readonly per: PolicyGroup | undefined
  /** `selected`: the newest of all that the rule selects. `deletable`: of those that it would delete otherwise. */
  readonly among: 'selected' | 'deletable'
}

/** Line of the policy, or an input that deletes, for one repository. */
export interface DeletionRule {
  readonly type: PolicyLine['type']
  /** 1-based line of the policy; undefined for another input. */
  readonly line: number | undefined
  readonly text: string
  readonly isGone: boolean
  /** Whether the rule is only about what certainly belongs to no image of another repository. */
  readonly isOwnOnly: boolean
  /** Pattern of each tag that it matches; undefined for a rule without patterns. */
  readonly matches: ReadonlyMap<string, string> | undefined
  readonly kept: readonly KeptNumber[]
  /** Minimum age in milliseconds. */
  readonly minimumAge: (candidate: Candidate) => number
}

interface RuleSources {
  readonly inputs: PruneInputs
  readonly content: Pick<RepositoryContent, 'repository' | 'tags'>
  readonly regex: BoundedRegex
}

/**
 * Rules that apply to a repository, in the order of the policy. The default policy does not name signatures without their
 * image that may be those of another repository.
 */
export function deletionRules({inputs, content, regex}: RuleSources): readonly DeletionRule[] {
  const tags = [...content.tags.keys()]
  const matchesOf = (patterns: readonly TagPattern[]): ReadonlyMap<string, string> =>
    new Map(patterns.flatMap((pattern) => [...wholeMatches(pattern, tags, regex)].map((tag) => [tag, pattern.text])))
  const lines = inputs.policy
    .filter(({type, images}) => type !== 'keep' && appliesTo(images, content.repository))
    .map((line): DeletionRule => {
      const {type, text, olderThanMs, keep, per, pattern} = line
      return {
        type,
        line: line.line,
        text,
        isGone: line.isGone === true,
        isOwnOnly: inputs.isDefaultPolicy && type === 'orphan',
        matches: pattern === undefined ? undefined : matchesOf([pattern]),
        kept: [
          ...(keep === undefined ? [] : [{count: keep, per, among: 'selected'} as const]),
          ...(type === 'untagged' ? beside(inputs.keepUntagged) : []),
        ],
        minimumAge: (candidate) => Math.max(inputs.olderThanMs, olderThanMs ?? 0, floorOf(candidate, olderThanMs)),
      }
    })
  if (inputs.deleteTags.length === 0) return lines
  const named: DeletionRule = {
    type: 'match',
    line: undefined,
    text: 'delete-tags',
    isGone: false,
    isOwnOnly: false,
    matches: matchesOf(inputs.deleteTags),
    kept: beside(inputs.keepTagged),
    minimumAge: (candidate) => Math.max(inputs.olderThanMs, floorOf(candidate, undefined)),
  }
  return [...lines, named]
}

/** Number of `keep-n-tagged` and `keep-n-untagged`. As in similar actions, they are counted beside the young ones. */
function beside(count: number | undefined): readonly KeptNumber[] {
  return count === undefined ? [] : [{count, per: undefined, among: 'deletable'}]
}

const hourMs = 3_600_000
/** Age of untagged images in the default policy. */
const stagedMs = 14 * 24 * hourMs

/** Tag of a staged image on registries that show only images with a tag (stage/temporary-tags.ts). */
const temporaryTag = /^tagboat-stage-[0-9a-f]{1,12}$/

/**
 * Age below which nothing without a tag goes, whatever the inputs are: a push in progress has no tag yet. An image that this
 * program built may wait for its promote, which may need an approval: it stays for the age in the line, or two weeks.
 */
function floorOf({tag, class: name, facts}: Candidate, olderThanMs: number | undefined): number {
  if (tag !== undefined) return temporaryTag.test(tag) ? stagedMs : 0
  return name === 'untagged' && isOfTagboat(facts) ? Math.max(hourMs, olderThanMs ?? stagedMs) : hourMs
}
