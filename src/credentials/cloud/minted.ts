import type {Secret} from '../../errors/secret.ts'

/** Credentials of a registry that a cloud issued for this run. */
export interface Minted {
  readonly username: string
  readonly password: Secret
  /** Time when the password becomes invalid; undefined if the cloud does not state it. */
  readonly until: Date | undefined
  /** Identity for the log: `role arn:aws:iam::123456789012:role/ci`. */
  readonly identity: string
}
