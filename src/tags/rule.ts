/** Where a rule came from, so that every tag can be explained. */
export interface RuleSource {
  /** `tags`: line of the input. `default`: the default strategy. */
  readonly origin: 'tags' | 'default'
  /** 1-based line of the input; the place in the strategy for `default`. */
  readonly line: number
  /** As written. */
  readonly text: string
}

interface RuleCommon {
  readonly source: RuleSource
  /** Higher comes first. */
  readonly priority: number
  /** `true`, `false`, or an expression that renders to one of them. */
  readonly enable: string
  /** Replaces the flavor's prefix; undefined: the flavor's holds. May hold expressions. */
  readonly prefix: string | undefined
  readonly suffix: string | undefined
}

export type TagRule = RuleCommon &
  (
    | {readonly kind: 'schedule'; readonly pattern: string}
    | {readonly kind: 'semver'; readonly pattern: string; readonly value: string | undefined}
    | {readonly kind: 'edge'; readonly branch: string | undefined}
    | {readonly kind: 'ref'; readonly event: 'branch' | 'tag' | 'pr'}
    | {readonly kind: 'raw'; readonly value: string}
    | {readonly kind: 'sha'; readonly format: 'short' | 'long'}
    | {readonly kind: 'env'}
  )

export type RuleKind = TagRule['kind']
