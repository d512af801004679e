import type {SecretKeeper} from '../../errors/known-secrets.ts'
import type {Http} from '../../io/http.ts'
import type {CredentialLookup} from '../auth/credentials.ts'
import type {Retrier} from '../retry.ts'

/** Side effects of requests to services that belong to a registry, but have another address or another login. */
export interface ServiceIo {
  readonly http: Http
  /** Credentials of this run for a registry. They are sent only to addresses that its vendor documents. */
  readonly credentials: CredentialLookup
  /** Retries, with the clock and the signal of the run. */
  readonly retrier: Retrier
  /** Keeper of the tokens that services issue. */
  readonly secrets: SecretKeeper
}
