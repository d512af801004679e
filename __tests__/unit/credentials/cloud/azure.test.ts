import {describe, expect, test} from '@jest/globals'
import {AzureTokens} from '../../../../src/credentials/cloud/azure.ts'
import type {Minted} from '../../../../src/credentials/cloud/minted.ts'
import type {TokenServiceIo} from '../../../../src/credentials/cloud/token-service.ts'
import {azureDouble, refresh} from '../../../../testing/clouds/azure.ts'
import {subject} from '../../../../testing/clouds/github-tokens.ts'
import {cloudScene, refusalOf, type CloudScene} from '../../../../testing/clouds/scene.ts'

async function azureToken(
  ...[host, identity, io]: [...Parameters<AzureTokens['token']>, TokenServiceIo]
): Promise<Minted> {
  return new AzureTokens(io).token(host, identity)
}

const host = 'example.azurecr.io'
const identity = {clientId: 'client', tenantId: 'tenant'}

function scene(options: Partial<Parameters<typeof azureDouble>[1]> = {}): CloudScene {
  return cloudScene((request, tokens) => azureDouble(request, {tokens, host, ...identity, subject, ...options}))
}

test('a federated credential gives a refresh token of the registry, in three requests', async () => {
  const {io, requests, kept} = scene()
  const minted = await azureToken(host, identity, io)
  expect({...minted, password: minted.password.reveal()}).toEqual({
    kind: 'basic',
    username: '00000000-0000-0000-0000-000000000000',
    password: refresh,
    until: new Date('2026-01-02T06:04:05Z'),
    identity: `client client as ${subject}`,
  })
  expect(requests).toHaveLength(3)
  expect(kept.slice(1)).toEqual(['canary-entra-token', refresh])
})

test.each([
  ['example.azurecr.us', 'login.microsoftonline.us'],
  ['example.azurecr.cn', 'login.partner.microsoftonline.cn'],
])('the registry %s belongs to the cloud of %s', async (registry, loginHost) => {
  const {io} = scene({host: registry, loginHost})
  await expect(azureToken(registry, identity, io)).resolves.toMatchObject({until: expect.any(Date)})
})

describe('a refusal', () => {
  test.each([
    {name: 'another subject', given: {subject: 'other'}, expected: 'azure-federation-refused'},
    {name: 'another audience', given: {audience: 'api://mine'}, expected: 'azure-federation-refused'},
    {name: 'another tenant', given: {tenantId: 'other'}, expected: 'azure-client-unknown'},
    {name: 'another client', given: {clientId: 'other'}, expected: 'azure-client-unknown'},
    {name: 'no role', given: {hasRole: false}, expected: 'acr-role-missing'},
  ])('$name: $expected', async ({given, expected}) => {
    expect((await refusalOf(azureToken(host, identity, scene(given).io))).code).toBe(expected)
  })

  test('of the credential shows the claims without the IDs of the request, and the credential to add', async () => {
    const error = await refusalOf(azureToken(host, identity, scene({subject: 'other'}).io))
    expect(error.evidence.slice(1)).toEqual([
      `AADSTS700213: No matching federated identity record found for presented assertion subject '${subject}'.`,
      'iss: https://token.actions.githubusercontent.com',
      `sub: ${subject}`,
      'aud: api://AzureADTokenExchange',
    ])
    expect(error.remedy).toContain(`the subject ${subject}`)
  })
})
