/** The events that Tagboat knows; names as in `github.event_name`. */
export type EventKind =
  | 'push'
  | 'pull_request'
  | 'pull_request_target'
  | 'schedule'
  | 'workflow_dispatch'
  | 'release'
  | 'merge_group'
  | 'workflow_run'
  | 'repository_dispatch'
  | 'create'
  | 'other'

/** What is built: the name is without `refs/heads/` and the like. A pull request's name is its number. */
export type Ref =
  | {readonly kind: 'branch'; readonly name: string}
  | {readonly kind: 'tag'; readonly name: string}
  | {readonly kind: 'pull'; readonly name: string}
  | {readonly kind: 'none'}

export interface PullRequest {
  readonly number: number
  /** Commit at the tip of the pull request's branch. */
  readonly headSha: string | undefined
  /** Branch that it comes from, in the repository that `fromFork` speaks of. */
  readonly headRef: string | undefined
  readonly baseRef: string | undefined
  /** The head lives in another repository than the base, in one that is gone, or the event does not say where. */
  readonly fromFork: boolean
}

export interface Release {
  readonly tag: string
  readonly prerelease: boolean
  readonly draft: boolean
}

/** What labels, the default image name and `edge` need to know of the repository. */
export interface RepositoryInfo {
  readonly owner: string
  readonly name: string
  /** Undefined when neither the payload nor the API says. */
  readonly defaultBranch: string | undefined
  readonly description: string | undefined
  /** SPDX identifier. */
  readonly license: string | undefined
  /** Address for people: `https://github.com/owner/name`, or the Enterprise server's. */
  readonly url: string
  /** A fork runs the workflows of its parent without the parent's secrets. */
  readonly isFork: boolean | undefined
}

/** The run whose end or start began this one (`workflow_run`). */
export interface UpstreamRun {
  /** Event of that run, such as `pull_request`. */
  readonly event: string
  /** It ran for a commit of another repository, or of one that is gone. */
  readonly fromFork: boolean
  readonly byDependabot: boolean
  /** Branch or tag that it ran for: GitHub does not say which of them. */
  readonly headBranch: string | undefined
  readonly headSha: string | undefined
}

/** The ref and commit that an event names, where the build reads another commit. */
export interface EventCommit {
  readonly ref: Ref
  readonly fullRef: string
  readonly sha: string
  /** What is built is of this repository, as far as is known. */
  readonly isOwn: boolean
  /** Address of the repository that is built, where it is another one. */
  readonly source: string | undefined
}

export interface RunInfo {
  readonly id: string
  readonly number: string
  readonly attempt: string
  /** Address of the run for people. */
  readonly url: string
}

/** Where a run stands in Git and on GitHub: plain values, from the event alone. */
export interface GitContext {
  readonly event: EventKind
  /** `github.event_name` as it came, also for events that Tagboat does not know. */
  readonly eventName: string
  /** `opened`, `published`, … where the event has actions. */
  readonly action: string | undefined
  readonly ref: Ref
  /** The full ref as Git writes it; empty for `none`. */
  readonly fullRef: string
  /** Commit that is built: 40 or 64 hex digits; empty when the event has none. */
  readonly sha: string
  /** When that commit was made (ISO 8601), where the payload says. */
  readonly commitDate: string | undefined
  /**
   * There is nothing to publish: the ref was deleted by this event, the pull request closed without a merge, or the
   * release taken back or still a draft.
   */
  readonly gone: boolean
  /** Branch that a tag was pushed from, or that a pull request or merge group goes to. */
  readonly baseRef: string | undefined
  /** The pull request that the event is about. `ref` says whether it is what is built: after a merge it is the branch. */
  readonly pull: PullRequest | undefined
  readonly release: Release | undefined
  readonly upstream: UpstreamRun | undefined
  readonly actor: string
  /** Started by Dependabot on an event on which its runs see no secrets and a read-only token. */
  readonly byDependabot: boolean
  readonly repository: RepositoryInfo
  readonly server: {readonly url: string; readonly apiUrl: string}
  readonly run: RunInfo
  /** Only where ref and commit are not the event's, since the build reads another commit. */
  readonly instead?: EventCommit
}
