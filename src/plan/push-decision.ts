import type {GitContext, Ref} from '../context/git-context.ts'
import {TagboatError} from '../errors/error.ts'
import {callBuilds, callMethod} from '../inputs/call.ts'
import type {CredentialInput, PublishInputs} from '../inputs/inputs.ts'

/** Whether this run publishes, and why: one line for the log, the plan and the summary. */
export interface PushDecision {
  readonly do: boolean
  readonly reason: string
}

export interface PushQuestion {
  readonly push: PublishInputs['push']
  /** Input `call`: anything but `build` evaluates the build and makes no image. */
  readonly call: string | undefined
  readonly logins: readonly CredentialInput[]
  /** There is a token of the job that ghcr.io takes. */
  readonly hasJobToken: boolean
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
  return {do: true, reason: push === 'true' ? 'push: true' : `push: auto, ${occasion(context)}`}
}

/**
 * For a run that is to publish.
 * @throws TagboatError `credentials-missing`, as `missingCredentials` gives it.
 */
export function requireCredentials(question: PushQuestion): void {
  const failure = missingCredentials(question)
  if (failure !== undefined) throw failure
}

/** `credentials-missing` when a login has no user name or password. */
export function missingCredentials(question: PushQuestion): TagboatError | undefined {
  const incomplete = incompleteLogins(question)
  return incomplete.length === 0 ? undefined : credentialsMissing(incomplete, question.context)
}

/** Why the event leaves nothing to publish; undefined where there is something. */
export function goneReason({gone, event, action, ref, release}: GitContext): string | undefined {
  if (!gone) return undefined
  if (event === 'release')
    return `release ${release?.tag ?? ''} ${release?.draft === true ? 'is a draft' : `was ${action ?? 'taken back'}`}`
  if (event === 'pull_request' || event === 'pull_request_target') return `${refText(ref)} was closed without a merge`
  return `${refText(ref)} was deleted`
}

/** What no setting overrides: there is no image, or a tag for it would be a lie. */
function forbidden({push, call, context}: PushQuestion): string | undefined {
  if (!callBuilds(call)) return `call: ${callMethod(call)} makes no image`
  if (push === 'false') return 'push: false'
  const gone = goneReason(context)
  return gone === undefined ? undefined : `${gone}: there is nothing to publish`
}

function unwanted(question: PushQuestion): string | undefined {
  const {context} = question
  const {byDependabot, upstream, repository} = context
  if (isPullRequest(context)) return `push: auto does not publish ${pullText(context)}`
  if (byDependabot) return 'push: auto does not publish runs of Dependabot: they see no secrets and a read-only token'
  if (upstream?.event.startsWith('pull_request') === true || upstream?.fromFork === true)
    return 'push: auto does not publish after the workflow run of a pull request'
  if (upstream?.byDependabot === true) return 'push: auto does not publish after a workflow run of Dependabot'
  const hosts = incompleteLogins(question).map(({host}) => host)
  if (repository.isFork !== true || hosts.length === 0) return undefined
  return `${repository.owner}/${repository.name} is a fork without credentials for ${hosts.join(', ')}`
}

/** Also where the ref is a branch: after a merge, and for a comment on a pull request, whose code may be checked out. */
function isPullRequest({event, ref, pull}: GitContext): boolean {
  return event === 'pull_request' || event === 'pull_request_target' || ref.kind === 'pull' || pull !== undefined
}

function pullText({pull}: GitContext): string {
  return pull === undefined ? 'pull requests' : `pull request ${pull.number}`
}

/** A merge queue's candidate is published: it takes tags of its own and none of the branch that it may reach. */
function occasion({event, eventName, ref, baseRef}: GitContext): string {
  if (event === 'merge_group') return `merge queue candidate for ${baseRef ?? 'its branch'}`
  return ref.kind === 'none' ? `event ${eventName}` : `${eventName} of ${refText(ref)}`
}

function refText(ref: Ref): string {
  switch (ref.kind) {
    case 'branch':
      return `branch ${ref.name}`
    case 'tag':
      return `tag ${ref.name}`
    case 'pull':
      return `pull request ${ref.name}`
    case 'none':
      return 'the ref'
  }
}

/** For ghcr.io the actor and the job's token fill in what is empty, where there is such a token. */
function incompleteLogins({logins, hasJobToken}: PushQuestion): readonly CredentialInput[] {
  return logins.filter(({host, username, password}) => {
    const fillsIn = host === 'ghcr.io' && hasJobToken
    return !fillsIn && (username === '' || password.isEmpty)
  })
}

function credentialsMissing(logins: readonly CredentialInput[], context: GitContext): TagboatError {
  const withoutSecrets = context.byDependabot || context.pull?.fromFork === true
  return new TagboatError('credentials-missing', {
    message: `The login to ${logins.map(({host}) => host).join(', ')} has an empty user name or password.`,
    evidence: logins.flatMap(emptyFields),
    ...(withoutSecrets
      ? {remedy: 'Leave `push` on `auto`: runs of Dependabot and of pull requests from forks see no secrets.'}
      : {}),
  })
}

function emptyFields({host, username, password, source, line}: CredentialInput): readonly string[] {
  const where = source === 'inputs' ? '' : `registry-auth${line === undefined ? '' : `, line ${line}`}: `
  const fields = [...(username === '' ? ['username'] : []), ...(password.isEmpty ? ['password'] : [])]
  return fields.map((field) => `${where}${field} is empty (registry ${host})`)
}
