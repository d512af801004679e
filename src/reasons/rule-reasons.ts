import type {NoValues, ReasonIn, ReasonTable} from './reason-table.ts'

/** Expressions that are empty for an event; `text` is the tag without them. */
export interface EmptyExpressions {
  readonly names: readonly string[]
  readonly text: string
}

/** Reasons why a rule gives no tag. */
export interface SkippedRuleReasons {
  /** `enable` as it is written. */
  readonly disabled: {readonly enable: string}
  readonly 'other-event': {readonly wanted: 'branch' | 'tag' | 'pull request' | 'schedule'}
  /** `version: auto` found no version among the Git tags of the commit. */
  readonly 'no-version-tag': {readonly commit: string}
  /** `ref` may point to a newer commit than the one that is built. */
  readonly 'not-newest-commit': {readonly ref: string}
  readonly 'not-default-branch': NoValues
  readonly 'other-branch': {readonly branch: string}
  readonly 'no-commit': NoValues
  readonly 'no-environment': NoValues
  readonly 'empty-attribute': {readonly attribute: string}
  readonly 'empty-expression': EmptyExpressions
  readonly 'file-not-read': {readonly path: string}
  readonly 'not-semver': {readonly text: string}
  readonly 'not-pep440': {readonly text: string}
  readonly 'not-of-component': NoValues
  readonly 'unknown-time-zone': {readonly timeZone: string}
  readonly 'no-match': {readonly pattern: string; readonly text: string}
  readonly 'empty-match': {readonly pattern: string; readonly text: string}
  readonly 'unmatched-group': {readonly pattern: string; readonly group: number}
  /** `count` groups exist in the pattern. */
  readonly 'missing-group': {readonly pattern: string; readonly group: number; readonly count: number}
  readonly 'calver-mismatch': {readonly value: string}
  readonly 'calver-without-value': {readonly part: string}
  readonly 'no-run-number': NoValues
  readonly 'whole-prerelease': {readonly tag: string}
  /** `other` was made valid and became the same tag. */
  readonly 'same-tag': {readonly text: string; readonly other: string; readonly tag: string}
  readonly 'repeated-tag': {readonly tag: string}
}

/** Facts about a tag besides its rule. */
export interface TagNotes {
  readonly 'version-from': {readonly from: string}
  readonly 'hashed-tag': {readonly text: string}
  readonly 'shared-tag': {readonly text: string; readonly tag: string}
  /** `rule` comes first and decides. */
  readonly 'not-latest': {readonly rule: string}
  readonly 'no-latest': EmptyExpressions
  readonly 'latest-auto': NoValues
  readonly 'latest-true': NoValues
  readonly 'empty-value-replaced': {readonly from: string}
  readonly 'match-ignored': {readonly pattern: string; readonly text: string}
}

export type SkippedRuleReason = ReasonIn<SkippedRuleReasons>
export type TagNote = ReasonIn<TagNotes>

export const skippedRuleReasons: ReasonTable<SkippedRuleReasons> = {
  disabled: ({enable}) => (enable === 'false' ? '`enable` is false' : `\`enable\` is false (${enable})`),
  'other-event': ({wanted}) => `${subjects[wanted]} is not a ${wanted}`,
  'no-version-tag': ({commit}) => `the commit ${commit.slice(0, 7)} has no Git tag with a full version`,
  'not-newest-commit': ({ref}) => `the commit that is built may not be the newest one of ${ref}`,
  'not-default-branch': () => 'the branch is not the default branch',
  'other-branch': ({branch}) => `the branch is not ${branch}`,
  'no-commit': () => 'the event has no commit',
  'no-environment': () => 'the input `environment` is empty',
  'empty-attribute': ({attribute}) => `\`${attribute}\` is empty`,
  'empty-expression': emptyText,
  'file-not-read': ({path}) => `${path} was not read`,
  'not-semver': ({text}) => `${quoted(text)} is not a semantic version`,
  'not-pep440': ({text}) => `${quoted(text)} is not a version of PEP 440`,
  'not-of-component': () => 'the tag is not a version of this component',
  'unknown-time-zone': ({timeZone}) => `unknown time zone ${timeZone}`,
  'no-match': ({pattern, text}) => `${pattern} does not match ${quoted(text)}`,
  'empty-match': ({pattern, text}) => `${pattern} matches only empty text in ${quoted(text)}`,
  'unmatched-group': ({pattern, group}) => `group ${group} of ${pattern} is not part of the match`,
  'missing-group': ({pattern, group, count}) => `${pattern} has ${groups(count)}, and \`group\` is ${group}`,
  'calver-mismatch': ({value}) => `${quoted(value)} does not fit the pattern`,
  'calver-without-value': ({part}) => `${part} needs a Git tag or a \`value\` that fits the pattern`,
  'no-run-number': () => 'MICRO is the run number, which this run does not have',
  'whole-prerelease': ({tag}) => `the version is a pre-release, whose tag is ${tag}`,
  'same-tag': ({text, other, tag}) =>
    `${JSON.stringify(text)} becomes the same tag as ${JSON.stringify(other)}: ${tag}`,
  'repeated-tag': ({tag}) => `an earlier rule gives ${tag}`,
}

export const tagNotes: ReasonTable<TagNotes> = {
  'version-from': ({from}) => `version from ${from}`,
  'hashed-tag': ({text}) => `made from ${JSON.stringify(text)}; a hash keeps the tag apart from others`,
  'shared-tag': ({text, tag}) => `made from ${JSON.stringify(text)}; another name that becomes ${tag} shares this tag`,
  'not-latest': ({rule}) => `not latest: ${rule} comes first and does not ask for it (flavor latest=auto)`,
  'no-latest': (values) => `latest is not created: ${emptyText(values)}`,
  'latest-auto': () => 'a stable version, or a Git tag, is latest (flavor latest=auto)',
  'latest-true': () => 'flavor latest=true',
  'empty-value-replaced': ({from}) => `\`value\` is empty: ${from} is used`,
  'match-ignored': ({pattern, text}) => `${pattern} does not match ${quoted(text)}, which is used whole`,
}

const subjects = {
  branch: 'the ref of the event',
  tag: 'the ref of the event',
  'pull request': 'the event',
  schedule: 'the event',
} as const

function emptyText({names, text}: EmptyExpressions): string {
  const shown = names.map((name) => `{{${name}}}`)
  const subject = shown.length === 0 ? 'the value' : shown.join(' and ')
  const result = text === '' ? '' : `, so the tag would be ${JSON.stringify(text)}`
  return `${subject} ${shown.length > 1 ? 'are' : 'is'} empty for this event${result}`
}

function groups(count: number): string {
  return count === 0 ? 'no groups' : count === 1 ? 'one group' : `${count} groups`
}

function quoted(text: string): string {
  return `"${text}"`
}
