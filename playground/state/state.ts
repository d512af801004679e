import {repositoryProblem} from '../plan/names.ts'
import {refProblem} from '../../src/simulation/events/ref-name.ts'
import type {EventSettings, Pair} from '../worker/messages.ts'

/** Everything that a link to the page contains. */
export interface PageState {
  readonly view: 'plan' | 'convert'
  /** Workflow, step or `with:` block. */
  readonly text: string
  /** Identifier of the tab: a sample event, or `all`. */
  readonly event: string
  /** Values typed by hand, by the identifier of the event. */
  readonly typed: Readonly<Record<string, TypedValues>>
  /** Names typed by hand, which all events share. */
  readonly repository: string
  readonly defaultBranch: string
  readonly registry: string
  /** Values in place of those that only a run knows, by their whole names. */
  readonly values: readonly Pair[]
  /** Workflow to convert. */
  readonly convert: string
  /** Whether its line breaks are those of Windows. The text itself has line feeds alone. */
  readonly crlf: boolean
}

export interface TypedValues {
  readonly ref: string
}

/** Tab with all events. */
export const allEvents = 'all'

/** Settings of an event: what was typed, otherwise empty texts. Names with a problem do not count. */
export function settingsOf(id: string, {typed, repository, defaultBranch}: PageState): EventSettings {
  const valid = (name: string, problem: string | undefined): string => (problem === undefined ? name : '')
  const ref = typed[id]?.ref ?? ''
  return {
    id,
    ref: valid(ref, refProblem(ref)),
    repository: valid(repository, repositoryProblem(repository)),
    defaultBranch: valid(defaultBranch, refProblem(defaultBranch)),
  }
}
