import {formatWith, type NoValues, type ReasonIn, type ReasonTable} from '../reason-table.ts'

/** Remarks about the lifecycle policy of a registry: what it cannot express, and what it does differently. */
interface LifecycleReasons {
  // Left out of the text.
  readonly 'no-repository': {readonly registry: string}
  readonly 'registry-unsuitable': NoValues
  readonly 'deployments-unknown': NoValues
  readonly 'branches-unknown': NoValues
  readonly 'digest-protected': {readonly digest: string}
  readonly 'keeping-pattern': {readonly pattern: string}
  readonly 'line-by-class': {readonly text: string}
  readonly 'line-by-refs': {readonly text: string}
  readonly 'line-by-number': {readonly text: string}
  readonly 'line-by-graph': {readonly text: string}
  readonly 'pattern-unsuitable': {readonly text: string; readonly form: string}
  readonly 'pattern-unsafe': {readonly text: string}
  readonly 'pattern-covered': {readonly text: string; readonly kept: string}
  readonly 'too-many-rules': {readonly count: number; readonly limit: number}
  readonly 'untagged-referrers': {readonly text: string}
  readonly 'untagged-orphans': {readonly text: string}

  // About the text.
  readonly 'first-repository': {readonly repository: string}
  readonly 'whole-images': NoValues
  readonly 'package-prefix': {readonly prefix: string}
  readonly 'version-prefix': {readonly prefixes: readonly string[]}
  readonly 'no-limit': NoValues

  // About the policy that a repository has.
  readonly 'policy-unreadable': NoValues
  readonly 'policy-refused': {readonly answer: string; readonly remedy: string | undefined}
  readonly 'untagged-sooner': {readonly days: number; readonly keptDays: number | undefined}
  readonly 'untagged-counted': {readonly count: number}
  readonly 'kept-tags-expire': {
    readonly priority: number
    readonly action: 'expire' | 'archive'
    readonly tags: readonly string[]
  }
}

export type LifecycleReason = ReasonIn<LifecycleReasons>

const reasons: ReasonTable<LifecycleReasons> = {
  'no-repository': ({registry}) => `No repository of \`images\` is in ${registry}.`,
  'registry-unsuitable': () =>
    'The retention policy of Azure Container Registry holds for all repositories of the registry, and deletes platforms and signatures of images that stay: it cannot express the policy.',
  'deployments-unknown': () =>
    'A registry does not know what deployments run, so the policy has no rule. Set `keep-deployed: false` if no deployment of GitHub runs these images.',
  'branches-unknown': () => 'The policy has no rule for tags: the branches, some of whose tags stay, are not known.',
  'digest-protected': ({digest}) => `The policy has no rule: the registry cannot keep the single digest ${digest}.`,
  'keeping-pattern': ({pattern}) => `The policy has no rule for tags: the registry cannot keep the tags of ${pattern}.`,
  'line-by-class': ({text}) =>
    `${text} is left out: the registry selects tags by a pattern only. Write type=match with pattern=, if a pattern names them.`,
  'line-by-refs': ({text}) => `${text} is left out: the registry does not know which branches and pull requests exist.`,
  'line-by-number': ({text}) => `${text} is left out: the registry counts images differently.`,
  'line-by-graph': ({text}) => `${text} is left out: the registry does not know what a tag for signatures belongs to.`,
  'pattern-unsuitable': ({text, form}) => `${text} is left out: the registry has only patterns ${form}.`,
  'pattern-unsafe': ({text}) =>
    `${text} is left out: an image with such a tag may have another one that stays, such as that of its branch.`,
  'pattern-covered': ({text, kept}) => `${text} is left out: all its tags are among those of ${kept}, which stay.`,
  'too-many-rules': ({count, limit}) =>
    `The policy has no rule for tags: it would need ${count} rules, and the registry allows ${limit}.`,
  'untagged-referrers': ({text}) =>
    `${text} is left out: the registry would delete signatures of images that stay, which have no tag.`,
  'untagged-orphans': ({text}) =>
    `${text} is left out: the registry would also delete signatures whose image does not exist. Add a line with type=orphan.`,
  'first-repository': ({repository}) => `The policy is that of ${repository}. Other repositories need another one.`,
  'whole-images': () =>
    'A rule deletes an image with all its tags, even if it lacks a part. Give images whose tags match a rule no other tags than those of `tags` for their event.',
  'package-prefix': ({prefix}) => `The rules hold for each image of the repository whose name begins with ${prefix}.`,
  'version-prefix': ({prefixes}) =>
    `The registry does not know versions: create no Git tag with a version that begins with ${prefixes.join(' or ')}.`,
  'no-limit': () => 'The registry has no `max-deleted`, and deletes without a dry run: preview the policy there first.',
  'policy-unreadable': () => 'The lifecycle policy of the repository could not be understood.',
  'policy-refused': ({answer, remedy}) =>
    `The lifecycle policy of the repository could not be read (${answer}).${remedy === undefined ? '' : ` ${remedy}`}`,
  'untagged-sooner': ({days, keptDays}) =>
    `The lifecycle policy of the repository deletes untagged images after ${days} days, ${keptDays === undefined ? 'which this step keeps' : `before the ${keptDays} days of this step`}: also those that wait for their promote.`,
  'untagged-counted': ({count}) =>
    `The lifecycle policy of the repository keeps ${count} untagged images at most: also those that wait for their promote count.`,
  'kept-tags-expire': ({priority, action, tags}) =>
    `The lifecycle policy of the repository (rule ${priority}) ${action}s images that this step keeps, such as ${tags.join(', ')}.`,
}

/** Sentence of a remark. */
export function formatLifecycleReason(reason: LifecycleReason): string {
  return formatWith(reasons, reason)
}
