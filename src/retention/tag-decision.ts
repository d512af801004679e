import type {RetentionReason} from '../reasons/retention-reasons.ts'
import type {Version, VersionAffixes} from '../tags/tag-role.ts'

/** Classes of tags, in the order of the report. */
export const tagClasses = [
  'release',
  'prerelease',
  'floating',
  'commit',
  'pr',
  'branch',
  'cache',
  'schedule',
  'match',
  'referrer',
  'other',
] as const

type TagClass = (typeof tagClasses)[number]

/** Classes of images without a tag. */
type UntaggedClass = 'untagged' | 'orphan'

export type TagOwner =
  | {readonly kind: 'branch'; readonly branch: string}
  | {readonly kind: 'pull'; readonly number: number}
  | {readonly kind: 'tags'}

/** Tag with its class, and the version, branch or pull request that it names. */
export interface ClassifiedTag {
  readonly tag: string
  readonly digest: string
  readonly class: TagClass
  /** Version of a release or pre-release, and the text around it: the variant and the component. */
  readonly version?: Version
  readonly affixes?: VersionAffixes
  /** Branch or pull request that the tag or cache belongs to. All Git tags share one cache. */
  readonly owner?: TagOwner
  /** Commit of a commit tag, as far as the tag contains it. */
  readonly commit?: string
}

/** Decision about a tag, or about an image without a tag. */
export interface RetentionDecision {
  /** Absent for an image without a tag. */
  readonly tag: string | undefined
  readonly digest: string
  readonly class: TagClass | UntaggedClass
  /** Youngest date that is known of it, in milliseconds. */
  readonly date?: number
  readonly verdict: 'keep' | 'delete'
  readonly reason: RetentionReason
  /** 1-based line of the policy that decided; undefined if none did. */
  readonly line?: number
}
