import {describe, expect, test} from '@jest/globals'
import type {IdentityItem} from '../../../../src/inputs/credentials/identity.ts'
import {Problems} from '../../../../src/inputs/problem.ts'
import {readInputs} from '../../../../src/inputs/read.ts'
import {brief, briefNotices} from '../../../../testing/problems.ts'

interface Read {
  readonly items: readonly IdentityItem[]
  readonly logins: readonly unknown[]
  readonly problems: readonly string[]
  readonly notices: readonly string[]
}

async function read(given: Readonly<Record<string, string>>): Promise<Read> {
  const problems = new Problems()
  const {credentials} = await readInputs(new Map(Object.entries(given)), problems)
  return {
    items: credentials.clouds?.items ?? [],
    logins: credentials.logins,
    problems: problems.all.map(brief),
    notices: briefNotices(problems),
  }
}

const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const role = 'arn:aws:iam::123456789012:role/ci'
const provider = 'projects/1/locations/global/workloadIdentityPools/pool/providers/github'
const email = 'ci@project.iam.gserviceaccount.com'
const [client, tenant] = ['11111111-1111-1111-1111-111111111111', '22222222-2222-2222-2222-222222222222']
const aws = {vendor: 'aws', identity: {kind: 'role', role}}
const google = {vendor: 'google', identity: {provider, serviceAccount: email}}
const azure = {vendor: 'azure', identity: {clientId: client, tenantId: tenant}}
const hub = {vendor: 'docker-hub', identity: {connectionId: client, username: 'org'}}

describe('an identity is read with the keys of', () => {
  test.each([
    {name: 'Tagboat for AWS', host: ecr, keys: {'aws-role': role}, expected: aws},
    {
      name: 'aws-actions/configure-aws-credentials',
      host: ecr,
      keys: {'role-to-assume': role, 'aws-region': 'eu-west-1', 'role-session-name': 'me', audience: 'x'},
      expected: {...aws, region: 'eu-west-1', identity: {kind: 'role', role, sessionName: 'me', audience: 'x'}},
    },
    {
      name: 'aws-actions/configure-aws-credentials, with a duration',
      host: ecr,
      keys: {'role-to-assume': role, 'role-duration-seconds': '900'},
      expected: {...aws, identity: {kind: 'role', role, sessionSeconds: 900}},
    },
    {
      name: 'docker/github-builder for AWS',
      host: ecr,
      keys: {type: 'aws-ecr', 'role-to-assume': role, region: 'us-east-1'},
      expected: {...aws, region: 'us-east-1'},
    },
    {
      name: 'Tagboat for another name of a registry',
      host: 'images.example',
      keys: {'aws-role': role, 'aws-region': 'eu-west-1'},
      expected: {...aws, region: 'eu-west-1'},
    },
    {
      name: 'Tagboat for Google',
      host: 'europe-docker.pkg.dev',
      keys: {'gcp-workload-identity-provider': provider, 'gcp-service-account': email},
      expected: google,
    },
    {
      name: 'google-github-actions/auth',
      host: 'gcr.io',
      keys: {workload_identity_provider: `https://iam.googleapis.com/${provider}`, service_account: email},
      expected: google,
    },
    {
      name: 'docker/github-builder for Google',
      host: 'gcr.io',
      keys: {type: 'gcp-wif', workload_identity_provider: provider, service_account: email, project_id: 'p'},
      expected: google,
    },
    {
      name: 'azure/login',
      host: 'example.azurecr.io',
      keys: {'client-id': client, 'tenant-id': tenant, 'subscription-id': client},
      expected: azure,
    },
    {
      name: 'Tagboat for Azure',
      host: 'example.azurecr.io',
      keys: {azure_client_id: client, azure_tenant_id: tenant},
      expected: azure,
    },
    {
      name: 'docker/github-builder for Docker Hub',
      host: 'docker.io',
      keys: {type: 'dockerhub', username: 'org', connection_id: client},
      expected: hub,
    },
    {
      name: 'Tagboat for the hardened images of Docker',
      host: 'dhi.io',
      keys: {username: 'org', 'dockerhub-connection-id': client},
      expected: hub,
    },
    {
      name: 'Tagboat for a robot of a Quay under any name',
      host: 'quay.example:8443',
      keys: {robot: 'org+ci', audience: 'mine'},
      expected: {vendor: 'quay', identity: {robot: 'org+ci', audience: 'mine'}},
    },
    {
      name: 'jfrog/setup-jfrog-cli',
      host: 'docker.example',
      keys: {'oidc-provider-name': 'github', 'oidc-audience': 'mine', 'project-key': 'p', platform: 'example.jfrog.io'},
      expected: {
        vendor: 'jfrog',
        identity: {providerName: 'github', audience: 'mine', projectKey: 'p', platform: 'example.jfrog.io'},
      },
    },
  ])('$name', async ({host, keys, expected}) => {
    const lines = Object.entries(keys).map(([key, value]) => `  ${key}: ${value}\n`)
    const {items, problems, logins} = await read({'registry-auth': `- registry: ${host}\n${lines.join('')}`})
    expect(problems).toEqual([])
    expect(logins).toEqual([])
    expect(items).toMatchObject([{host, line: 1, identity: expected}])
  })
})

test('items with identities may be mixed with logins, two of one cloud too', async () => {
  const other = '210987654321.dkr.ecr.us-east-1.amazonaws.com'
  const {items, logins, problems} = await read({
    'registry-auth': `- registry: ${ecr}
  aws-role: ${role}
- registry: ${other}
  aws-role: arn:aws:iam::210987654321:role/ci
- registry: quay.io
  username: me
  password: p
`,
  })
  expect(problems).toEqual([])
  expect(items.map(({host, line}) => [host, line])).toEqual([
    [ecr, 1],
    [other, 3],
  ])
  expect(logins).toMatchObject([{host: 'quay.io', username: 'me'}])
})

test('scopes give several logins and identities to one registry', async () => {
  const google = `  workload_identity_provider: ${provider}\n`
  const {items, logins, problems} = await read({
    'registry-auth': `- registry: gcr.io
  scope: one
${google}- registry: gcr.io
  scope: two/images@push
${google}- username: me
  password: p
- username: you
  password: q
  scope: acme
`,
  })
  expect(problems).toEqual([])
  expect(items).toMatchObject([
    {host: 'gcr.io', scope: {path: 'one', actions: []}},
    {host: 'gcr.io', scope: {path: 'two/images', actions: ['push']}},
  ])
  expect(logins).toMatchObject([{username: 'me'}, {username: 'you', scope: {path: 'acme', actions: []}}])
})

describe('AWS keys', () => {
  const pair = {vendor: 'aws', identity: {kind: 'pair', accessKeyId: 'AKIAIOSFODNN7EXAMPLE'}}
  const keys = '  username: AKIAIOSFODNN7EXAMPLE\n  password: hunter2\n'

  test.each([
    {name: 'in an item', given: {'registry-auth': `- registry: ${ecr}\n${keys}`}},
    {name: 'with ecr: auto', given: {'registry-auth': `- registry: ${ecr}\n${keys}  ecr: auto\n`}},
    {
      name: 'with ecr: true and another name',
      given: {'registry-auth': `- registry: images.example\n${keys}  ecr: true\n  aws-region: eu-west-1\n`},
    },
    {name: 'in the single inputs', given: {registry: ecr, username: 'AKIAIOSFODNN7EXAMPLE', password: 'hunter2'}},
  ])('$name are an identity', async ({given}) => {
    const {items, logins, problems} = await read(given)
    expect(problems).toEqual([])
    expect(logins).toEqual([])
    expect(items).toMatchObject([{identity: pair}])
  })

  test('ecr: false takes them as they are, which no registry does', async () => {
    const {problems} = await read({'registry-auth': `- registry: ${ecr}\n${keys}  ecr: false\n`})
    expect(problems).toEqual(['registry-auth 2:3'])
  })
})

describe('an item without a value', () => {
  test.each([
    {name: 'of the role', given: `- registry: ${ecr}\n  role-to-assume:\n`, expected: ['role-to-assume']},
    {
      name: 'of the tenant',
      given: `- registry: a12345.azurecr.io\n  client-id: ${client}\n  tenant-id: ''\n`,
      expected: ['tenant-id'],
    },
  ])('$name is an incomplete login', async ({given, expected}) => {
    const {items, logins, problems} = await read({'registry-auth': given})
    expect(problems).toEqual([])
    expect(items).toEqual([])
    expect(logins).toMatchObject([{username: '', emptyKeys: expected}])
  })

  test('gives way to another item for the registry', async () => {
    const {items, logins} = await read({
      'registry-auth': `- registry: ${ecr}\n  aws-role:\n- registry: ${ecr}\n  aws-role: ${role}\n`,
    })
    expect(logins).toEqual([])
    expect(items).toMatchObject([{line: 3}])
  })
})

describe('a problem is', () => {
  test.each([
    {
      name: 'a misspelt key',
      given: `- registry: ${ecr}\n  role-to-asume: x`,
      expected: '2:3 "role-to-asume" "role-to-assume"',
    },
    {
      name: 'a misspelt key with underscores',
      given: '- conection_id: x',
      expected: '1:3 "conection-id" "connection-id"',
    },
    {
      name: 'a key and its other name',
      given: `- registry: ${ecr}\n  aws-role: ${role}\n  role-to-assume: x`,
      expected: '3:3',
    },
    {name: 'a role without an ARN', given: `- registry: ${ecr}\n  aws-role: hunter2`, expected: '2:3'},
    {
      name: 'a region that is none',
      given: `- registry: ${ecr}\n  aws-role: ${role}\n  region: hunter2`,
      expected: '3:3',
    },
    {
      name: 'a duration that AWS does not allow',
      given: `- registry: ${ecr}\n  aws-role: ${role}\n  role-duration-seconds: 60`,
      expected: '3:3',
    },
    {name: 'a short name of a provider', given: '- registry: gcr.io\n  workload_identity_provider: p', expected: '2:3'},
    {
      name: 'a client without a tenant',
      given: `- registry: a12345.azurecr.io\n  client-id: ${client}`,
      expected: '1:3',
    },
    {name: 'a connection without an organization', given: `- connection_id: ${client}`, expected: '1:3'},
    {name: 'a robot without an organization', given: '- registry: quay.io\n  robot: hunter2', expected: '2:3'},
    {name: 'a robot of Docker Hub', given: '- registry: docker.io\n  robot: org+ci', expected: '1:3'},
    {
      name: 'a platform with a scheme',
      given: '- registry: docker.example\n  provider-name: p\n  platform: https://hunter2@h/x',
      expected: '3:3',
    },
    {name: 'an audience alone', given: `- registry: ${ecr}\n  audience: x`, expected: '2:3'},
    {
      name: 'two identities',
      given: `- registry: ${ecr}\n  aws-role: ${role}\n  client-id: ${client}\n  tenant-id: ${tenant}`,
      expected: '3:3',
    },
    {
      name: 'an identity and a password',
      given: `- registry: ${ecr}\n  aws-role: ${role}\n  password: hunter2`,
      expected: '3:3',
    },
    {
      name: 'an identity and a user',
      given: `- registry: ${ecr}\n  aws-role: ${role}\n  username: hunter2`,
      expected: '3:3',
    },
    {
      name: 'a key of another cloud',
      given: `- registry: ${ecr}\n  aws-role: ${role}\n  service_account: ${email}`,
      expected: '3:3',
    },
    {name: 'another type', given: `- type: gcp-wif\n  registry: ${ecr}\n  aws-role: ${role}`, expected: '1:3'},
    {name: 'a registry of another cloud', given: `- registry: ghcr.io\n  aws-role: ${role}`, expected: '1:3'},
    {name: 'an ecr with another value', given: '- username: me\n  ecr: hunter2', expected: '2:3'},
    {name: 'a scope that is none', given: '- {username: a, password: b, scope: "Hunter2/"}', expected: '1:30'},
    {
      name: 'two roles for a registry',
      given: `- registry: ${ecr}\n  aws-role: ${role}\n- registry: ${ecr}\n  aws-role: ${role}2`,
      expected: '3',
    },
  ])('$name', async ({given, expected}) => {
    const {problems, items} = await read({'registry-auth': given})
    expect(problems).toEqual([`registry-auth ${expected}`])
    expect(items.length).toBeLessThan(2)
    expect(problems.join('\n')).not.toContain('hunter2')
  })
})

test('keys that only other actions need are named', async () => {
  const {notices} = await read({
    'registry-auth': `- registry: a12345.azurecr.io\n  client-id: ${client}\n  tenant-id: ${tenant}\n  subscription-id: x\n  logout: false`,
  })
  expect(notices).toEqual(['registry-auth 1:3', 'registry-auth 4:3'])
})
