import type {Io} from '../io/io.ts'
import type {Registries, RegistryUser} from '../run/registries.ts'
import {checkPushes, type PushCheck, type PushTarget} from './check-pushes.ts'

/** Parts of a build session. */
interface Session extends Pick<RegistryUser, 'logins'> {
  readonly minted: NonNullable<RegistryUser['minted']>
  readonly dockerConfig: Pick<RegistryUser, 'userConfig' | 'userDirectory'>
  /** Waits for requests that nothing else awaits before the connections are closed. */
  readonly keepOpenFor: (requests: Promise<void>) => void
  readonly io: Io
  readonly openRegistries: (user: RegistryUser, retries: number, io: Io) => Promise<Registries>
}

/** Time that a check of something optional may take, while the builder starts. */
const limitMs = 3_000

/**
 * Asks the registries of caches whose errors the build ignores, with clients of their own. A registry that has not
 * answered after a few seconds counts as unknown, and the requests to it end.
 */
export async function checkOptional(targets: readonly PushTarget[], session: Session): Promise<readonly PushCheck[]> {
  const {io, logins, minted, dockerConfig, openRegistries} = session
  const {userConfig, userDirectory} = dockerConfig
  const end = new AbortController()
  const limit = new AbortController()
  const signal = AbortSignal.any([io.signal, end.signal])
  const user = {logins, minted, userConfig, userDirectory, pushedTo: targets.map(({repository}) => repository)}
  const registries = await openRegistries(user, 0, {...io, signal})
  const close = (): void => {
    end.abort()
    registries[Symbol.dispose]()
  }
  const late = io.timer(AbortSignal.any([signal, limit.signal])).sleep(limitMs)
  const asking = checkPushes(targets, {clients: registries.clients, minted, time: 'before-build'})
  const checks = await Promise.race([asking, late.catch(async () => asking)])
  limit.abort()
  if (checks === undefined) {
    close()
    return targets.map(unanswered)
  }
  session.keepOpenFor(Promise.all(checks.map(async ({cancelled}) => cancelled)).then(close))
  return checks
}

function unanswered(target: PushTarget): PushCheck {
  return {target, refusal: undefined, isKnown: false, fixed: undefined, cancelled: Promise.resolve()}
}
