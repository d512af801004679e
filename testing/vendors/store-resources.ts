import {secretKeeper} from '../../src/errors/known-secrets.ts'
import {Secret} from '../../src/errors/secret.ts'
import type {Http} from '../../src/io/http.ts'
import type {StoreResources} from '../../src/prune/store-opener.ts'
import type {RegistryCredentials} from '../../src/registry/auth/credentials.ts'
import {defaultPolicy} from '../../src/registry/retry.ts'
import {activityOf, testClients} from '../registry-client.ts'

/** Resources of a store over a network in memory, in which no time passes. */
export interface TestResources extends StoreResources {
  /** Duration of each wait of a service, in milliseconds. */
  readonly waits: readonly number[]
  /** Texts that the services have asked to mask. */
  readonly masked: readonly string[]
}

interface Login {
  readonly username: string
  readonly password: string
}

/** Time of the clock. */
export const testTime = new Date('2026-01-02T03:04:05Z')

/** Creates resources with one login for every registry; without one, requests are anonymous. */
export function testResources(http: Http, login?: Login): TestResources {
  const waits: number[] = []
  const masked: string[] = []
  const keeper = secretKeeper()
  const credentials = async (): Promise<RegistryCredentials | undefined> => {
    if (login === undefined) return Promise.resolve(undefined)
    keeper.keep(login.password)
    return Promise.resolve({kind: 'basic', username: login.username, password: new Secret(login.password)})
  }
  const secrets = {
    keep: (secret: string) => {
      masked.push(secret)
      keeper.keep(secret)
    },
    hide: keeper.hide,
  }
  return {
    waits,
    masked,
    clients: testClients(http, {credentials, secrets}),
    services: {
      http,
      credentials,
      secrets,
      retrier: {
        policy: defaultPolicy,
        timer: {
          sleep: async (ms) => {
            waits.push(ms)
            return Promise.resolve()
          },
          random: () => 0,
          now: () => testTime,
        },
        activity: activityOf(() => undefined),
        signal: new AbortController().signal,
      },
    },
    ecr: () => undefined,
    gitHub: undefined,
    gitHubServer: 'https://github.com',
  }
}
