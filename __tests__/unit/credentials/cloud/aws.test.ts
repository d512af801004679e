import {describe, expect, test} from '@jest/globals'
import {AmazonTokens} from '../../../../src/credentials/cloud/aws.ts'
import type {Minted} from '../../../../src/credentials/cloud/minted.ts'
import type {TokenServiceIo} from '../../../../src/credentials/cloud/token-service.ts'
import type {AwsIdentity} from '../../../../src/inputs/credentials/identity.ts'
import {Secret} from '../../../../src/errors/secret.ts'
import {awsDouble, sessionKeys} from '../../../../testing/clouds/aws.ts'
import {json, subject} from '../../../../testing/clouds/github-tokens.ts'
import {cloudScene, refusalOf, type CloudScene, type CloudSceneOptions} from '../../../../testing/clouds/scene.ts'

const account = '123456789012'
const host = `${account}.dkr.ecr.eu-west-1.amazonaws.com`
const role = `arn:aws:iam::${account}:role/ci`
const byRole: AwsIdentity = {kind: 'role', role}

type AwsOptions = Partial<Omit<Parameters<typeof awsDouble>[0], 'tokens'>>

function scene({failures, environment, ...aws}: AwsOptions & CloudSceneOptions = {}): CloudScene {
  const given = {account, audiences: ['sts.amazonaws.com'], roles: {[role]: subject}, ...aws}
  let double: ReturnType<typeof awsDouble> | undefined
  return cloudScene(
    (request, tokens) => {
      double ??= awsDouble({tokens, ...given})
      return double.answer(request)
    },
    {...(failures !== undefined && {failures}), ...(environment !== undefined && {environment})},
  )
}

async function ecrPassword(request: Parameters<AmazonTokens['password']>[0], io: TokenServiceIo): Promise<Minted> {
  return new AmazonTokens(io).password(request)
}

function hostsOf({requests}: CloudScene): readonly string[] {
  return requests.map(({url}) => url.host)
}

describe('a role', () => {
  test('gives a password for an ID token in three requests', async () => {
    const given = scene()
    const {io, tokens} = given
    const minted = await ecrPassword({host, identity: byRole}, io)
    expect({...minted, password: minted.password.reveal()}).toEqual({
      kind: 'basic',
      username: 'AWS',
      password: `canary-password-of-${account}`,
      until: new Date('2026-01-02T15:04:05Z'),
      identity: `role ${role} as ${subject}`,
    })
    expect(hostsOf(given)).toEqual(['tokens.example', 'sts.eu-west-1.amazonaws.com', 'api.ecr.eu-west-1.amazonaws.com'])
    expect(tokens.audiences).toEqual(['sts.amazonaws.com'])
  })

  test('leaves no secret that is not masked, and masks neither account nor role', async () => {
    const {io, kept} = scene()
    await ecrPassword({host, identity: byRole}, io)
    const [token = '', ...others] = kept
    expect(token.split('.')).toHaveLength(3)
    expect(others).toEqual([sessionKeys.secret, sessionKeys.session, `canary-password-of-${account}`])
  })

  test.each([
    [
      '123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com',
      'sts-fips.us-gov-west-1.amazonaws.com',
      'api.ecr-fips.us-gov-west-1.amazonaws.com',
    ],
    [
      '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn',
      'sts.cn-north-1.amazonaws.com.cn',
      'api.ecr.cn-north-1.amazonaws.com.cn',
    ],
    ['123456789012.dkr-ecr.eu-west-1.on.aws', 'sts.eu-west-1.api.aws', 'ecr.eu-west-1.api.aws'],
    [
      '123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu',
      'sts.eusc-de-east-1.amazonaws.eu',
      'api.ecr.eusc-de-east-1.amazonaws.eu',
    ],
    ['public.ecr.aws', 'sts.us-east-1.amazonaws.com', 'api.ecr-public.us-east-1.amazonaws.com'],
  ])('%s: %s, %s', async (registry, sts, ecr) => {
    const given = scene({audiences: ['sts.amazonaws.com', 'sts.amazonaws.com.cn']})
    await ecrPassword({host: registry, identity: byRole}, given.io).catch(() => undefined)
    expect(hostsOf(given).slice(1)).toEqual([sts, ecr])
  })
})

describe('keys of the environment', () => {
  test('give the password in one request', async () => {
    const environment = {AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'canary-key'}
    const given = scene({environment})
    const {io, kept} = given
    const {identity, username} = await ecrPassword({host, identity: {kind: 'keys'}}, io)
    expect({identity, username}).toEqual({identity: 'AWS keys', username: 'AWS'})
    expect(hostsOf(given)).toEqual(['api.ecr.eu-west-1.amazonaws.com'])
    expect(kept).toContain('canary-key')
  })
})

describe('a key pair of a login', () => {
  test.each([
    {name: 'of a user', accessKeyId: 'AKIAEXAMPLE', session: undefined},
    {name: 'of a session', accessKeyId: sessionKeys.id, session: sessionKeys.session},
  ])('$name gives the password in one request', async ({accessKeyId, session}) => {
    const given = scene({environment: {AWS_SESSION_TOKEN: sessionKeys.session}})
    const {io, kept, requests} = given
    const secretAccessKey = new Secret('canary-pair')
    const minted = await ecrPassword({host, identity: {kind: 'pair', accessKeyId, secretAccessKey}}, io)
    expect(minted).toMatchObject({username: 'AWS', identity: 'AWS keys'})
    expect(requests.map(({headers}) => headers['x-amz-security-token'])).toEqual([session])
    expect(kept).toContain('canary-pair')
  })
})

test('an item may name the session, its duration and the audience', async () => {
  const {io, tokens, requests} = scene({audiences: ['mine']})
  const identity = {...byRole, audience: 'mine', sessionName: 'release', sessionSeconds: 900}
  await ecrPassword({host, identity}, io)
  const form = new URLSearchParams(Buffer.from(requests.at(1)?.body as Uint8Array).toString())
  expect([form.get('RoleSessionName'), form.get('DurationSeconds')]).toEqual(['release', '900'])
  expect(tokens.audiences).toEqual(['mine'])
})

describe('a refusal', () => {
  const other = 'repo:octocat/app:environment:production'

  test.each([
    {name: 'another subject', given: {roles: {[role]: other}}, expected: 'aws-role-refused'},
    {name: 'no such role', given: {roles: {}}, expected: 'aws-role-refused'},
    {name: 'no identity provider', given: {audiences: undefined}, expected: 'aws-provider-missing'},
    {name: 'another audience', given: {audiences: ['other']}, expected: 'aws-provider-missing'},
    {name: 'no right to a token', given: {deniedRoles: [role]}, expected: 'ecr-denied'},
    {name: 'no id-token: write', given: {environment: {GITHUB_REPOSITORY: 'o/r'}}, expected: 'oidc-unavailable'},
    {
      name: 'no ID token',
      given: {failures: Array.from({length: 5}, () => json(500, {message: 'down'}))},
      expected: 'oidc-failed',
    },
    {name: 'a refused ID token', given: {failures: [json(403, {message: 'not allowed'})]}, expected: 'oidc-failed'},
  ])('$name: $expected', async ({given, expected}) => {
    const error = await refusalOf(ecrPassword({host, identity: byRole}, scene(given).io))
    expect(error.code).toBe(expected)
    expect(error.evidence.join()).not.toContain('role is')
  })

  test('of a role of another account names both accounts', async () => {
    const foreign = host.replace(/^\d+/, '210987654321')
    const error = await refusalOf(ecrPassword({host: foreign, identity: byRole}, scene({roles: {}}).io))
    const [, account] = /::(\d+):/.exec(role) ?? []
    expect(error.evidence.at(-1)).toMatch(new RegExp(`${account ?? '-'}.*210987654321`))
    expect(error.remedy).toContain('repository has to allow')
  })

  test.each([
    {name: 'another subject', given: {roles: {[role]: other}}, expected: 'aws-role-refused'},
    {name: 'another audience', given: {audiences: ['other']}, expected: 'aws-provider-missing'},
    {name: 'no right to a token', given: {deniedRoles: [role]}, expected: 'ecr-denied'},
  ])('public: $name', async ({given, expected}) => {
    const error = await refusalOf(ecrPassword({host: 'public.ecr.aws', identity: byRole}, scene(given).io))
    expect(error.code).toBe(expected)
  })

  test('shows the claims, and the conditions of the trust policy', async () => {
    const error = await refusalOf(ecrPassword({host, identity: byRole}, scene({roles: {[role]: other}}).io))
    expect(error.evidence).toEqual([
      'POST https://sts.eu-west-1.amazonaws.com/: 403',
      'AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity',
      'iss: https://token.actions.githubusercontent.com',
      `sub: ${subject}`,
      'aud: sts.amazonaws.com',
    ])
    expect(error.remedy).toContain(`"token.actions.githubusercontent.com:sub": "${subject}"`)
  })
})

test.each([
  {name: 'a job that is pending', failure: json(403, {message: "Can't issue ID_TOKEN for job in 'Pending' state."})},
  {name: 'a failure of GitHub', failure: json(503, {message: 'busy'})},
])('$name is requested again', async ({failure}) => {
  const {io, waits} = scene({failures: [failure, failure]})
  await expect(ecrPassword({host, identity: byRole}, io)).resolves.toMatchObject({username: 'AWS'})
  expect(waits).toHaveLength(2)
})
