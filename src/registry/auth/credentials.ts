import type {Secret} from '../../errors/secret.ts'
import type {Scope} from './scope.ts'

/** Credentials for a registry. */
export type RegistryCredentials =
  | {readonly kind: 'basic'; readonly username: string; readonly password: Secret}
  /** Refresh token for the token server of the registry. */
  | {readonly kind: 'identity-token'; readonly token: Secret}
  /** Token for the registry itself (`registrytoken` in the configuration of the Docker CLI). */
  | {readonly kind: 'bearer'; readonly token: Secret}

/** Use of credentials. */
export interface CredentialUse {
  /** Actions in a repository that they are for. */
  readonly scope?: Scope | undefined
  /** Credentials that the registry has accepted before and now refuses. They are replaced if their source has others. */
  readonly refused?: RegistryCredentials | undefined
}

/** Looks up the credentials for a registry host. Undefined for anonymous requests. */
export type CredentialLookup = (host: string, use?: CredentialUse) => Promise<RegistryCredentials | undefined>
