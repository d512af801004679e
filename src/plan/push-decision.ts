import type {GitContext} from '../context/git-context.ts'
import type {TagboatError} from '../errors/error.ts'
import {callBuilds, callMethod} from '../inputs/call.ts'
import type {CredentialInput} from '../inputs/credentials/credentials.ts'
import type {PublishInputs} from '../inputs/inputs.ts'
import type {PushReason, SkipReason} from '../reasons/push-reasons.ts'

/** Decision whether this run publishes, with the reason. */
export interface PushDecision {
  readonly do: boolean
  readonly reason: PushReason
}

export interface PushQuestion {
  readonly push: PublishInputs['push']
  /** Input `call`: any value other than `build` evaluates the build and creates no image. */
  readonly call: string | undefined
  readonly logins: readonly CredentialInput[]
  /** Whether there is a job token that ghcr.io accepts. */
  readonly hasJobToken: boolean
  /** Registries that this run writes to, whose logins must be complete. Undefined means those of all logins. */
  readonly hosts?: readonly string[]
  readonly context: GitContext
}

/**
 * Decides whether to publish. `auto` publishes, except for pull requests, runs of Dependabot, and forks without
 * credentials. Whatever the value of `push`, nothing is published for a ref or release that was deleted.
 */
export function decidePush(question: PushQuestion): PushDecision {
  const {push, context} = question
  const refusal = forbidden(question) ?? (push === 'auto' ? declinedByAuto(question) : undefined)
  if (refusal !== undefined) return {do: false, reason: refusal}
  return {do: true, reason: push === 'true' ? {code: 'push-true'} : autoReason(context)}
}

/**
 * Checks the credentials of a run that publishes.
 * @throws TagboatError `credentials-missing`
 */
export async function requireCredentials(question: PushQuestion): Promise<void> {
  const failure = await missingCredentials(question)
  if (failure !== undefined) throw failure
}

/** Error `credentials-missing` if a login to a registry that the run writes to has no user name or password. */
export async function missingCredentials(question: PushQuestion): Promise<TagboatError | undefined> {
  const incomplete = incompleteLogins(question)
  return incomplete.length === 0
    ? undefined
    : (await import('./credentials-missing.ts')).credentialsMissing(incomplete, question)
}

/** Reason why the event has nothing to publish; undefined if it has. */
export function goneReason({gone, event, action, ref, release}: GitContext): SkipReason | undefined {
  if (!gone) return undefined
  if (event === 'release') {
    const name = release?.tag ?? ''
    return release?.draft === true
      ? {code: 'release-draft', release: name}
      : {code: 'release-gone', release: name, action}
  }
  const isPull = event === 'pull_request' || event === 'pull_request_target'
  return {code: isPull ? 'pull-request-closed' : 'ref-deleted', ref}
}

/** Reason that `push: true` does not override; undefined if the run may publish. */
function forbidden({push, call, context}: PushQuestion): PushReason | undefined {
  if (!callBuilds(call)) return {code: 'call-without-image', call: callMethod(call)}
  return push === 'false' ? {code: 'push-false'} : goneReason(context)
}

/** Reason why `push: auto` does not publish; undefined if it does. */
function declinedByAuto(question: PushQuestion): PushReason | undefined {
  const {context} = question
  const {byDependabot, upstream, repository} = context
  if (isPullRequest(context)) return {code: 'pull-request', number: context.pull?.number}
  if (byDependabot) return {code: 'dependabot'}
  if (upstream?.event.startsWith('pull_request') === true || upstream?.fromFork === true)
    return {code: 'after-pull-request'}
  if (upstream?.byDependabot === true) return {code: 'after-dependabot'}
  const hosts = incompleteLogins(question).map(({host}) => host)
  if (repository.isFork !== true || hosts.length === 0) return undefined
  return {code: 'fork-without-credentials', repository: `${repository.owner}/${repository.name}`, hosts}
}

/** Reports whether the run is for a pull request. Its ref may be a branch: after a merge, or for a comment on it. */
function isPullRequest({event, ref, pull}: GitContext): boolean {
  return event === 'pull_request' || event === 'pull_request_target' || ref.kind === 'pull' || pull !== undefined
}

/** Reason why `push: auto` publishes. The commit of a merge queue gets its own tags, not those of the target branch. */
function autoReason({event, eventName, ref, baseRef}: GitContext): PushReason {
  return event === 'merge_group'
    ? {code: 'push-auto-merge-queue', branch: baseRef}
    : {code: 'push-auto', event: eventName, ref}
}

/**
 * Logins without a user name or password, to registries that the run writes to. For ghcr.io, the actor and the job token
 * complete them, if there is a token.
 */
function incompleteLogins({logins, hasJobToken, hosts}: PushQuestion): readonly CredentialInput[] {
  return logins.filter(({host, username, password}) => {
    const isNeeded = hosts === undefined || hosts.includes(host)
    const fillsIn = host === 'ghcr.io' && hasJobToken
    return isNeeded && !fillsIn && (username === '' || password.isEmpty)
  })
}
