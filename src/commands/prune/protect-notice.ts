import type {Io} from '../../io/io.ts'
import {formatRetentionNotice} from '../../reasons/retention-notices.ts'
import {unknownDigests} from '../../retention/decide/unknown-digests.ts'
import type {JudgedRepository} from '../../report/prune/prune-report.ts'
import type {PreparedPrune} from './prepare-prune.ts'

/** Notes digests in `protect` that no repository of the run has. If one could not be read, they may be there. */
export function noticeUnknownDigests(
  {retention, repositories}: Pick<PreparedPrune, 'retention' | 'repositories'>,
  judged: readonly Pick<JudgedRepository, 'content'>[],
  {workflow}: Pick<Io, 'workflow'>,
): void {
  if (judged.length < repositories.length) return
  const digests = unknownDigests(
    retention,
    judged.map(({content}) => content),
  )
  if (digests.length > 0) workflow.notice(`${formatRetentionNotice({code: 'protect-digests-unknown', digests})}.`)
}
