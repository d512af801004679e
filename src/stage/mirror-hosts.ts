import type {Io} from '../io/io.ts'
import type {Repository} from '../oci/reference.ts'
import type {Prepared} from '../prepare/prepare.ts'
import type {BuildSession, Credentials} from './build-session.ts'
import {readsHost} from './reads-packages.ts'

/** Separates the credentials that the build needs from those that only mirrors need. */
export async function withoutMirrors(
  {logins, minted}: Credentials,
  {prepared, needed}: {readonly prepared: Prepared; readonly needed: readonly Repository[]},
  io: Io,
): Promise<Credentials & Pick<BuildSession, 'mirrors'>> {
  const hosts = await mirrorHosts(prepared, needed, io)
  const part = (isMirror: boolean): Credentials => ({
    logins: logins.filter(({host}) => hosts.has(host) === isMirror),
    minted: minted.filter(({host}) => hosts.has(host) === isMirror),
  })
  return {...part(false), mirrors: part(true)}
}

/**
 * Registries that only images with `required=false` need. Docker gets no login to them: the copies after the build use
 * the credentials directly. With `export-login`, Docker gets each login for later steps.
 * @param needed repositories that the build writes to.
 */
async function mirrorHosts(prepared: Prepared, needed: readonly Repository[], io: Io): Promise<ReadonlySet<string>> {
  const {plan, inputs} = prepared
  if (inputs.credentials.exportLogin) return new Set()
  const isRead = await readsHost(prepared, io)
  const isNeeded = (host: string): boolean => isRead(host) || needed.some((one) => one.host === host)
  return new Set((plan.bestEffort ?? []).map(({host}) => host).filter((host) => !isNeeded(host)))
}
