import type {Secret} from '../../errors/secret.ts'
import type {CloudInputs} from './cloud-inputs.ts'
import type {LoginScope} from './login-scope.ts'

/** Credentials for a registry, with their source for messages. */
export interface CredentialInput {
  /** Normalized host, `docker.io` for Docker Hub. */
  readonly host: string
  /** Part of the registry that the login is for; undefined for all of it. */
  readonly scope?: LoginScope | undefined
  readonly username: string
  readonly password: Secret
  readonly source: 'inputs' | 'registry-auth'
  /** Set if no input names the host, which is Docker Hub by default. */
  readonly isUnnamed?: true
  /** 1-based line number in `registry-auth`. */
  readonly line?: number | undefined
  /** Keys of an identity that the item has, but without a value. */
  readonly emptyKeys?: readonly string[] | undefined
}

export interface CredentialInputs {
  readonly logins: readonly CredentialInput[]
  readonly clouds?: CloudInputs | undefined
  readonly exportLogin: boolean
  /** Token of the job for ghcr.io, the GitHub API and Git contexts. */
  readonly githubToken: Secret | undefined
}
