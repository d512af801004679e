import {describe, expect, test} from '@jest/globals'
import {exportedGoogleFile, googleFileCredentials} from '../../../../src/credentials/cloud/google-file.ts'
import type {Minted} from '../../../../src/credentials/cloud/minted.ts'
import type {GoogleFile} from '../../../../src/inputs/credentials/identity.ts'
import {subject} from '../../../../testing/clouds/github-tokens.ts'
import {googleDouble, googleKeyFile, googleWorkloadFile} from '../../../../testing/clouds/google.ts'
import {cloudScene, refusalOf, type CloudScene} from '../../../../testing/clouds/scene.ts'

const provider = 'projects/1/locations/global/workloadIdentityPools/pool/providers/github'
const email = 'ci@project.iam.gserviceaccount.com'
const file: GoogleFile = {variable: 'GOOGLE_GHA_CREDS_PATH', path: '/w/gha-creds-0123456789abcdef.json'}

/** Token services, and a file with this content. The job has no right to request ID tokens but that of the file. */
function scene(content: unknown): CloudScene {
  return cloudScene(
    (request, tokens) => googleDouble(request, {tokens, provider, subject, serviceAccount: {email, subject}}),
    {
      environment: {},
      files: {[file.path]: typeof content === 'string' ? content : JSON.stringify(content)},
    },
  )
}

async function read(content: unknown): Promise<{readonly minted: Minted; readonly scene: CloudScene}> {
  const given = scene(content)
  return {minted: await googleFileCredentials(file, given.io), scene: given}
}

const workload = googleWorkloadFile({provider})

describe('a workload identity file', () => {
  test('gives a federated token', async () => {
    const {minted, scene: used} = await read(workload)
    expect({...minted, password: minted.password.reveal()}).toEqual({
      kind: 'basic',
      username: 'oauth2accesstoken',
      password: 'canary-federated-token',
      until: new Date('2026-01-02T03:09:05Z'),
      identity: `${subject} of ${provider}`,
    })
    expect(used.kept[0]).toBe('canary-request-token')
  })

  test('gives an account token', async () => {
    const {minted} = await read(googleWorkloadFile({provider, email}))
    expect(minted.password.reveal()).toBe('canary-account-token')
    expect(minted.identity).toBe(`${email} as ${subject}`)
  })

  test('may have an audience of its own, and a source of plain text', async () => {
    const {scene: used} = await read(workload)
    expect(used.tokens.audiences).toEqual([`https://iam.googleapis.com/${provider}`])
    const plain = {...workload, credential_source: {...workload.credential_source, format: {type: 'text'}}}
    const error = await refusalOf(read(plain))
    // The stand-in responds with JSON, which is not a token.
    expect(error.code).toBe('gcp-condition-refused')
  })

  test('does not mask headers without a secret', async () => {
    const {credential_source: source} = workload
    const headers = {...source.headers, Accept: 'application/json'}
    const {scene: used} = await read({...workload, credential_source: {...source, headers}})
    expect(used.kept).not.toContain('application/json')
  })

  test('that GitHub refuses is a failure of GitHub', async () => {
    const {credential_source: source} = workload
    const headers = {Authorization: 'Bearer canary-old-token'}
    const {code} = await refusalOf(read({...workload, credential_source: {...source, headers}}))
    expect(code).toBe('oidc-failed')
  })
})

test('a key file is its own password', async () => {
  const content = `${JSON.stringify(googleKeyFile, undefined, 2)}\n`
  const {minted, scene: used} = await read(content)
  expect({...minted, password: minted.password.reveal()}).toEqual({
    kind: 'basic',
    username: '_json_key',
    password: content.trim(),
    until: undefined,
    identity: expect.stringContaining(email),
  })
  expect(used.requests).toEqual([])
  expect(used.kept).toEqual([googleKeyFile.private_key, content.trim()])
})

describe('a file is refused', () => {
  const source = workload.credential_source
  test.each([
    {name: 'with another text', content: 'canary-text', reason: 'JSON'},
    {name: 'with a list', content: '["canary-text"]', reason: 'no type'},
    {name: 'of a user', content: {type: 'authorized_user', refresh_token: 'canary'}, reason: 'authorized_user'},
    {name: 'with a strange type', content: {type: 'canary text'}, reason: 'no type'},
    {name: 'with an incomplete key', content: {type: 'service_account', private_key: 'canary'}, reason: 'client_email'},
    {
      name: 'with another file as source',
      content: {...workload, credential_source: {file: '/var/canary'}},
      reason: 'credential_source',
    },
    {
      name: 'that starts a program',
      content: {...workload, credential_source: {executable: {command: 'canary'}}},
      reason: 'credential_source',
    },
    {
      name: 'that requests the ID token without TLS',
      content: {...workload, credential_source: {...source, url: 'http://tokens.example/'}},
      reason: 'credential_source',
    },
    {
      name: 'of a workforce',
      content: {...workload, audience: '//iam.googleapis.com/locations/global/workforcePools/p/providers/q'},
      reason: 'audience',
    },
    {
      name: 'that sends the ID token to others',
      content: {...workload, token_url: 'https://sts.googleapis.com.example/v1/token'},
      reason: 'token_url',
    },
    {
      name: 'that sends a federated token to others',
      content: {...workload, service_account_impersonation_url: 'https://example.com/x:generateAccessToken'},
      reason: 'service_account_impersonation_url',
    },
  ])('$name', async ({content, reason}) => {
    const given = scene(content)
    const error = await refusalOf(googleFileCredentials(file, given.io))
    expect(error.code).toBe('gcp-file-unusable')
    expect(error.evidence).toHaveLength(1)
    expect(error.evidence[0]).toContain(`${file.variable}: ${file.path}: `)
    expect(error.evidence[0]).toContain(reason)
    expect(error.evidence[0]).not.toContain('canary')
    expect(given.requests).toEqual([])
  })

  test('that does not exist: a later checkout has removed it', async () => {
    const error = await refusalOf(googleFileCredentials({...file, path: '/w/other.json'}, scene('').io))
    expect({code: error.code, names: error.remedy?.includes('actions/checkout')}).toEqual({
      code: 'gcp-file-unusable',
      names: true,
    })
  })

  test('that cannot be read', async () => {
    const {io} = scene('')
    const readFile = async (): Promise<never> => Promise.reject(Object.assign(new Error('x'), {code: 'EACCES'}))
    const error = await refusalOf(googleFileCredentials(file, {...io, readFile}))
    expect(error.evidence.join()).toContain('EACCES')
  })
})

test.each([
  {environment: {}, expected: undefined},
  {environment: {GOOGLE_GHA_CREDS_PATH: '', GOOGLE_APPLICATION_CREDENTIALS: ''}, expected: undefined},
  {environment: {GOOGLE_APPLICATION_CREDENTIALS: '/b'}, expected: '/b'},
  {environment: {GOOGLE_GHA_CREDS_PATH: '/a', GOOGLE_APPLICATION_CREDENTIALS: '/b'}, expected: '/a'},
])('$environment names the file $expected', ({environment, expected}) => {
  expect(exportedGoogleFile(environment)?.path).toBe(expected)
})
