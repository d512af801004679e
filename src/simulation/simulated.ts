import type {GitContext} from '../context/git-context.ts'
import type {Problem} from '../inputs/problem.ts'
import type {explainPlan} from '../plan/explain.ts'
import type {ExplainedRow} from '../promote/explained-rows.ts'
import type {planJson} from '../report/plan-json.ts'

/** Error that would end a run, or a limit of the simulation. */
export interface SimulatedFailure {
  /** Code of `docs/errors.md`; `not-simulated` if it needs a real run. */
  readonly code: string
  readonly message: string
  readonly evidence: readonly string[]
  readonly remedy: string
  /** Problems with inputs, each with its input and place. Empty for another failure. */
  readonly problems: readonly Problem[]
}

/** Lines of the log of a dry run. */
interface SimulatedLog {
  readonly first: string
  /** Line for each tag: what a run would do with it, and why. Empty without contents of the registries. */
  readonly tags: readonly string[]
  readonly last: string | undefined
}

/** Plan of a step for an event, and what a run would say about it. */
export interface Simulated {
  /** The output `plan`; absent if a failure came first. */
  readonly plan?: ReturnType<typeof planJson>
  /** Plan as the log explains it. */
  readonly explained?: ReturnType<typeof explainPlan>
  readonly context?: GitContext
  readonly log?: SimulatedLog
  /** Whether `dry-run` is set, so that the run changes nothing. The plan is that of a run without it. */
  readonly dryRun?: boolean
  /** Outcome that each tag would have, if the contents of the registries were given and the run pushes. */
  readonly preview?: readonly ExplainedRow[]
  /** Outputs that later steps would see. Those that only a build can give are empty. */
  readonly outputs: Readonly<Record<string, string>>
  /** Sentence if there is nothing to publish for this event. */
  readonly skipped?: string
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
  /** Warnings that repeat a rule which the plan lists as one without a tag. */
  readonly ruleWarnings?: readonly string[]
  readonly failure?: SimulatedFailure
  /** Sentence if the credentials of the event cannot push, so that a run would fail. It is also one of the warnings. */
  readonly pushFails?: string
  /** Facts that the plan depends on and that are not known, such as a file, by the input that asks for them. */
  readonly unknown?: readonly {readonly input: string; readonly names: readonly string[]}[]
}
