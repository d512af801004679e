import type {NoValues, ReasonIn, ReasonTable} from './reason-table.ts'

/** Reasons why a run may not delete anything. */
export interface PruneSkips {
  readonly 'fork-token': {readonly number: number}
  readonly 'dependabot-token': NoValues
  readonly 'no-images': NoValues
}

export type PruneSkip = ReasonIn<PruneSkips>

export const pruneSkips: ReasonTable<PruneSkips> = {
  'fork-token': ({number}) => `pull request ${number} is from a fork, whose runs have no secrets and a read-only token`,
  'dependabot-token': () => 'Dependabot started this run, which has no secrets and a read-only token',
  'no-images': () => '`enable` is false for every image',
}
