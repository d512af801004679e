import type {NoValues, ReasonIn, ReasonTable} from './reason-table.ts'

/** Reasons to keep or delete a tag or an image. Durations are in milliseconds. */
interface RetentionReasons {
  readonly 'no-rule': NoValues
  /** Tag of signatures, attestations or other referrers of an image that exists. `image`: a tag of it, or its digest. */
  readonly 'follows-subject': {readonly image?: string}

  // Kept, whatever the policy is.
  readonly protected: NoValues
  readonly deployed: {readonly commit: string}
  readonly excluded: {readonly pattern: string}
  readonly 'kept-by-line': {readonly pattern: string}
  readonly locked: NoValues
  readonly floating: NoValues
  readonly 'default-branch': {readonly branch: string}
  readonly 'default-branch-unknown': NoValues
  readonly 'newest-version': {readonly line: string}
  readonly 'newest-prerelease': {readonly line: string}
  readonly 'unreadable-image': {readonly answer: string}
  readonly 'missing-image': NoValues
  readonly partial: {readonly missing: number}
  readonly 'subject-unknown': NoValues

  // Kept, although a line names it.
  readonly 'version-tag': NoValues
  readonly 'branch-exists': {readonly branch: string | undefined}
  readonly 'pull-open': {readonly number: number}
  readonly 'cache-in-use': {readonly branch: string | undefined}
  readonly 'refs-unknown': NoValues
  /** `ref` is the full ref that the image states. */
  readonly 'of-other-ref': {readonly ref: string}
  readonly 'ref-unstated': NoValues
  readonly 'other-source': {readonly source: string}
  readonly 'age-unknown': NoValues
  readonly 'too-young': {readonly ageMs: number; readonly requiredMs: number}
  readonly 'among-newest': {readonly keep: number; readonly ageMs?: number | undefined}

  // Deleted.
  readonly 'branch-gone': {readonly branch: string | undefined}
  readonly 'pull-closed': {readonly number: number}
  readonly 'cache-unused': NoValues
  readonly 'named-by-pattern': {readonly pattern: string; readonly ageMs: number | undefined}
  readonly 'old-enough': {readonly ageMs: number | undefined}
  readonly superseded: {readonly keep: number; readonly ageMs: number | undefined}
  readonly unused: {readonly ageMs: number | undefined}
  readonly 'subject-gone': {readonly ageMs: number | undefined}
  /** An earlier run was stopped between the two requests that remove the tag. */
  readonly 'removal-begun': NoValues
}

export type RetentionReason = ReasonIn<RetentionReasons>

export const retentionReasons: ReasonTable<RetentionReasons> = {
  'no-rule': () => 'no line of the policy deletes it',
  'follows-subject': ({image = 'an image'}) => `it belongs to ${image}, and stays or goes with it`,
  protected: () => 'it is in `protect`',
  deployed: ({commit}) => `a deployment runs its commit ${commit.slice(0, 7)}`,
  excluded: ({pattern}) => `${pattern} is in \`exclude-tags\``,
  'kept-by-line': ({pattern}) => `the policy keeps ${pattern}`,
  locked: () => 'the registry protects it',
  floating: () => 'it is a floating tag',
  'default-branch': ({branch}) => `${branch} is the default branch`,
  'default-branch-unknown': () => 'it may be the tag of the default branch, which is unknown',
  'newest-version': ({line}) => `it is the newest version of ${line}`,
  'newest-prerelease': ({line}) => `it is the newest pre-release of ${line}, which has no release`,
  'unreadable-image': ({answer}) => `its image cannot be read: ${answer}`,
  'missing-image': () => 'its image does not exist',
  partial: ({missing}) => `${missing} of its manifests ${missing === 1 ? 'is' : 'are'} missing`,
  'subject-unknown': () => 'the registry does not show whether its image exists',
  'version-tag': () => 'it is a release, which only a line with type=release deletes',
  'branch-exists': ({branch}) => (branch === undefined ? 'its branch exists' : `the branch ${branch} exists`),
  'pull-open': ({number}) => `pull request ${number} is open`,
  'cache-in-use': ({branch}) =>
    branch === undefined ? 'builds of Git tags use it' : `the branch ${branch} may use it`,
  'refs-unknown': () => 'GitHub did not list the branches or pull requests',
  'of-other-ref': ({ref}) => `its image was built for ${ref}`,
  'ref-unstated': () => 'another pull request or branch could have this tag, and its image does not state its ref',
  'other-source': ({source}) => `its branch or pull request is one of ${source}`,
  'age-unknown': () => 'nothing states how old it is',
  'too-young': ({ageMs, requiredMs}) => `it is ${formatDuration(ageMs)} old, less than ${formatDuration(requiredMs)}`,
  'among-newest': ({keep, ageMs}) => `it is among the newest ${keep}${ageText(ageMs)}`,
  'branch-gone': ({branch}) =>
    branch === undefined ? 'its branch does not exist' : `the branch ${branch} does not exist`,
  'pull-closed': ({number}) => `pull request ${number} is closed`,
  'cache-unused': () => 'no branch uses it',
  'named-by-pattern': ({pattern, ageMs}) => `it matches ${pattern}${ageText(ageMs)}`,
  'old-enough': ({ageMs}) => (ageMs === undefined ? 'the policy names it' : `it is ${formatDuration(ageMs)} old`),
  superseded: ({keep, ageMs}) => `it is not among the newest ${keep}${ageText(ageMs)}`,
  unused: ({ageMs}) => `nothing needs it${ageText(ageMs)}`,
  'subject-gone': ({ageMs}) => `its image does not exist${ageText(ageMs)}`,
  'removal-begun': () => 'an earlier run has begun to remove it',
}

function ageText(ageMs: number | undefined): string {
  return ageMs === undefined ? '' : `, and it is ${formatDuration(ageMs)} old`
}

const units = [
  ['year', 365 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** Duration in its largest unit, rounded down: `3 days`, `1 year`. Less than two years are days. */
export function formatDuration(ms: number): string {
  const [unit, length] = units.find(([, one]) => ms >= (one === units[0][1] ? 2 * one : one)) ?? units[3]
  const count = Math.max(0, Math.floor(ms / length))
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
