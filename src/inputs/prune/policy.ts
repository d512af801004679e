import type {Repository} from '../../oci/reference.ts'

/** Classes that a line of `policy` can name. `keep` protects the tags of its pattern. */
export const policyTypes = [
  'release',
  'prerelease',
  'branch',
  'pr',
  'commit',
  'schedule',
  'cache',
  'match',
  'untagged',
  'orphan',
  'keep',
] as const

export type PolicyType = (typeof policyTypes)[number]

/**
 * Group in which the `keep` newest are counted. `minor` and `major`: versions of one line, with the same variant and
 * component. Default: the whole class.
 */
export type PolicyGroup = 'minor' | 'major' | 'variant' | 'component'

/**
 * Pattern for tags: a glob with `*` and `?`, which must match the whole tag, or a regular expression. One that deletes must
 * match the whole tag, one that keeps any part of it.
 */
export interface TagPattern {
  readonly kind: 'glob' | 'regex'
  readonly text: string
}

/** Line of `policy`. Everything in it must hold for a tag that it deletes. */
export interface PolicyLine {
  readonly type: PolicyType
  /** 1-based line of the input; the position in the default policy. Absent if `text` is another input. */
  readonly line?: number
  readonly text: string
  /** Minimum age in milliseconds. */
  readonly olderThanMs?: number
  /** Number of the newest that stay. */
  readonly keep?: number
  readonly per?: PolicyGroup
  /** Only tags and caches of branches and pull requests that do not exist any more. */
  readonly isGone?: true
  readonly pattern?: TagPattern
  /** Globs of the images to which the line applies. Default: all. */
  readonly images?: readonly string[]
}

/** Maximum number of tags of a repository that a run may delete. */
export interface DeletionLimit {
  readonly kind: 'count' | 'percent'
  readonly value: number
}

/** Image that stays with everything that it needs. */
export type Protected =
  | {
      readonly kind: 'digest'
      readonly digest: string
      /** Repository before the digest; undefined for a digest alone, and for a text of another form. */
      readonly of?: Pick<Repository, 'host' | 'path'>
      /** Set if the digest has no text before it. */
      readonly isAlone?: true
    }
  /** Image reference, of one repository: `ghcr.io/acme/app:1.2.3`. */
  | {
      readonly kind: 'reference'
      readonly host: string
      readonly path: string
      readonly tag: string
      /** Text of a reference that names no registry, and so is one of Docker Hub. */
      readonly withoutHost?: string
    }

/** Parsed inputs of `tagboat/tagboat/prune@v1`. */
export interface PruneInputs {
  readonly policy: readonly PolicyLine[]
  /** Whether the policy is the default one. */
  readonly isDefaultPolicy: boolean
  readonly deleteTags: readonly TagPattern[]
  readonly excludeTags: readonly TagPattern[]
  /** Minimum age of everything that is deleted, in milliseconds. */
  readonly olderThanMs: number
  /** Number of the newest that `delete-tags` would delete, and that stay. */
  readonly keepTagged: number | undefined
  /** Number of the newest that lines of type `untagged` would delete, and that stay. */
  readonly keepUntagged: number | undefined
  readonly deletePartial: boolean
  readonly protected: readonly Protected[]
  readonly keepDeployed: 'auto' | 'true' | 'false'
  readonly untag: 'auto' | 'never'
  readonly maxDeleted: DeletionLimit
  readonly validate: boolean
  /** Registry whose lifecycle policy is written as text. */
  readonly lifecycle: 'none' | 'ecr' | 'google' | 'azure'
}
