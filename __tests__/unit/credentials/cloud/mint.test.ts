import {describe, expect, test} from '@jest/globals'
import {TokenServices} from '../../../../src/credentials/cloud/mint.ts'
import type {CloudLogin} from '../../../../src/credentials/cloud/choose-identities.ts'
import type {MintedSource} from '../../../../src/credentials/cloud/minted.ts'
import {awsDouble} from '../../../../testing/clouds/aws.ts'
import {azureDouble} from '../../../../testing/clouds/azure.ts'
import {json, subject} from '../../../../testing/clouds/github-tokens.ts'
import {googleDouble, googleWorkloadFile} from '../../../../testing/clouds/google.ts'
import {cloudScene, sceneTime} from '../../../../testing/clouds/scene.ts'

const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const login: CloudLogin = {
  host,
  identity: {vendor: 'aws', identity: {kind: 'keys'}, region: undefined},
  isOptional: false,
}
const environment = {AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret'}

/** Credentials of ECR whose life in seconds is given, and a clock that the test moves. */
function given(life: number): {
  readonly source: MintedSource
  readonly get: () => Promise<string>
  readonly wait: (seconds: number) => void
} {
  let issued = 0
  let time = sceneTime
  const {io} = cloudScene(
    () => {
      issued += 1
      const token = Buffer.from(`AWS:password-${issued}`).toString('base64')
      return json(200, {authorizationData: [{authorizationToken: token, expiresAt: time.getTime() / 1000 + life}]})
    },
    {environment},
  )
  const timer = {...io.retrier.timer, now: () => time}
  const source = new TokenServices({...io, retrier: {...io.retrier, timer}}).open(login)
  return {
    source,
    get: async () => (await source()).password.reveal(),
    wait: (seconds) => {
      time = new Date(time.getTime() + seconds * 1000)
    },
  }
}

test('is requested once by concurrent callers', async () => {
  const {get} = given(1000)
  expect(await Promise.all([get(), get(), get()])).toEqual(['password-1', 'password-1', 'password-1'])
})

test('is replaced when three quarters of its life are over', async () => {
  const {get, wait} = given(1000)
  await get()
  wait(749)
  expect(await get()).toBe('password-1')
  wait(1)
  expect(await get()).toBe('password-2')
})

test('is kept if it seems to be expired on arrival: a clock is wrong', async () => {
  const {get, wait} = given(-1000)
  await get()
  wait(5000)
  expect(await get()).toBe('password-1')
})

test('of a region without a server names the region', async () => {
  const {io} = cloudScene(
    () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND api.ecr.eu-wst-1.amazonaws.com'), {code: 'ENOTFOUND'})
    },
    {environment},
  )
  const source = new TokenServices(io).open({...login, host: login.host.replace('eu-west-1', 'eu-wst-1')})
  await expect(source()).rejects.toMatchObject({code: 'aws-failed', remedy: expect.stringContaining('region eu-wst-1')})
})

test('is requested again after a failure', async () => {
  let isDown = true
  const {io} = cloudScene(
    () => {
      const token = Buffer.from('AWS:password').toString('base64')
      return isDown ? json(400, {__type: 'x'}) : json(200, {authorizationData: [{authorizationToken: token}]})
    },
    {environment},
  )
  const source = new TokenServices(io).open(login)
  await expect(source()).rejects.toMatchObject({code: 'aws-failed'})
  isDown = false
  await expect(source()).resolves.toMatchObject({username: 'AWS', until: undefined})
})

test('is replaced once if the registry refuses it', async () => {
  const {source} = given(1000)
  const first = await source()
  const [second, third] = await Promise.all([source({refused: first}), source({refused: first})])
  expect([second, third].map(({password}) => password.reveal())).toEqual(['password-2', 'password-2'])
  expect(await source({refused: first})).toBe(second)
})

test('is replaced for a program that keeps it longer than it lasts', async () => {
  const {source, wait} = given(1000)
  const passwordFor = async (validMs: number): Promise<string> => (await source({validMs})).password.reveal()
  await source()
  wait(500)
  expect(await passwordFor(500_000)).toBe('password-1')
  expect(await passwordFor(501_000)).toBe('password-2')
  expect(await passwordFor(1_001_000)).toBe('password-3')
  expect(await passwordFor(1_001_000)).toBe('password-4')
})

test('a file of Google is read again for each renewal', async () => {
  let time = sceneTime
  const provider = 'projects/1/locations/global/workloadIdentityPools/pool/providers/github'
  const files = {'/creds.json': JSON.stringify(googleWorkloadFile({provider}))}
  const {io, requests} = cloudScene((request, tokens) => googleDouble(request, {tokens, provider, subject}), {files})
  const timer = {...io.retrier.timer, now: () => time}
  const identity = {
    vendor: 'google-file',
    identity: {variable: 'GOOGLE_APPLICATION_CREDENTIALS', path: '/creds.json'},
  } as const
  const services = new TokenServices({...io, retrier: {...io.retrier, timer}})
  const source = services.open({host: 'gcr.io', identity, isOptional: false})
  for (const seconds of [0, 224, 1]) {
    time = new Date(time.getTime() + seconds * 1000)
    await source()
  }
  const exchanges = requests.filter(({url}) => url.host === 'sts.googleapis.com')
  expect(exchanges).toHaveLength(2)
})

describe('registries with the same identity share', () => {
  const account = '123456789012'
  const role = `arn:aws:iam::${account}:role/ci`
  const aws = {vendor: 'aws', identity: {kind: 'role', role}, region: undefined} as const
  const ecr = (number: string, region: string): string => `${number}.dkr.ecr.${region}.amazonaws.com`
  const [west, east] = [ecr(account, 'eu-west-1'), ecr(account, 'us-east-1')]
  const email = 'ci@project.iam.gserviceaccount.com'
  const provider = 'projects/1/locations/global/workloadIdentityPools/pool/providers/github'
  const client = {clientId: 'c', tenantId: 't'}

  test.each<{name: string; identity: CloudLogin['identity']; hosts: readonly string[]; expected: readonly string[]}>([
    {
      name: 'the session of a role in two regions',
      identity: aws,
      hosts: [west, east],
      expected: [
        'tokens.example',
        'sts.eu-west-1.amazonaws.com',
        'api.ecr.eu-west-1.amazonaws.com',
        'api.ecr.us-east-1.amazonaws.com',
      ],
    },
    {
      name: 'the password of a region for two accounts',
      identity: aws,
      hosts: [west, ecr('210987654321', 'eu-west-1')],
      expected: ['tokens.example', 'sts.eu-west-1.amazonaws.com', 'api.ecr.eu-west-1.amazonaws.com'],
    },
    {
      name: 'the token of a service account',
      identity: {vendor: 'google', identity: {provider, serviceAccount: email}},
      hosts: ['europe-docker.pkg.dev', 'us-docker.pkg.dev', 'gcr.io'],
      expected: ['tokens.example', 'sts.googleapis.com', 'iamcredentials.googleapis.com'],
    },
    {
      name: 'the token of a file',
      identity: {vendor: 'google-file', identity: {variable: 'GOOGLE_GHA_CREDS_PATH', path: '/creds.json'}},
      hosts: ['europe-docker.pkg.dev', 'gcr.io'],
      expected: ['tokens.example', 'sts.googleapis.com', 'iamcredentials.googleapis.com'],
    },
    {
      name: 'the access token of Entra ID, not that of a registry',
      identity: {vendor: 'azure', identity: client},
      hosts: ['first.azurecr.io', 'second.azurecr.io'],
      expected: ['tokens.example', 'login.microsoftonline.com', 'first.azurecr.io', 'second.azurecr.io'],
    },
  ])('$name', async ({identity, hosts, expected}) => {
    const {io, requests} = cloudScene(
      (request, tokens) => {
        const google = {tokens, provider, subject, serviceAccount: {email, subject}}
        return (
          awsDouble({tokens, account, audiences: ['sts.amazonaws.com'], roles: {[role]: subject}}).answer(request) ??
          googleDouble(request, google) ??
          azureDouble(request, {
            tokens,
            host: request.url.host,
            loginHost: 'login.microsoftonline.com',
            subject,
            ...client,
          })
        )
      },
      {files: {'/creds.json': JSON.stringify(googleWorkloadFile({provider, email}))}},
    )
    const services = new TokenServices(io)
    await Promise.all(hosts.map(async (one) => services.open({host: one, identity, isOptional: false})()))
    expect(requests.map(({url}) => url.host).toSorted()).toEqual(expected.toSorted())
  })

  test('nothing, if the roles differ', async () => {
    const other = `arn:aws:iam::${account}:role/other`
    const {io, requests} = cloudScene((request, tokens) => {
      const roles = {[role]: subject, [other]: subject}
      return awsDouble({tokens, account, audiences: ['sts.amazonaws.com'], roles}).answer(request)
    })
    const services = new TokenServices(io)
    await services.open({host: west, identity: aws, isOptional: false})()
    const identity = {...aws, identity: {kind: 'role', role: other}} as const
    await services.open({host: west, identity, isOptional: false})()
    expect(requests.filter(({url}) => url.host.startsWith('sts.'))).toHaveLength(2)
  })
})
