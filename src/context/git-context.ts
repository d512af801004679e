/** Events that Tagboat distinguishes, named as in `github.event_name`. */
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

/** Git ref of a build. `name` has no prefix such as `refs/heads/`. The name of a pull request is its number. */
export type Ref =
  | {readonly kind: 'branch'; readonly name: string}
  | {readonly kind: 'tag'; readonly name: string}
  | {readonly kind: 'pull'; readonly name: string}
  | {readonly kind: 'none'}

/** Pull request of an event. */
export interface PullRequest {
  readonly number: number
  /** Newest commit of its branch. */
  readonly headSha: string | undefined
  /** Source branch, in the fork if `fromFork` is true. */
  readonly headRef: string | undefined
  readonly baseRef: string | undefined
  /** The head is in another repository than the base, in a deleted one, or in an unknown one. */
  readonly fromFork: boolean
}

/** GitHub release of an event. */
export interface Release {
  readonly tag: string
  readonly prerelease: boolean
  readonly draft: boolean
}

/** Facts about the repository for labels, the default image name and `edge`. */
export interface RepositoryInfo {
  readonly owner: string
  /** Kind of the owner, if the payload states it. */
  readonly ownerType?: 'User' | 'Organization'
  readonly name: string
  /** Default branch. Undefined if neither the payload nor the API has it. */
  readonly defaultBranch: string | undefined
  readonly description: string | undefined
  /** SPDX identifier. */
  readonly license: string | undefined
  /** Web address: `https://github.com/owner/name`, or that on the Enterprise server. */
  readonly url: string
  /** A fork runs the workflows of its parent without the parent's secrets. */
  readonly isFork: boolean | undefined
}

/** Workflow run that triggered this one (`workflow_run`). */
export interface UpstreamRun {
  /** Event of that run, such as `pull_request`. */
  readonly event: string
  /** Run for a commit of another repository, or of a deleted one. */
  readonly fromFork: boolean
  readonly byDependabot: boolean
  /** Branch or tag that it ran for. GitHub does not distinguish them. */
  readonly headBranch: string | undefined
  readonly headSha: string | undefined
}

/** Ref and commit of the event, if the build reads another commit. */
interface EventCommit {
  readonly ref: Ref
  readonly fullRef: string
  readonly sha: string
  /** The built commit is of this repository, as far as known. */
  readonly isOwn: boolean
  /** Web address of the built repository, if it is another one. */
  readonly source: string | undefined
}

/** Workflow run. */
export interface RunInfo {
  readonly id: string
  readonly number: string
  readonly attempt: string
  /** Web address of the run. */
  readonly url: string
}

/** Context of a run in Git and on GitHub, as plain values. */
export interface GitContext {
  readonly event: EventKind
  /** `github.event_name`, also for events that Tagboat does not distinguish. */
  readonly eventName: string
  /** `opened`, `published`, … if the event has an action. */
  readonly action: string | undefined
  readonly ref: Ref
  /** Full ref; empty for `none`. */
  readonly fullRef: string
  /** Commit that is built: 40 or 64 hex digits; empty if the event has none. */
  readonly sha: string
  /** Date of that commit (ISO 8601), if the payload has it. */
  readonly commitDate: string | undefined
  /**
   * Publishing is not allowed: the event deleted the ref, closed the pull request without a merge, or unpublished the
   * release, or the release is a draft.
   */
  readonly gone: boolean
  /** Branch that a tag was pushed from, or target branch of a pull request or merge group. */
  readonly baseRef: string | undefined
  /** Pull request that the event is about. `ref` is the ref that is built: after a merge it is the branch. */
  readonly pull: PullRequest | undefined
  readonly release: Release | undefined
  readonly upstream: UpstreamRun | undefined
  readonly actor: string
  /** Started by Dependabot on an event whose runs have no secrets and a read-only token. */
  readonly byDependabot: boolean
  readonly repository: RepositoryInfo
  readonly server: {readonly url: string; readonly apiUrl: string}
  readonly run: RunInfo
  /** Set if ref and commit are not those of the event, since the build reads another commit. */
  readonly instead?: EventCommit
}
