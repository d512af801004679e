/** Place in a text: offsets, and the line and column of the start, from 1. */
export interface Place {
  readonly start: number
  readonly end: number
  readonly line: number
  readonly column: number
}

/** Reason why a text is not a workflow, with its place and what to write instead. */
export interface FileProblem {
  readonly place: Place
  readonly message: string
  readonly remedy: string
}

/** Scalar of the file. */
export interface Written {
  /** Text that the runner passes on: `True` is `true`, and `1.10` without quotes is `1.1`, because it is a number. */
  readonly text: string
  /** Place of the value, with its quotes, or with the header of a block. */
  readonly place: Place
  readonly style: 'plain' | 'single' | 'double' | 'literal' | 'folded'
  /** Place of the key, if the value has one. */
  readonly key: Place
}

/** Values of a map by key, in the order of the file. */
export type WrittenMap = ReadonlyMap<string, Written>

/** Scalar with its type: without quotes, `true` is a boolean, `1` a number, and `~` null. */
export type PlainScalar = string | number | boolean | null

/** Value without places: scalars, lists and maps. */
export type PlainValue = PlainScalar | readonly PlainValue[] | {readonly [key: string]: PlainValue}

/** Step of a job, or of a composite action. */
export interface WorkflowStep {
  /** ID of the job; undefined for steps without a job around them. */
  readonly job: string | undefined
  readonly index: number
  readonly id: Written | undefined
  readonly name: Written | undefined
  readonly uses: Written | undefined
  readonly run: Written | undefined
  readonly if: Written | undefined
  readonly continueOnError?: Written | undefined
  readonly with: WrittenMap
  readonly env: WrittenMap
  readonly place: Place
}

/** Job of a workflow. The job of a text without one has the ID `job`. */
export interface WorkflowJob {
  readonly id: string
  readonly if: Written | undefined
  readonly needs: readonly string[]
  readonly env: WrittenMap
  readonly outputs: WrittenMap
  readonly permissions: Permissions | undefined
  /** Matrix of the strategy: a map, or the text of an expression. */
  readonly matrix: PlainValue | undefined
  readonly matrixPlace?: Place | undefined
  readonly continueOnError?: Written | undefined
  readonly runsOn: PlainValue | undefined
  /** Reusable workflow that the job calls. */
  readonly uses: Written | undefined
  readonly with: WrittenMap
  readonly steps: readonly WorkflowStep[]
  readonly place: Place
}

/** Permissions of the token: `read-all`, `write-all`, or an access by scope. */
export type Permissions = string | ReadonlyMap<string, string>

/** Filters of an event. A filter that is not written is undefined. */
export interface Trigger {
  readonly branches: readonly string[] | undefined
  readonly branchesIgnore: readonly string[] | undefined
  readonly tags: readonly string[] | undefined
  readonly tagsIgnore: readonly string[] | undefined
  readonly paths: readonly string[] | undefined
  readonly pathsIgnore: readonly string[] | undefined
  readonly types: readonly string[] | undefined
  /** Times of a schedule. */
  readonly cron: readonly string[]
  /** Inputs of a manual or called run. */
  readonly inputs: ReadonlyMap<string, DispatchInput>
}

/** Input of `workflow_dispatch` or `workflow_call`. */
export interface DispatchInput {
  readonly type: string
  /** Default as it is written. Undefined: a choice has its first option, a boolean is false, and text is empty. */
  readonly default: string | undefined
  readonly options: readonly string[]
  readonly required: boolean
}

/** Filters by the name of the event. */
export type Triggers = ReadonlyMap<string, Trigger>

/** Kind of text that was read. `steps`, `step`, `with` and `inputs` are parts of a job; `action` is a composite action. */
export type WorkflowKind = 'workflow' | 'jobs' | 'job' | 'steps' | 'step' | 'with' | 'inputs' | 'action'

/** Workflow file, or a part of one. A part has no triggers, and one job unless it consists of jobs. */
export interface Workflow {
  readonly kind: WorkflowKind
  readonly text: string
  readonly name: Written | undefined
  readonly on: Triggers
  readonly env: WrittenMap
  readonly permissions: Permissions | undefined
  readonly jobs: readonly WorkflowJob[]
}
