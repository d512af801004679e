import type {Secret} from '../../errors/secret.ts'

/** How a run proves itself to a registry. */
export type RegistryCredentials =
  | {readonly kind: 'basic'; readonly username: string; readonly password: Secret}
  /** A refresh token: the token server of the registry takes it, the registry itself does not. */
  | {readonly kind: 'identity-token'; readonly token: Secret}
  /** A token that the registry takes as it is (`registrytoken` of the Docker CLI's configuration). */
  | {readonly kind: 'bearer'; readonly token: Secret}

/** The credentials for a registry host; undefined: there are none, and it is asked as nobody. */
export type CredentialLookup = (host: string) => Promise<RegistryCredentials | undefined>
