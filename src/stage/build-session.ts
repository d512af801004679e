import type {Login} from '../credentials/login.ts'
import type {BuilderLife} from '../builder/builder-life.ts'
import type {Io} from '../io/io.ts'
import type {MintedCredentials} from '../run/clouds.ts'
import type {CredentialServer} from '../run/credential-server.ts'
import type {PrivateDockerConfig} from '../run/private-config.ts'
import type {Prepared} from '../prepare/prepare.ts'
import type {Registries} from '../run/registries.ts'

/** Logins of a run, and the credentials that clouds issue for it. */
export interface Credentials {
  readonly logins: readonly Login[]
  readonly minted: readonly MintedCredentials[]
}

/** Resources of a run that builds. Disposing it closes the registry connections and removes the builder. */
export interface BuildSession extends Credentials, AsyncDisposable {
  readonly prepared: Prepared
  readonly dockerConfig: PrivateDockerConfig
  readonly builder: BuilderLife
  /** Credentials that Docker gets, at most one for each registry. */
  readonly docker: Credentials
  /** Gives the credentials of clouds to Docker's programs. Undefined if they are in the private configuration. */
  readonly server: CredentialServer | undefined
  /** Credentials for images with `required=false`, which the build does not need. */
  readonly mirrors: Credentials
  readonly registries: Registries
  /** Begins to log Docker in, once. @throws TagboatError `login-refused`, `login-failed` */
  readonly beginLogin: () => Promise<void>
  /** Waits for the login, and logs its result once. @throws as `beginLogin` */
  readonly logIn: () => Promise<void>
  /** Whether the configuration contains the logins before: the registries check them before the build. */
  readonly isEarly: boolean
  /** Whether an earlier build of this run has written the caches. */
  readonly isRebuild?: boolean
  /** Waits for requests that nothing else awaits before the connections are closed. They must not reject. */
  readonly keepOpenFor: (requests: Promise<void>) => void
  readonly io: Io
}
