import {causes, unlistedRemedy} from '../errors/causes.ts'
import {commitReasons, type CommitReason, type CommitReasons} from './commit-reasons.ts'
import {formatWith, type NoValues, type ReasonIn, type ReasonTable} from './reason-table.ts'
import {differenceText, type ImageDifference} from './release-reasons.ts'

interface HigherVersion {
  readonly higher: string
  readonly version: string
  /** Set if the run looks like an attempt to roll back to `version`. */
  readonly isRollBack?: boolean
}

/** Reasons of the decision on a floating tag. Shared codes, such as `up-to-date`, are those of exact tags. */
export interface FloatingReasons {
  readonly 'floating-never': NoValues
  readonly 'floating-always': NoValues
  /** The version of this run is withdrawn. */
  readonly 'version-withdrawn': {readonly version: string}
  /** An exact tag of the higher version exists. */
  readonly 'higher-version': HigherVersion
  /** The tag itself points to the higher version. */
  readonly 'points-to-higher-version': HigherVersion
  readonly 'points-to-lower-version': {readonly lower: string; readonly version: string}
  /** `line` is `1.2.x`, `1.x`, or empty for all versions. */
  readonly 'highest-version': {readonly version: string; readonly line: string}
  readonly 'another-build': {readonly version: string}
  readonly 'version-order-unknown': NoValues
  /** The registry does not list tags; `cause` is what it responded. */
  readonly 'tags-unlisted': {readonly cause: string | undefined}
  /** `rule` gave the tag; `exactRule` would show its version. */
  readonly 'version-unknown': {readonly rule: string | undefined; readonly exactRule: string}
  /** `isLatest`: the tag is `latest`, which a flavor can withhold. */
  readonly 'two-images': ImageDifference & {readonly isLatest: boolean}
  /** The tag moves although `because` says that it goes back. */
  readonly 'on-stale-overwrite': {readonly because: StaleReason}
  /** A tag that the user named stays because of `because`. */
  readonly 'named-tag-stale': {readonly because: StaleReason}
}

export type FloatingReason = ReasonIn<FloatingReasons>

/** Reasons for which a tag would go back. */
export type StaleReason = CommitReason | Extract<FloatingReason, {code: 'higher-version' | 'points-to-higher-version'}>

export const floatingReasons: ReasonTable<FloatingReasons> = {
  'floating-never': () => 'floating: never',
  'floating-always': () => 'floating: always',
  'version-withdrawn': ({version}) => `${version} is withdrawn`,
  'higher-version': (values) => `${values.higher} is higher than ${values.version}${rollBackText(values)}`,
  'points-to-higher-version': (values) =>
    `it points to ${values.higher}, which is higher than ${values.version}${rollBackText(values)}`,
  'points-to-lower-version': ({lower, version}) => `it points to ${lower}, and ${version} is higher`,
  'highest-version': ({version, line}) => `${version} is the highest ${line === '' ? 'version' : `of ${line}`}`,
  'another-build': ({version}) => `it points to another build of ${version}`,
  'version-order-unknown': () => 'which version is higher is not known',
  'tags-unlisted': ({cause}) => `a higher version may exist. ${cause ?? causes['tags-unlisted']} ${unlistedRemedy}`,
  'version-unknown': ({rule, exactRule}) =>
    `it may point to a higher version. The image does not name its version, and none of this run's exact tags shows the version${rule === undefined ? '' : ` of ${rule}`}. Add \`${exactRule}\` to \`tags\`, with the prefix and suffix of that rule but no expression in them, or set \`floating: always\` to move floating tags without this check.`,
  'two-images': ({isLatest, ...images}) => `${differenceText(images)}. ${separateTags(isLatest)}`,
  'on-stale-overwrite': ({because}) => `on-stale: overwrite, although ${staleText(because)}`,
  'named-tag-stale': ({because}) => `${staleText(because)} (\`on-stale: overwrite\` moves it anyway)`,
}

const staleTable: ReasonTable<CommitReasons & FloatingReasons> = {...commitReasons, ...floatingReasons}

function staleText(reason: StaleReason): string {
  return formatWith(staleTable, reason)
}

function rollBackText({higher, version, isRollBack = false}: HigherVersion): string {
  return isRollBack
    ? `; to roll back to ${version}, list ${higher} and every other version above ${version} in \`withdrawn\``
    : ''
}

/** Two images of one commit need names of their own. */
function separateTags(isLatest: boolean): string {
  const ways = isLatest
    ? '`latest=false` in `flavor` of the one that is not to have it, `variant`, or `suffix=…,onlatest=true` in `flavor`'
    : '`variant`, or a `suffix` in the rule or in `flavor`'
  return `Give one of them another tag: ${ways}. To replace it on purpose, set \`on-stale: overwrite\``
}
