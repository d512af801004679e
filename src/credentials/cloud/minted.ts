import type {RegistryCredentials} from '../../registry/auth/credentials.ts'
import type {Need} from './renewed.ts'

/** Credentials of a registry that a cloud issued for this run. */
export interface Minted extends Extract<RegistryCredentials, {kind: 'basic'}> {
  /** Time when the password becomes invalid; undefined if the cloud does not state it. */
  readonly until: Date | undefined
  /** Identity for the log: `role arn:aws:iam::123456789012:role/ci`. */
  readonly identity: string
}

/** Returns valid credentials. Concurrent callers share a request. @throws TagboatError of the vendor. */
export type MintedSource = (need?: Need) => Promise<Minted>
