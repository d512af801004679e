import {describe, expect, test} from '@jest/globals'
import {
  chooseIdentities,
  unusedInputs,
  type CloudLogin,
  type IdentityQuestion,
} from '../../../../src/credentials/cloud/choose-identities.ts'
import type {CloudInputs} from '../../../../src/inputs/credentials/cloud-inputs.ts'
import {TagboatError} from '../../../../src/errors/error.ts'

const none: CloudInputs = {
  awsRoles: [],
  awsRegion: undefined,
  ecr: 'auto',
  google: undefined,
  azure: undefined,
  dockerHubConnection: undefined,
  dockerHubUser: undefined,
  items: [],
}

function role(account: string, name = 'ci'): CloudInputs['awsRoles'][number] {
  return {account, arn: `arn:aws:iam::${account}:role/${name}`}
}

const [one, two] = ['111111111111', '222222222222']
const ecrOf = (account: string): string => `${account}.dkr.ecr.eu-west-1.amazonaws.com`
const keys = {AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret'}
const idToken = {ACTIONS_ID_TOKEN_REQUEST_URL: 'https://t.example', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 't'}
const google = {provider: 'projects/1/p', serviceAccount: undefined}
const azure = {clientId: 'c', tenantId: 't'}

function choose(
  hosts: readonly string[],
  inputs: Partial<CloudInputs> | undefined,
  rest: Partial<IdentityQuestion> = {},
): readonly CloudLogin[] {
  return chooseIdentities({
    inputs: inputs === undefined ? undefined : {...none, ...inputs},
    environment: {},
    pushedTo: hosts.map((host) => ({host, path: 'acme/app'})),
    otherHosts: [],
    readHosts: [],
    configured: [],
    userConfig: {},
    ...rest,
  })
}

function rolesOf(logins: readonly CloudLogin[]): readonly string[] {
  return logins.map(({identity}) =>
    identity.vendor === 'aws' && identity.identity.kind === 'role' ? identity.identity.role : 'none',
  )
}

describe('Amazon ECR', () => {
  test.each([
    {
      name: 'each account gets its role',
      hosts: [ecrOf(two), ecrOf(one)],
      roles: [role(one), role(two)],
      expected: [role(two).arn, role(one).arn],
    },
    {
      name: 'the only role is for other accounts, too',
      hosts: [ecrOf(two)],
      roles: [role(one)],
      expected: [role(one).arn],
    },
    {
      name: 'the public registry takes the only role',
      hosts: ['public.ecr.aws'],
      roles: [role(one)],
      expected: [role(one).arn],
    },
  ])('$name', ({hosts, roles, expected}) => {
    expect(rolesOf(choose(hosts, {awsRoles: roles}))).toEqual(expected)
  })

  test('keys are used without a role', () => {
    expect(choose([ecrOf(one)], undefined, {environment: keys})).toMatchObject([{identity: {identity: {kind: 'keys'}}}])
  })

  test.each([
    {name: 'a login of the inputs', rest: {configured: [{host: ecrOf(one)}]}},
    {name: 'a login of the user', rest: {userConfig: {auths: {[ecrOf(one)]: {}}}}},
    {name: 'a helper of the user', rest: {userConfig: {credHelpers: {[ecrOf(one)]: 'ecr-login'}}}},
    {name: 'a credential store of the user', rest: {userConfig: {credsStore: 'desktop'}}},
  ])('needs nothing beside $name', ({rest}) => {
    expect(choose([ecrOf(one)], undefined, rest)).toEqual([])
  })

  test('a role has priority over a login of the user', () => {
    const rest = {userConfig: {auths: {[ecrOf(one)]: {}}}}
    expect(rolesOf(choose([ecrOf(one)], {awsRoles: [role(one)]}, rest))).toEqual([role(one).arn])
  })

  test('a login of the user to another account is kept where the run only reads', () => {
    const given = {userConfig: {auths: {[ecrOf(two)]: {}}}, readHosts: [ecrOf(two)]}
    expect(choose([ecrOf(one)], {awsRoles: [role(one)]}, given).map(({host}) => host)).toEqual([ecrOf(one)])
  })

  test('ecr: false requests nothing', () => {
    expect(choose([ecrOf(one)], {ecr: 'false', awsRoles: [role(one)]})).toEqual([])
  })

  test('ecr: true is for hosts without another login', () => {
    const rest = {environment: {...keys, AWS_REGION: 'eu-west-1'}, configured: [{host: 'r.example'}]}
    const found = choose(['images.example', 'r.example'], {ecr: 'true'}, rest)
    expect(found).toMatchObject([{host: 'images.example', identity: {vendor: 'aws', region: 'eu-west-1'}}])
  })

  test.each([
    {name: 'no role', roles: [], hint: `arn:aws:iam::${one}:role/NAME`},
    {name: 'several roles of other accounts', roles: [role(two), role('333333333333')], hint: one},
  ])('$name is an error before the build that names the account', ({roles, hint}) => {
    const failing = (): unknown => choose([ecrOf(one)], {awsRoles: roles})
    expect(failing).toThrow(TagboatError)
    try {
      failing()
    } catch (error) {
      expect(error).toMatchObject({code: 'aws-role-missing', remedy: expect.stringContaining(hint)})
    }
  })

  test('a registry for reading is optional, and needs no identity', () => {
    const reading = {pushedTo: [], readHosts: [ecrOf(one)]}
    expect(choose([], {}, reading)).toEqual([])
    expect(choose([], {awsRoles: [role(one)]}, reading)).toMatchObject([{isOptional: true}])
  })
})

test.each(['europe-docker.pkg.dev', 'gcr.io', 'eu.gcr.io', 'docker.europe-west1.rep.pkg.dev'])(
  '%s is Google',
  (host) => {
    expect(choose([host], {google})).toMatchObject([{identity: {vendor: 'google', identity: google}}])
    expect(choose([host], undefined)).toEqual([])
  },
)

describe('a file of Google', () => {
  const host = 'europe-docker.pkg.dev'
  const environment = {GOOGLE_GHA_CREDS_PATH: '/w/creds.json'}
  const file = {vendor: 'google-file', identity: {variable: 'GOOGLE_GHA_CREDS_PATH', path: '/w/creds.json'}}

  test('is used without any other login', () => {
    expect(choose([host, 'r.example'], undefined, {environment})).toEqual([{host, identity: file, isOptional: false}])
  })

  test('gives way to the input', () => {
    const chosen = choose([host], {google}, {environment})
    expect(chosen).toMatchObject([{identity: {vendor: 'google', identity: google}}])
    expect(unusedInputs({...none, google}, choose([host], undefined, {environment}))).toHaveLength(1)
  })

  test.each([
    {name: 'a base image', rest: {readHosts: [host]}, count: 0},
    {name: 'a mirror or a source', rest: {otherHosts: [host]}, count: 1},
    {name: 'both', rest: {otherHosts: [host], readHosts: [host]}, count: 1},
  ])('is not read for base images alone: $name', ({rest, count}) => {
    const pushedTo = [{host: 'r.example', path: 'acme/app'}]
    expect(choose([], undefined, {environment, pushedTo, ...rest})).toHaveLength(count)
    expect(choose([], {google}, {environment, pushedTo, ...rest})).toHaveLength(1)
  })

  test.each([
    {name: 'the inputs', rest: {configured: [{host}]}},
    {name: 'the Docker configuration', rest: {userConfig: {credHelpers: {[host]: 'gcloud'}}}},
  ])('gives way to a login of $name', ({rest}) => {
    expect(choose([host], undefined, {environment, ...rest})).toEqual([])
  })
})

describe('Azure', () => {
  test.each([
    'example.azurecr.io',
    'example.azurecr.us',
    'example-abc1.azurecr.cn',
    'example.westeurope.geo.azurecr.io',
  ])('%s takes the client of the inputs', (host) => {
    expect(choose([host], {azure})).toMatchObject([{identity: {vendor: 'azure', identity: azure}}])
  })

  test('takes the client of the environment only if the job may request ID tokens, and the user has no login', () => {
    const host = 'example.azurecr.io'
    const environment = {AZURE_CLIENT_ID: 'c', AZURE_TENANT_ID: 't'}
    expect(choose([host], undefined, {environment})).toEqual([])
    const both = {...environment, ...idToken}
    expect(choose([host], undefined, {environment: both})).toMatchObject([{identity: {identity: azure}}])
    const userConfig = {auths: {[host]: {}}}
    expect(choose([host], undefined, {environment: both, userConfig})).toEqual([])
  })
})

describe('Docker Hub', () => {
  test.each([
    {name: 'username', user: 'org', expected: 'org'},
    {name: 'its namespace', user: undefined, expected: 'acme'},
  ])('the organization is $name', ({user, expected}) => {
    const inputs = {dockerHubConnection: 'id', dockerHubUser: user}
    const identity = {connectionId: 'id', username: expected}
    expect(choose(['docker.io'], inputs)).toMatchObject([{identity: {vendor: 'docker-hub', identity}}])
  })

  test('the connection may come from the environment', () => {
    const environment = {DOCKERHUB_OIDC_CONNECTIONID: 'id'}
    expect(choose(['docker.io'], undefined, {environment})).toHaveLength(1)
    expect(choose(['docker.io'], undefined)).toEqual([])
  })
})

test('unused inputs: named', () => {
  const inputs = {...none, google, azure, awsRoles: [role(one)]}
  expect(unusedInputs(inputs, choose(['gcr.io'], {google}))).toEqual(['`aws-role`', '`azure-client-id`'])
})

describe('an item of registry-auth', () => {
  const item = (host: string, name: string): CloudInputs['items'][number] => ({
    host,
    line: 3,
    identity: {vendor: 'aws', region: undefined, identity: {kind: 'role', role: role(one, name).arn}},
  })

  test('has priority over the role of the account, and over a login of the user', () => {
    const inputs = {awsRoles: [role(one), role(two)], items: [item(ecrOf(one), 'special')]}
    const userConfig = {auths: {[ecrOf(one)]: {}}}
    const expected = [role(one, 'special').arn, role(two).arn]
    expect(rolesOf(choose([ecrOf(one), ecrOf(two)], inputs, {userConfig}))).toEqual(expected)
  })

  test('without a registry of the run is named, and so is an input that only items replace', () => {
    const inputs = {...none, awsRoles: [role(one)], items: [item(ecrOf(one), 'a'), item(ecrOf(two), 'b')]}
    const names = unusedInputs(inputs, choose([ecrOf(one)], inputs))
    expect(names).toEqual(['`aws-role`', 'The item of `registry-auth` on line 3'])
  })
})
