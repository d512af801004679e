import {AmazonTokens} from './aws.ts'
import {AzureTokens} from './azure.ts'
import type {CloudLogin} from './choose-identities.ts'
import {ecrApi, type EcrApi} from './ecr-api.ts'
import {dockerHubToken} from './docker-hub.ts'
import {googleToken} from './google.ts'
import {googleFileCredentials} from './google-file.ts'
import {jfrogToken} from './jfrog.ts'
import type {Minted, MintedSource} from './minted.ts'
import {quayToken} from './quay.ts'
import {renewed, Shared, type Need} from './renewed.ts'
import type {TokenServiceIo} from './token-service.ts'

/** Token services of a run. Registries with the same identity share their answers. */
export class TokenServices {
  readonly #io: TokenServiceIo
  readonly #amazon: AmazonTokens
  readonly #azure: AzureTokens
  readonly #tokens: Shared<Minted>

  constructor(io: TokenServiceIo) {
    const {now} = io.retrier.timer
    this.#io = io
    this.#amazon = new AmazonTokens(io)
    this.#azure = new AzureTokens(io)
    this.#tokens = new Shared(now)
  }

  /** Credentials that are requested when they are first used, and again before they expire, or if they are refused. */
  open(login: CloudLogin): MintedSource {
    return renewed(async (need) => this.#mint(login, need), this.#io.retrier.timer.now)
  }

  /** API of a registry of Amazon ECR, with the identity of its credentials; undefined for other registries. */
  ecr({host, identity}: CloudLogin): EcrApi | undefined {
    return identity.vendor === 'aws' ? ecrApi({host, ...identity}, this.#amazon, this.#io) : undefined
  }

  /** Requests the credentials of a registry. @throws TagboatError of the vendor. */
  async #mint({host, identity}: CloudLogin, need: Need): Promise<Minted> {
    const io = this.#io
    const {vendor, identity: one} = identity
    switch (vendor) {
      case 'aws':
        return this.#amazon.password({host, ...identity}, need)
      case 'google':
        return this.#tokens.get([vendor, one], need, async () => googleToken(one, io))
      case 'google-file':
        return this.#tokens.get([vendor, one], need, async () => googleFileCredentials(one, io))
      case 'azure':
        return this.#azure.token(host, one)
      case 'docker-hub':
        return this.#tokens.get([vendor, one], need, async () => dockerHubToken(one, io))
      case 'quay':
        return quayToken(host, one, io)
      case 'jfrog':
        return jfrogToken(host, one, io)
    }
  }
}
