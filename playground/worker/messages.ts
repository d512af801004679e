import type {ValueProblem} from '../../src/simulation/values/given-values.ts'

/** Range of a text, as offsets. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** Error or remark at its place in a text. */
export interface Finding extends Range {
  readonly level: 'error' | 'warning' | 'notice'
  readonly message: string
  readonly remedy?: string | undefined
}

/** Event as the page describes it. Empty texts have the value of the sample event. */
export interface EventSettings {
  /** Identifier of a sample event. */
  readonly id: string
  readonly ref: string
  readonly repository: string
  readonly defaultBranch: string
}

/** Texts from which a plan is made. */
export interface PlanRequest {
  readonly kind: 'plan'
  readonly text: string
  readonly registry: string
  /** Values in place of those that only a run knows, by their names. */
  readonly values: readonly Pair[]
  /** Events to plan; more than one for the overview. */
  readonly events: readonly EventSettings[]
}

export interface PlanAnswer {
  readonly kind: 'plan'
  /** Findings in the workflow that do not depend on the event. */
  readonly findings: readonly Finding[]
  readonly registryFindings: readonly Finding[]
  /** Number of tags that the registry holds. */
  readonly registryTags: number
  /** Events that start the workflow. Undefined if it cannot be read. */
  readonly triggers: readonly string[] | undefined
  /** Values that the plans need, or that are given. Undefined if the workflow cannot be read. */
  readonly values: readonly ShownValue[] | undefined
  readonly valueProblems: readonly ValueProblem[]
  /** Results in the order of the events; empty if the workflow cannot be read. */
  readonly events: readonly EventAnswer[]
}

/** Value that can be given. */
export interface ShownValue {
  /** Whole name: `vars.TAGS`. */
  readonly name: string
  /** Value that counts if none is given. Undefined: it is not known. */
  readonly usual: string | undefined
  /** Values among which to choose; empty for any text. */
  readonly options: readonly string[]
}

/** Input that needs values which only a run has. */
export interface Need {
  readonly input: string
  readonly names: readonly {readonly name: string; readonly canBeGiven: boolean}[]
}

export interface EventAnswer {
  readonly id: string
  readonly title: string
  /** Reason why no workflow runs; undefined if it runs. */
  readonly notTriggered: string | undefined
  /** Whether another workflow calls this one for the event. */
  readonly isCalled: boolean
  /** Sentence about the filter of files that was assumed to match. */
  readonly assumed: string | undefined
  readonly pushed: 'yes' | 'no' | 'not known' | 'dry run'
  readonly steps: readonly StepAnswer[]
}

/** Result of one Tagboat step, or of one leg of a matrix. */
export interface StepAnswer {
  /** `image › Publish`; empty for a step alone. */
  readonly title: string
  /** Values of the matrix: `amd64`. */
  readonly leg: string | undefined
  readonly outcome: StepOutcome
  /** Findings in the inputs of the step. */
  readonly findings: readonly Finding[]
}

export type StepOutcome =
  | {readonly kind: 'planned'; readonly plan: ShownPlan}
  | {readonly kind: 'skipped'; readonly reason: string}
  /** Step that depends on values which only a run has. Undefined `pushes`: one of them decides that, too. */
  | {
      readonly kind: 'unknown'
      readonly reason: string
      readonly needs: readonly Need[]
      readonly pushes: boolean | undefined
    }
  | {readonly kind: 'failed'; readonly failure: ShownFailure}

export interface ShownFailure {
  readonly code: string
  readonly message: string
  readonly evidence: readonly ShownEvidence[]
  readonly remedy: string
}

/** Line of the evidence of a failure, with its place in the workflow, if it has one. */
export interface ShownEvidence {
  readonly text: string
  readonly place: Range | undefined
}

export interface ShownPlan {
  readonly action: 'publish' | 'stage' | 'promote'
  /** Whether the run pushes: not in a dry run. */
  readonly pushes: boolean
  /** Whether `dry-run` is set, so that the run changes nothing. */
  readonly isDryRun: boolean
  /** Sentence of the decision to push or not. */
  readonly pushReason: string
  /** Sentence if the event has no credentials that can push. */
  readonly pushFails: string | undefined
  readonly repositories: readonly string[]
  readonly version: string | undefined
  readonly tags: readonly ShownTag[]
  readonly skipped: readonly SkippedRule[]
  readonly labels: readonly Pair[]
  readonly annotations: readonly Pair[]
  readonly warnings: readonly string[]
  readonly notices: readonly string[]
  /** Inputs that the plan does not depend on, and that are not known. */
  readonly needs: readonly Need[]
  /** Error of a real run with these contents of the registry. */
  readonly refusal: ShownFailure | undefined
}

export type Pair = readonly [name: string, value: string]

/** Rule with its place in the workflow, if it is written there. */
export interface ShownRule {
  readonly text: string
  readonly place: Range | undefined
}

export interface ShownTag {
  /** `ghcr.io/octocat/app` */
  readonly repository: string
  readonly tag: string
  readonly isExact: boolean
  readonly rule: ShownRule
  readonly reason: string
  /** Effect on the registry whose contents are given. */
  readonly registry: RegistryEffect | undefined
}

export interface RegistryEffect {
  readonly outcome: 'new' | 'moved' | 'unchanged' | 'kept' | 'not-created' | 'failed'
  readonly reason: string
}

export interface SkippedRule {
  readonly rule: ShownRule
  readonly reason: string
}

export interface ConvertRequest {
  readonly kind: 'convert'
  readonly text: string
}

export interface ConvertAnswer {
  readonly kind: 'convert'
  readonly text: string
  readonly changed: boolean
  readonly jobs: readonly {readonly id: string; readonly verdict: 'converted' | 'partial' | 'refused' | 'nothing'}[]
  readonly remarks: readonly ShownRemark[]
}

export interface ShownRemark extends Range {
  readonly level: 'note' | 'kept' | 'refused'
  readonly code: string
  readonly line: number
  readonly message: string
  readonly remedy: string | undefined
}

/** Message to the worker. */
export type Request = PlanRequest | ConvertRequest

/** Message from the worker. It is alive as long as such messages arrive. */
export type Response =
  {readonly kind: 'alive'} | PlanAnswer | ConvertAnswer | {readonly kind: 'broken'; readonly message: string}

/** Answer for one kind of request. */
export type AnswerOf<R extends Request> = Extract<Response, {readonly kind: R['kind']}>
