import type {Io} from '../io/io.ts'
import type {Repository} from '../oci/reference.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {readsHost} from './reads-packages.ts'

/**
 * Registries that only images with `required=false` need. Docker gets no login to them: the copies after the build use
 * the credentials directly. With `export-login`, Docker gets each login for later steps.
 * @param needed repositories that the build writes to.
 */
export async function mirrorHosts(
  prepared: Prepared,
  needed: readonly Repository[],
  io: Io,
): Promise<ReadonlySet<string>> {
  const {plan, inputs} = prepared
  if (inputs.credentials.exportLogin) return new Set()
  const isRead = await readsHost(prepared, io)
  const isNeeded = (host: string): boolean => isRead(host) || needed.some((one) => one.host === host)
  return new Set((plan.bestEffort ?? []).map(({host}) => host).filter((host) => !isNeeded(host)))
}
