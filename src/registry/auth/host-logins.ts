import {authorization, type Authorization} from './authorization.ts'
import type {CredentialUse, RegistryCredentials} from './credentials.ts'
import type {AuthorizationOptions} from './fetch-token.ts'
import type {Scope} from './scope.ts'

/** Settings of the logins to a registry host. */
interface HostLoginOptions extends Omit<AuthorizationOptions, 'credentials'> {
  readonly credentials: (use: CredentialUse) => Promise<RegistryCredentials | undefined>
  /** Returns the name of the login for a scope. */
  readonly login: (scope: Scope | undefined) => string
}

/** Login to a registry host, and what is requested with it. */
interface ScopedAuthorization {
  readonly authorization: Authorization
  readonly scopes: readonly Scope[]
}

interface NewLogin {
  readonly scope: Scope | undefined
  readonly challenge: string | undefined
  /**
   * Whether refused credentials are not replaced: the attributes of tags need a right of their own, and their refusal
   * is not one of the login.
   */
  readonly isKept: boolean
}

/** Logins to one registry host, each with its own tokens and state. */
export class HostLogins {
  readonly #options: HostLoginOptions
  readonly #authorizations = new Map<string, Authorization>()

  constructor(options: HostLoginOptions) {
    this.#options = options
  }

  /**
   * Login for the first scope, and all scopes of that login: a blob of a repository with another one cannot be mounted.
   * @param challenge `WWW-Authenticate` header of the registry.
   */
  select(scopes: readonly Scope[], challenge: string | undefined): ScopedAuthorization {
    const {login} = this.#options
    const [first] = scopes
    const own = scopes.filter((scope) => login(scope) === login(first))
    const isKept = first?.access.includes('metadata_read') === true
    const name = isKept ? `${login(first)} metadata_read` : login(first)
    const known = this.#authorizations.get(name)
    return {authorization: known ?? this.#create(name, {scope: first, challenge, isKept}), scopes: own}
  }

  #create(name: string, {scope, challenge, isKept}: NewLogin): Authorization {
    const {credentials} = this.#options
    const created = authorization({
      ...this.#options,
      credentials: async (refused) => (isKept && refused !== undefined ? undefined : credentials({scope, refused})),
    })
    created.learn(challenge)
    this.#authorizations.set(name, created)
    return created
  }

  /** State of the login for a scope: whether there is one, and whether it replaces another that was refused. */
  async state(scope: Scope): Promise<{readonly authenticated: boolean; readonly isReplaced: boolean}> {
    const {credentials, login} = this.#options
    const authenticated = (await credentials({scope})) !== undefined
    return {authenticated, isReplaced: this.#authorizations.get(login(scope))?.isReplaced() ?? false}
  }
}
