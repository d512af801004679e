import type {GitContext} from '../context/git-context.ts'
import {TagboatError} from '../errors/error.ts'
import {callBuilds, callMethod} from '../inputs/call.ts'
import type {CredentialInput, PublishInputs} from '../inputs/inputs.ts'
import {ecrRemedy} from '../inputs/secrets/ecr-login.ts'
import {isEcr} from '../oci/ecr.ts'
import type {PushReason, SkipReason} from '../reasons/push-reasons.ts'

/** Whether this run publishes, and why. */
export interface PushDecision {
  readonly do: boolean
  readonly reason: PushReason
}

export interface PushQuestion {
  readonly push: PublishInputs['push']
  /** Input `call`: anything but `build` evaluates the build and makes no image. */
  readonly call: string | undefined
  readonly logins: readonly CredentialInput[]
  /** There is a token of the job that ghcr.io takes. */
  readonly hasJobToken: boolean
  /** Registries that this run writes to, whose logins have to be complete. Undefined: those of all logins. */
  readonly hosts?: readonly string[]
  readonly context: GitContext
}

/**
 * Decides before anything is built. `auto` publishes, except for pull requests, Dependabot's runs and forks without
 * credentials; whatever `push` says, nothing is published where the event says that there is nothing any more.
 */
export function decidePush(question: PushQuestion): PushDecision {
  const {push, context} = question
  const refusal = forbidden(question) ?? (push === 'auto' ? unwanted(question) : undefined)
  if (refusal !== undefined) return {do: false, reason: refusal}
  return {do: true, reason: push === 'true' ? {code: 'push-true'} : occasion(context)}
}

/**
 * Checks the credentials of a run that publishes.
 * @throws TagboatError `credentials-missing`, as `missingCredentials` gives it.
 */
export function requireCredentials(question: PushQuestion): void {
  const failure = missingCredentials(question)
  if (failure !== undefined) throw failure
}

/** `credentials-missing` when a login to a registry that the run writes to has no user name or password. */
export function missingCredentials(question: PushQuestion): TagboatError | undefined {
  const incomplete = incompleteLogins(question)
  return incomplete.length === 0 ? undefined : credentialsMissing(incomplete, question)
}

/** Reason why the event has nothing to publish; undefined when it has. */
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

/** Reason that no input overrides: there is no image, or its tag would be wrong. */
function forbidden({push, call, context}: PushQuestion): PushReason | undefined {
  if (!callBuilds(call)) return {code: 'call-without-image', call: callMethod(call)}
  return push === 'false' ? {code: 'push-false'} : goneReason(context)
}

function unwanted(question: PushQuestion): PushReason | undefined {
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

/** A merge queue's candidate is published: it takes tags of its own and none of the branch that it may reach. */
function occasion({event, eventName, ref, baseRef}: GitContext): PushReason {
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

function credentialsMissing(logins: readonly CredentialInput[], question: PushQuestion): TagboatError {
  const remedy = missingRemedy(logins, question)
  return new TagboatError('credentials-missing', {
    message: `The login to ${logins.map(({host}) => host).join(', ')} has an empty user name or password.`,
    evidence: logins.flatMap(emptyFields),
    ...(remedy !== undefined && {remedy}),
  })
}

function missingRemedy(logins: readonly CredentialInput[], {push, context}: PushQuestion): string | undefined {
  if (logins.every(({host}) => isEcr(host))) return ecrRemedy
  if (!context.byDependabot && context.pull?.fromFork !== true) return undefined
  return push === 'true'
    ? 'Leave `push` on `auto`: runs of Dependabot and of pull requests from forks have no secrets.'
    : 'Set `cache-to` only if the secrets exist: runs of Dependabot and of pull requests from forks have none.'
}

function emptyFields({host, username, password, source, line}: CredentialInput): readonly string[] {
  const where = source === 'inputs' ? '' : `registry-auth${line === undefined ? '' : `, line ${line}`}: `
  const fields = [...(username === '' ? ['username'] : []), ...(password.isEmpty ? ['password'] : [])]
  return fields.map((field) => `${where}${field} is empty (registry ${host})`)
}
