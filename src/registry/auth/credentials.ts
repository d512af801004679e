import type {Secret} from '../../errors/secret.ts'

/** Credentials for a registry. */
export type RegistryCredentials =
  | {readonly kind: 'basic'; readonly username: string; readonly password: Secret}
  /** Refresh token for the token server of the registry. */
  | {readonly kind: 'identity-token'; readonly token: Secret}
  /** Token for the registry itself (`registrytoken` in the configuration of the Docker CLI). */
  | {readonly kind: 'bearer'; readonly token: Secret}

/**
 * Looks up the credentials for a registry host. Undefined for anonymous requests. Credentials that the registry has
 * accepted before and now refuses, `refused`, are replaced if their source has others.
 */
export type CredentialLookup = (host: string, refused?: RegistryCredentials) => Promise<RegistryCredentials | undefined>
