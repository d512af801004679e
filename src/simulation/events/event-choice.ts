/** Event that a person chooses to plan for. What is not given has a usual value. */
export interface EventChoice {
  /** Name as in `github.event_name`: `push`, `pull_request`, `release`, … */
  readonly event: string
  /** Full ref, such as `refs/heads/main` or `refs/tags/v1.2.3`. For a pull request, the branch it comes from. */
  readonly ref?: string
  /** Type of activity, such as `opened` or `published`. */
  readonly action?: string
  /** Whether a pull request comes from a fork. */
  readonly fork?: boolean
  /** Whether a closed pull request was merged. */
  readonly merged?: boolean
  /** Number of the pull request. */
  readonly number?: number
  /** Repository as `owner/name`. */
  readonly repository?: string
  readonly defaultBranch?: string
  /** Branch that a pull request is for, if it is not the default branch. */
  readonly baseRef?: string
  /** Commit of the branch that a pull request is for. */
  readonly baseSha?: string
  /** Whether a release is a pre-release; usually that of its version. */
  readonly prerelease?: boolean
  /** Commit of the run (`github.sha`). */
  readonly sha?: string
  /** Inputs of a manual run. */
  readonly inputs?: Readonly<Record<string, string>>
  /** Cron expression of a scheduled run. */
  readonly schedule?: string
  readonly actor?: string
}

/** Event of a run as the runner provides it, without a run. */
export interface SimulatedEvent {
  /** Variables `GITHUB_*` and `RUNNER_*`. */
  readonly environment: Readonly<Record<string, string>>
  readonly payload: Readonly<Record<string, unknown>>
  /** Value of the context `github` in expressions. */
  readonly github: Readonly<Record<string, unknown>>
  /** Whether no activity was chosen, so that another one than that of the payload can be planned. */
  readonly isAnyActivity?: boolean
  /** Whether the payload is simulated, and so lacks fields that only GitHub knows. */
  readonly isSimulated?: boolean
}
