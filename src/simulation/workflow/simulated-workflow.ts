import type {BoundedRegex} from '../../io/bounded-regex.ts'
import type {ActionName} from '../../inputs/spec/action-names.ts'
import type {Place} from '../../workflow-file/workflow.ts'
import type {SimulatedEvent} from '../events/event-choice.ts'
import type {RegistryContents} from '../registry/registry-contents.ts'
import type {SimulationRequest} from '../simulate.ts'
import type {Simulated} from '../simulated.ts'

/** Facts that are known besides the workflow and the event. */
export interface WorkflowOptions {
  readonly event: SimulatedEvent
  /** Whether another workflow calls this one, which has the event of its caller. */
  readonly isCalled?: boolean
  /** Texts of the files of the checkout, by path relative to it. */
  readonly files?: Readonly<Record<string, string>>
  readonly readFile?: SimulationRequest['readFile']
  /** Whether these are all files of the checkout, so that any other one does not exist. */
  readonly hasAllFiles?: boolean
  readonly registry?: RegistryContents | undefined
  readonly readRegistries?: SimulationRequest['readRegistries']
  /** Configuration variables (`vars`). Others are not known. */
  readonly vars?: Readonly<Record<string, string>>
  /** Values of the context `inputs`, besides the defaults in the file. */
  readonly inputs?: Readonly<Record<string, string>>
  /** Variables of the environment besides those of the workflow. */
  readonly env?: Readonly<Record<string, string>>
  /** Names of the tags that point to the commit of the event. Undefined if they are not known. */
  readonly tagsOfCommit?: readonly string[] | undefined
  /** Values that only a run can give, by name: `steps.meta.outputs.tags`, `secrets.TOKEN`, `needs.a.outputs.b`. */
  readonly values?: Readonly<Record<string, string>>
  readonly now: Date
  readonly regex: BoundedRegex
  /** Called before each step of Tagboat, so that a long simulation can show that it goes on. */
  readonly onStep?: () => void
}

/** Expression that is not valid. */
export interface ExpressionFault {
  /** Key that has the expression, such as `if` or `tags`. */
  readonly key: string
  readonly place: Place
  readonly message: string
}

/** Input that needs a value which only a run can give. */
export interface UnknownInput {
  /** Input, or `if`. */
  readonly input: string
  /** Names of the values, such as `steps.build.outputs.digest`. */
  readonly names: readonly string[]
}

/** Step of Tagboat for an event. */
export interface SimulatedStep {
  readonly job: string
  /** Values of the matrix for this run of the job; absent without a matrix. */
  readonly leg?: Readonly<Record<string, unknown>>
  /** Index of the step in the job, from 0; undefined for a job that calls a workflow. */
  readonly index: number | undefined
  /** Name or ID of the step, or else what it uses. */
  readonly name: string
  readonly action: ActionName
  readonly place: Place
  /** Whether the step runs. It is `unknown` if that, or its tags, depend on a value that only a run can give. */
  readonly state: 'planned' | 'skipped' | 'unknown' | 'invalid'
  /** Reason for any other state than `planned`. */
  readonly reason?: string
  /** Whether an `unknown` step pushes. Undefined if that is not known either. */
  readonly pushes?: boolean
  readonly unknown: readonly UnknownInput[]
  readonly faults: readonly ExpressionFault[]
  readonly result?: Simulated
}

/** Workflow for an event. */
export interface SimulatedWorkflow {
  readonly runs: boolean
  /** Reason why the event does not start the workflow. */
  readonly reason?: string
  /** Whether another workflow calls this one, and has the event. */
  readonly isCalled?: boolean
  /** Filter on files that was assumed to match. */
  readonly assumed?: 'paths' | 'paths-ignore'
  /** Activity that was assumed, since the workflow does not run for the usual one: the first of its `types`. */
  readonly activity?: string
  readonly steps: readonly SimulatedStep[]
}
