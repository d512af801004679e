import {ecrPassword} from './aws.ts'
import {azureToken} from './azure.ts'
import type {CloudLogin} from './choose-identities.ts'
import {dockerHubToken} from './docker-hub.ts'
import {googleToken} from './google.ts'
import type {Minted} from './minted.ts'
import type {TokenServiceIo} from './token-service.ts'

/** Requests the credentials of a registry. @throws TagboatError of the vendor. */
async function mint({host, identity}: CloudLogin, io: TokenServiceIo): Promise<Minted> {
  switch (identity.vendor) {
    case 'aws':
      return ecrPassword({host, ...identity}, io)
    case 'google':
      return googleToken(identity.identity, io)
    case 'azure':
      return azureToken(host, identity.identity, io)
    case 'docker-hub':
      return dockerHubToken(identity.identity, io)
  }
}

/** Time in ms since the epoch. Credentials that are expired on arrival mean clock skew: they are used until the end. */
function renewalTime({until}: Minted, asked: number): number {
  const life = until === undefined ? 0 : until.getTime() - asked
  return life > 0 ? asked + life * usableShare : Number.POSITIVE_INFINITY
}

/** Share of its life after which a credential is replaced. */
const usableShare = 0.75

/** Requests the credentials when they are first used, and again before they expire. Concurrent callers share a request. */
export function renewed(login: CloudLogin, io: TokenServiceIo): () => Promise<Minted> {
  const {now} = io.retrier.timer
  let current: {readonly pending: Promise<Minted>; renewAt: number} | undefined
  const request = async (): Promise<Minted> => {
    const asked = now().getTime()
    const entry = {pending: mint(login, io), renewAt: Number.POSITIVE_INFINITY}
    current = entry
    try {
      const minted = await entry.pending
      entry.renewAt = renewalTime(minted, asked)
      return minted
    } catch (error) {
      if (current === entry) current = undefined
      throw error
    }
  }
  return async () => (current !== undefined && now().getTime() < current.renewAt ? current.pending : request())
}
