import type {Digest} from '../../oci/digest.ts'
import {formatTagRef} from '../../oci/reference.ts'
import type {TagPolicy} from '../../inputs/inputs.ts'
import type {ExplainedRow} from '../../promote/explained-rows.ts'

/** Images whose commit is not given. */
interface NotGiven {
  /** Tags whose image counts as that of the commit of the run. */
  readonly assumed: ReadonlySet<string>
  /** Digests of images about which nothing is given. */
  readonly nameless: ReadonlySet<Digest>
}

const unknownCommit = 'whether it points to the image of this commit is not known'

/** Row that states what is not known in place of what a decision assumed. */
export function withoutAssumptions(row: ExplainedRow, {assumed, nameless}: NotGiven): ExplainedRow {
  const {reference, before, outcome, code, reason} = row
  const stays = outcome === 'unchanged' || outcome === 'kept'
  if (stays && code !== 'others-failed' && assumed.has(formatTagRef(reference)))
    return {...row, outcome: 'kept', code: 'commit-unknown', reason: unknownCommit}
  // Before a build, a tag with another image moves in any case.
  const isOpen = outcome === 'moved' && row.after !== undefined && before !== undefined && nameless.has(before)
  return isOpen ? {...row, reason: `${reason}, unless it points to that image already`} : row
}

/** Sentences on what the outcomes of a run assume about images that are not described. */
export function assumptionNotices(
  preview: readonly ExplainedRow[],
  ifExists: TagPolicy['ifExists'],
): readonly string[] {
  const named = (wanted: ExplainedRow['code']): readonly ExplainedRow[] => preview.filter(({code}) => code === wanted)
  const open = named('commit-unknown').filter(({reason}) => reason === unknownCommit)
  const [first] = open
  const otherwise = ifExists === 'verify' ? 'Otherwise a run fails. ' : ''
  const commits =
    first === undefined
      ? []
      : [
          `The commit of ${open.map(({reference}) => formatTagRef(reference)).join(', ')} is not given. The plan assumes ` +
            `that it is the commit of this run. ${otherwise}Add it after the tag: \`${first.reference.tag} COMMIT\`.`,
        ]
  const completes =
    named('completes-release').length === 0
      ? []
      : ['The plan assumes that the existing release was published by Tagboat with the same inputs.']
  return [...commits, ...completes]
}
