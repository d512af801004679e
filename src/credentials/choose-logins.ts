import type {GitContext} from '../context/git-context.ts'
import type {CredentialInputs} from '../inputs/credentials/credentials.ts'
import type {Repository} from '../oci/reference.ts'
import {hasLoginFor, type DockerConfig} from './docker-config.ts'
import type {Login} from './login.ts'
import {loginFor} from './scoped-logins.ts'

/** Facts that decide which logins a run needs. */
interface LoginRequest {
  readonly inputs: CredentialInputs
  readonly context: GitContext
  /** Repositories that this run pushes to; empty if it does not push. */
  readonly pushedTo: readonly Repository[]
  /** Repositories that this run pushes to if it can. */
  readonly bestEffort?: readonly Repository[] | undefined
  /** Reports whether this run may read images or caches from ghcr.io. */
  readonly readsPackages?: boolean
  readonly userConfig: DockerConfig
}

const packageRegistry = 'ghcr.io'

/**
 * Chooses the logins of this run: the complete ones of the inputs, and ghcr.io with the actor and the job token. The
 * latter is used if the run pushes to ghcr.io or may read from it, and neither the inputs nor the user's configuration
 * has a login for it. The token is sent to no other registry, and the token of a GitHub Enterprise server is not sent to
 * ghcr.io. A login that only repositories with `required=false` need is optional.
 */
export function chooseLogins(request: LoginRequest): readonly Login[] {
  const {pushedTo, bestEffort = []} = request
  const logins = choose({...request, pushedTo: [...pushedTo, ...bestEffort]})
  const isOf =
    (login: Login) =>
    (repository: Repository): boolean =>
      loginFor(logins, {...repository, isPushed: true}) === login
  return logins.map((login) =>
    bestEffort.some(isOf(login)) && !pushedTo.some(isOf(login)) ? {...login, isOptional: true} : login,
  )
}

function choose(request: LoginRequest): readonly Login[] {
  const {inputs, context, pushedTo, readsPackages = false, userConfig} = request
  const complete = fromInputs(request).filter(isComplete)
  const isScoped = (repository: Repository): boolean =>
    loginFor(inputs.logins, {...repository, isPushed: true})?.scope !== undefined
  const pushesPackages = pushedTo.some((one) => one.host === packageRegistry && !isScoped(one))
  const isConfigured = inputs.logins.some(({host, scope}) => host === packageRegistry && scope === undefined)
  const token = jobToken(inputs, context)
  const usesPackages = pushesPackages || readsPackages
  if (!usesPackages || isConfigured || token === undefined || hasLoginFor(userConfig, packageRegistry)) return complete
  const tokenLogin = {host: packageRegistry, username: context.actor, password: token}
  return [...complete, pushesPackages ? tokenLogin : {...tokenLogin, isOptional: true}]
}

/** Registries of the inputs for which there is no login, because the user name or the password is empty. */
export function incompleteHosts(request: Pick<LoginRequest, 'inputs' | 'context'>): readonly string[] {
  return fromInputs(request).flatMap((login) => (isComplete(login) ? [] : [login.host]))
}

function fromInputs({inputs, context}: Pick<LoginRequest, 'inputs' | 'context'>): readonly Login[] {
  return inputs.logins.map(({host, scope, username, password}) => {
    const login = {host, username, password, ...(scope !== undefined && {scope})}
    return host === packageRegistry && scope === undefined ? withDefaults(login, inputs, context) : login
  })
}

function isComplete({username, password}: Login): boolean {
  return username !== '' && !password.isEmpty
}

/**
 * Lists the registries that the run pushes to without known credentials. Empty if the user's configuration has a
 * credential store: it is queried only when Buildx pushes.
 */
export function hostsWithoutLogin(
  {pushedTo, userConfig}: Pick<LoginRequest, 'pushedTo' | 'userConfig'>,
  logins: readonly Pick<Login, 'host' | 'scope'>[],
): readonly string[] {
  if (typeof userConfig['credsStore'] === 'string' && userConfig['credsStore'] !== '') return []
  const without = pushedTo.filter((one) => loginFor(logins, {...one, isPushed: true}) === undefined)
  return [...new Set(without.map(({host}) => host))].filter((host) => !hasLoginFor(userConfig, host))
}

function withDefaults(login: Login, inputs: CredentialInputs, context: GitContext): Login {
  const token = jobToken(inputs, context)
  return {
    host: login.host,
    username: login.username === '' ? context.actor : login.username,
    password: login.password.isEmpty && token !== undefined ? token : login.password,
  }
}

/** Job token, if ghcr.io accepts it. Undefined on a GitHub Enterprise server, whose tokens are not for ghcr.io. */
export function jobToken({githubToken}: CredentialInputs, {server}: GitContext): CredentialInputs['githubToken'] {
  return githubToken === undefined || githubToken.isEmpty || server.url !== 'https://github.com'
    ? undefined
    : githubToken
}
