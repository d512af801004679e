import {formatRepository, formatTagRef} from '../../oci/reference.ts'
import type {StaleReason} from '../../reasons/floating-reasons.ts'
import type {PromoteRow, RowReason} from '../journal.ts'
import type {TargetTag} from './tag-decision.ts'

/**
 * Rows of a promote whose reasons name `withdrawn`, in each repository in which the promote looks like an attempt to roll
 * back: the version was published there before, and every floating tag of its version lines stays at a higher one. The
 * release of an older version line has a new exact tag, or a floating tag that points to it.
 */
export function withRollBackRemedy(rows: readonly PromoteRow[], tags: readonly TargetTag[]): readonly PromoteRow[] {
  const roles = new Map(tags.map(({reference, role}) => [formatTagRef(reference), role.kind]))
  const kindOf = ({reference}: PromoteRow): string | undefined => roles.get(formatTagRef(reference))
  const attempts = new Set(
    [...Map.groupBy(rows, ({reference}) => formatRepository(reference.repository))].flatMap(([name, group]) => {
      const lines = group.filter((row) => kindOf(row) === 'version-line')
      const releases = group.filter((row) => kindOf(row) === 'release')
      const isAttempt =
        lines.length > 0 &&
        lines.every(({outcome, reason}) => outcome === 'kept' && isBelow(reason)) &&
        releases.every(({outcome}) => outcome === 'unchanged')
      return isAttempt ? [name] : []
    }),
  )
  return rows.map((row) =>
    attempts.has(formatRepository(row.reference.repository)) && isBelow(row.reason)
      ? {...row, reason: named(row.reason)}
      : row,
  )
}

type HigherReason = Extract<StaleReason, {code: 'higher-version' | 'points-to-higher-version'}>
type BelowReason = HigherReason | {readonly code: 'named-tag-stale'; readonly because: HigherReason}

function isBelow(reason: RowReason): reason is BelowReason {
  const {code} = reason.code === 'named-tag-stale' ? reason.because : reason
  return code === 'higher-version' || code === 'points-to-higher-version'
}

function named(reason: BelowReason): BelowReason {
  if (reason.code !== 'named-tag-stale') return {...reason, isRollBack: true}
  return {...reason, because: {...reason.because, isRollBack: true}}
}
