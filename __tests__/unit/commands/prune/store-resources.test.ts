import {expect, test} from '@jest/globals'
import {storeResources} from '../../../../src/commands/prune/store-resources.ts'
import {Secret} from '../../../../src/errors/secret.ts'
import type {MintedCredentials} from '../../../../src/run/clouds.ts'
import {scriptedHttp} from '../../../../testing/fake-io.ts'
import {pushOf} from '../../../../testing/plans.ts'
import {testResources} from '../../../../testing/vendors/store-resources.ts'

const {clients, services} = testResources(scriptedHttp(() => ({status: 500, headers: {}, body: Buffer.alloc(0)})))
const registries = {clients, services, undoClients: () => clients}
const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const ecr = {call: async () => Promise.reject(new Error('unexpected request'))}
const minted: readonly MintedCredentials[] = [
  {host, isOptional: false, ecr, get: async () => Promise.reject(new Error('unexpected request'))},
]

test('a host has its API of ECR', async () => {
  const inputs = {credentials: {githubToken: undefined}}
  const resources = await storeResources({registries, minted, inputs, context: pushOf('refs/heads/main')})
  expect(resources.ecr({host, path: 'acme/app'})).toBe(ecr)
  expect(resources.ecr({host: 'ghcr.io', path: 'acme/app'})).toBeUndefined()
  expect(resources.gitHub).toBeUndefined()
  expect(resources.gitHubServer).toBe('https://github.com')
})

test.each([
  ['Organization', 'orgs'],
  ['User', 'users'],
  [undefined, undefined],
] as const)('the owner %s is one of %s', async (ownerType, kind) => {
  const {repository, server} = pushOf('refs/heads/main')
  const context = {server, repository: {...repository, ...(ownerType && {ownerType})}}
  const inputs = {credentials: {githubToken: new Secret('ghs_token')}}
  const {gitHub} = await storeResources({registries, minted: [], inputs, context})
  expect(gitHub?.knownKind(repository.owner)).toBe(kind)
})
