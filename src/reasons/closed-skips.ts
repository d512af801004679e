import {pruneSkips, type PruneSkips} from './prune-skips.ts'
import type {ReasonIn, ReasonTable} from './reason-table.ts'

/** Reasons why nothing is deleted after a pull request was closed or a branch was deleted. */
interface ClosedSkips extends PruneSkips {
  readonly 'open-again': {readonly number: number}
  readonly 'exists-again': {readonly branch: string}
  readonly 'no-own-tags': unknown
}

export type ClosedSkip = ReasonIn<ClosedSkips>

export const closedSkips: ReasonTable<ClosedSkips> = {
  ...pruneSkips,
  'open-again': ({number}) => `pull request ${number} is open again`,
  'exists-again': ({branch}) => `the branch ${branch} exists again`,
  'no-own-tags': () => '`tags` gives it no tag of its own',
}
