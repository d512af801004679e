import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {awsDouble, sessionKeys} from '../../testing/clouds/aws.ts'
import {azureDouble, refresh} from '../../testing/clouds/azure.ts'
import {gitHubTokens, json, subject, type GitHubTokens} from '../../testing/clouds/github-tokens.ts'
import {googleDouble, googleKeyFile, googleWorkloadFile} from '../../testing/clouds/google.ts'
import {jfrogAccess, jfrogDouble, jfrogUser} from '../../testing/clouds/jfrog.ts'
import {quayDouble, robotPassword} from '../../testing/clouds/quay.ts'
import {startInternet, type Internet} from '../../testing/clouds/internet.ts'
import {memoryRegistry, type MemoryRegistry} from '../../testing/memory-registry.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {temporaryDirectory} from '../../testing/fake-io.ts'
import {sampleDirectory} from '../../testing/sample.ts'

/**
 * The bundle promotes an image to registries of clouds under their real names. Token services and registries are
 * stand-ins, which refuse what the vendors refuse; TLS, proxy and processes are real.
 */
const account = '123456789012'
const ecr = `${account}.dkr.ecr.eu-west-1.amazonaws.com`
const otherAccount = '210987654321'
const other = `${otherAccount}.dkr.ecr.us-east-1.amazonaws.com`
const gar = 'europe-docker.pkg.dev'
/** Registry that accepts the key of a service account. */
const keyed = 'us-docker.pkg.dev'
const acr = 'example.azurecr.io'
const quay = 'quay.example'
const jfrog = 'artifacts.example'
const scoped = 'scoped.example'
const source = 'source.example'
const robot = 'octocat+ci'
const role = `arn:aws:iam::${account}:role/ci`
const otherRole = `arn:aws:iam::${otherAccount}:role/ci`
const provider = 'projects/1/locations/global/workloadIdentityPools/pool/providers/github'
const email = 'ci@project.iam.gserviceaccount.com'
const client = {clientId: '11111111-1111-1111-1111-111111111111', tenantId: '22222222-2222-2222-2222-222222222222'}
const passwords: Readonly<Record<string, readonly [string, string]>> = {
  [ecr]: ['AWS', `canary-password-of-${account}`],
  [other]: ['AWS', `canary-password-of-${otherAccount}`],
  [gar]: ['oauth2accesstoken', 'canary-account-token'],
  [keyed]: ['_json_key', JSON.stringify(googleKeyFile)],
  [quay]: [robot, robotPassword],
  [jfrog]: [jfrogUser, jfrogAccess],
  [acr]: ['00000000-0000-0000-0000-000000000000', refresh],
}

interface Clouds extends AsyncDisposable {
  readonly internet: Internet
  readonly tokens: GitHubTokens
  readonly registries: ReadonlyMap<string, MemoryRegistry>
  readonly digest: string
}

interface CloudOptions {
  /** Password of the registry of the other account. */
  readonly otherPassword?: string
  /** Subject that every cloud allows. */
  readonly allowed?: string
}

async function startClouds({allowed = subject, otherPassword}: CloudOptions = {}): Promise<Clouds> {
  const now = (): Date => new Date()
  const tokens = gitHubTokens({now})
  const roles = {[role]: allowed, [otherRole]: allowed}
  const audiences = ['sts.amazonaws.com']
  const aws = awsDouble({tokens, account, otherAccounts: [otherAccount], audiences, roles, now})
  const registries = new Map<string, MemoryRegistry>([[source, memoryRegistry({host: source})]])
  for (const [host, [username, given]] of Object.entries(passwords)) {
    const password = host === other ? (otherPassword ?? given) : given
    registries.set(host, memoryRegistry({host, auth: {kind: 'basic', users: {[username]: password}}}))
  }
  const {digest} = registries.get(source)?.putImage('team/app', {tag: 'staged'}) ?? {digest: ''}
  registries.set(
    scoped,
    memoryRegistry({host: scoped, auth: {kind: 'basic', users: {one: 'canary-one', two: 'canary-two'}}}),
  )
  const answer = async (request: HttpRequest): Promise<HttpResponse> => {
    if (isForeign(request)) return json(403, {errors: [{code: 'DENIED', message: 'not your project'}]})
    if (request.url.host === 'tokens.example') return tokens.answer(request)
    const google = googleDouble(request, {
      tokens,
      provider,
      subject: allowed,
      serviceAccount: {email, subject: allowed},
    })
    const azure = request.url.pathname.startsWith('/v2/')
      ? undefined
      : azureDouble(request, {tokens, host: acr, ...client, subject: allowed})
    const issued =
      aws.answer(request) ??
      google ??
      azure ??
      quayDouble(request, {tokens, host: quay, robot, subject: allowed}) ??
      jfrogDouble(request, {tokens, host: jfrog, providerName: 'github', audience: 'jfrog-github', subject: allowed})
    return issued ?? registries.get(request.url.host)?.http().send(request) ?? json(404, {})
  }
  const services = [
    'tokens.example',
    'sts.eu-west-1.amazonaws.com',
    'api.ecr.eu-west-1.amazonaws.com',
    'sts.us-east-1.amazonaws.com',
    'api.ecr.us-east-1.amazonaws.com',
    'sts.googleapis.com',
    'iamcredentials.googleapis.com',
    'login.microsoftonline.com',
  ]
  const internet = await startInternet([...services, ...registries.keys()], answer)
  return {internet, tokens, registries, digest, [Symbol.asyncDispose]: async () => internet[Symbol.asyncDispose]()}
}

/** Reports whether a request to the registry of several projects has the login of another project. */
function isForeign({url, headers}: HttpRequest): boolean {
  const project = /^\/v2\/([^/]+)\//.exec(url.pathname)?.[1]
  const [user] = Buffer.from((headers['authorization'] ?? '').replace('Basic ', ''), 'base64')
    .toString()
    .split(':')
  return url.host === scoped && project !== undefined && user !== '' && user !== project
}

async function promote(
  {internet, tokens}: Clouds,
  inputs: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<StepResult> {
  await using step = await Step.prepare({
    action: 'promote',
    event: 'push-tag',
    workspace: sampleDirectory,
    inputs: {from: `${source}/team/app:staged`, retries: '0', ...inputs},
    env: {...internet.environment, ...tokens.environment, ...environment},
  })
  return await step.run()
}

const secrets = [sessionKeys.secret, sessionKeys.session, ...Object.values(passwords).map(([, password]) => password)]

function shown({log}: StepResult): string {
  return log
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n')
}

describe('an image reaches', () => {
  test.each([
    {name: 'Amazon ECR with a role', host: ecr, inputs: {'aws-role': role}, identity: `role ${role} as ${subject}`},
    {
      name: 'Artifact Registry as a service account',
      host: gar,
      inputs: {'gcp-workload-identity-provider': provider, 'gcp-service-account': email},
      identity: `${email} as ${subject}`,
    },
    {
      name: 'Azure Container Registry, federated',
      host: acr,
      inputs: {'azure-client-id': client.clientId, 'azure-tenant-id': client.tenantId},
      identity: `client ${client.clientId} as ${subject}`,
    },
    {
      name: 'Quay as a federated robot',
      host: quay,
      inputs: {'registry-auth': `- registry: ${quay}\n  robot: ${robot}\n`},
      identity: `robot ${robot} as ${subject}`,
    },
    {
      name: 'JFrog with an OIDC integration',
      host: jfrog,
      inputs: {'registry-auth': `- registry: ${jfrog}\n  provider-name: github\n`},
      identity: `${jfrogUser} by the provider github, as ${subject}`,
    },
  ])('$name, without a stored secret', async ({host, inputs}) => {
    await using clouds = await startClouds()
    const result = await promote(clouds, {images: `${host}/team/images/app`, ...inputs})
    expect({exitCode: result.exitCode, log: result.log}).toEqual({exitCode: 0, log: result.log})
    expect(clouds.registries.get(host)?.tagsOf('team/images/app')).toMatchObject({'1.2.3': clouds.digest})
    for (const secret of secrets) expect(shown(result)).not.toContain(secret)
    expect(result.log).not.toContain(`::add-mask::${account}`)
  })

  test.each([
    {
      name: 'the roles of two accounts',
      otherPassword: `canary-password-of-${otherAccount}`,
      inputs: {'aws-role': `${role}\n${otherRole}`},
    },
    {
      name: 'one role for both',
      otherPassword: `canary-password-of-${account}`,
      inputs: {'aws-role': role},
    },
    {
      name: 'items of registry-auth with the keys of other actions',
      otherPassword: `canary-password-of-${otherAccount}`,
      inputs: {
        'registry-auth': `- registry: ${ecr}\n  aws-role: ${role}\n- type: aws-ecr\n  registry: ${other}\n  role-to-assume: ${otherRole}\n  region: us-east-1\n`,
      },
    },
    {
      name: 'an item that replaces the role of the input',
      otherPassword: `canary-password-of-${account}`,
      inputs: {
        'aws-role': `${role}\n${otherRole}`,
        'registry-auth': `- registry: ${other}\n  aws-role: ${role}\n`,
      },
    },
  ])('two accounts and regions in one run, with $name', async ({otherPassword, inputs}) => {
    await using clouds = await startClouds({otherPassword})
    const result = await promote(clouds, {images: `${ecr}/team/images/app\n${other}/team/images/app`, ...inputs})
    expect({exitCode: result.exitCode, log: result.log}).toEqual({exitCode: 0, log: result.log})
    for (const host of [ecr, other])
      expect(clouds.registries.get(host)?.tagsOf('team/images/app')).toMatchObject({'1.2.3': clouds.digest})
    expect(clouds.internet.requests).toEqual(
      expect.arrayContaining(['POST api.ecr.eu-west-1.amazonaws.com/', 'POST api.ecr.us-east-1.amazonaws.com/']),
    )
    for (const secret of [...secrets, otherPassword]) expect(shown(result)).not.toContain(secret)
    for (const id of [account, otherAccount]) expect(result.log).not.toContain(`::add-mask::${id}`)
  })
})

describe('a credential file', () => {
  // Only the file has the right to request ID tokens.
  const withoutRight = {ACTIONS_ID_TOKEN_REQUEST_URL: undefined, ACTIONS_ID_TOKEN_REQUEST_TOKEN: undefined}
  const {private_key: key} = googleKeyFile

  test.each([
    {name: 'for a service account', host: gar, content: googleWorkloadFile({provider, email})},
    {name: 'with a key', host: keyed, content: googleKeyFile},
  ])('$name logs in to Artifact Registry, and is not shown', async ({host, content}) => {
    await using clouds = await startClouds()
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'gha-creds-0123456789abcdef.json')
    await writeFile(file, JSON.stringify(content))
    const exported = {...withoutRight, GOOGLE_GHA_CREDS_PATH: file, GOOGLE_APPLICATION_CREDENTIALS: '/missing.json'}
    const result = await promote(clouds, {images: `${host}/team/images/app`}, exported)
    expect({exitCode: result.exitCode, log: result.log}).toEqual({exitCode: 0, log: result.log})
    expect(clouds.registries.get(host)?.tagsOf('team/images/app')).toMatchObject({'1.2.3': clouds.digest})
    const hidden = [...secrets, 'canary-request-token', ...key.trim().split('\n').slice(1, -1)]
    for (const secret of hidden) expect(shown(result)).not.toContain(secret)
  })

  test('that was removed ends the run before it writes anything', async () => {
    await using clouds = await startClouds()
    const exported = {...withoutRight, GOOGLE_APPLICATION_CREDENTIALS: 'missing.json'}
    const {exitCode, log} = await promote(clouds, {images: `${gar}/team/images/app`}, exported)
    expect(exitCode).toBe(1)
    expect(log).toContain('[gcp-file-unusable]')
    expect(clouds.registries.get(gar)?.snapshot()).toEqual({})
  })

  test('is not used beside a login of the inputs', async () => {
    await using clouds = await startClouds()
    const login = {registry: gar, username: 'oauth2accesstoken', password: 'canary-account-token'}
    const exported = {...withoutRight, GOOGLE_GHA_CREDS_PATH: '/missing.json'}
    const {exitCode} = await promote(clouds, {images: `${gar}/team/images/app`, ...login}, exported)
    expect(exitCode).toBe(0)
    expect(clouds.internet.requests.filter((one) => one.includes('googleapis'))).toEqual([])
  })
})

test('two projects of one registry have different logins', async () => {
  await using clouds = await startClouds()
  const auth = ['one', 'two'].map(
    (name) => `- registry: ${scoped}\n  scope: ${name}\n  username: ${name}\n  password: canary-${name}\n`,
  )
  const inputs = {images: `${scoped}/one/images/app\n${scoped}/two/images/app`, 'registry-auth': auth.join('')}
  const result = await promote(clouds, inputs)
  expect({exitCode: result.exitCode, log: result.log}).toEqual({exitCode: 0, log: result.log})
  for (const path of ['one/images/app', 'two/images/app'])
    expect(clouds.registries.get(scoped)?.tagsOf(path)).toMatchObject({'1.2.3': clouds.digest})
})

describe('a refusal', () => {
  test.each([
    {name: 'AWS', host: ecr, inputs: {'aws-role': role}, code: 'aws-role-refused'},
    {
      name: 'Google',
      host: gar,
      inputs: {'gcp-workload-identity-provider': provider, 'gcp-service-account': email},
      code: 'gcp-condition-refused',
    },
    {
      name: 'Azure',
      host: acr,
      inputs: {'azure-client-id': client.clientId, 'azure-tenant-id': client.tenantId},
      code: 'azure-federation-refused',
    },
    {
      name: 'Quay',
      host: quay,
      inputs: {'registry-auth': `- registry: ${quay}\n  robot: ${robot}\n`},
      code: 'quay-federation-refused',
    },
    {
      name: 'JFrog',
      host: jfrog,
      inputs: {'registry-auth': `- registry: ${jfrog}\n  provider-name: github\n`},
      code: 'jfrog-exchange-refused',
    },
  ])('of $name ends the run before it writes anything, with the claims', async ({host, inputs, code}) => {
    await using clouds = await startClouds({allowed: 'repo:octocat/app:environment:production'})
    const {exitCode, log} = await promote(clouds, {images: `${host}/team/images/app`, ...inputs})
    expect(exitCode).toBe(1)
    expect(log).toContain(`[${code}]`)
    expect(log).toContain(`sub: ${subject}`)
    expect(clouds.registries.get(host)?.snapshot()).toEqual({})
  })

  test('a registry of ECR without a role names the account', async () => {
    await using clouds = await startClouds()
    const none = {AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined}
    const {exitCode, log} = await promote(clouds, {images: `${ecr}/team/images/app`}, none)
    expect(exitCode).toBe(1)
    expect(log).toContain('[aws-role-missing]')
    expect(log).toContain(`arn:aws:iam::${account}:role/`)
    expect(clouds.internet.requests).toEqual([])
  })
})

test('a dry run requests no token', async () => {
  await using clouds = await startClouds()
  const {exitCode} = await promote(clouds, {images: `${ecr}/team/images/app`, 'aws-role': role, 'dry-run': 'true'})
  expect(exitCode).toBe(0)
  expect(clouds.internet.requests).toEqual([])
})
