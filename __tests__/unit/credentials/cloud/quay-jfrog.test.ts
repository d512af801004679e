import {describe, expect, test} from '@jest/globals'
import {jfrogToken} from '../../../../src/credentials/cloud/jfrog.ts'
import {quayToken} from '../../../../src/credentials/cloud/quay.ts'
import {json, subject} from '../../../../testing/clouds/github-tokens.ts'
import {jfrogAccess, jfrogDouble, jfrogUser} from '../../../../testing/clouds/jfrog.ts'
import {quayDouble, robotPassword} from '../../../../testing/clouds/quay.ts'
import {cloudScene, refusalOf, type CloudScene} from '../../../../testing/clouds/scene.ts'

const until = new Date('2026-01-02T04:04:05Z')
const other = 'repo:octocat/app:environment:production'

describe('Quay', () => {
  const [host, robot] = ['quay.example', 'octocat+ci']

  function scene(given: Partial<Parameters<typeof quayDouble>[1]> = {}): CloudScene {
    return cloudScene((request, tokens) => quayDouble(request, {tokens, host, robot, subject, ...given}))
  }

  test('gives a password for the robot, with the host as audience', async () => {
    const {io, tokens, kept, requests} = scene({audience: host})
    const minted = await quayToken(host, {robot}, io)
    expect({...minted, password: minted.password.reveal()}).toEqual({
      kind: 'basic',
      username: robot,
      password: robotPassword,
      until,
      identity: `robot ${robot} as ${subject}`,
    })
    expect(tokens.audiences).toEqual([host])
    expect(kept).toContain(robotPassword)
    // The form of the request header, too.
    expect(kept).toContain(requests.at(-1)?.headers['authorization']?.replace('Basic ', ''))
  })

  test('takes another audience', async () => {
    const {io} = scene({audience: 'mine'})
    await expect(quayToken(host, {robot, audience: 'mine'}, io)).resolves.toMatchObject({username: robot})
  })

  test.each([
    {name: 'another subject', given: {subject: other}, text: 'Token does not match robot'},
    {name: 'another audience', given: {audience: 'mine'}, text: 'Invalid audience'},
    {name: 'no such robot', given: {robot: 'octocat+other'}, text: 'Could not find robot with specified username'},
  ])('refuses $name, with the claims and the subject to add', async ({given, text}) => {
    const error = await refusalOf(quayToken(host, {robot}, scene(given).io))
    expect(error.code).toBe('quay-federation-refused')
    expect(error.evidence).toEqual([
      'GET https://quay.example/oauth2/federation/robot/token: 401',
      text,
      'iss: https://token.actions.githubusercontent.com',
      `sub: ${subject}`,
      `aud: ${host}`,
    ])
    expect(error.remedy).toContain(subject)
  })

  test('is queried again after a failure', async () => {
    let isDown = true
    const {io} = cloudScene((request, tokens) => {
      const answer = isDown ? json(503, {}) : quayDouble(request, {tokens, host, robot, subject})
      isDown = false
      return answer
    })
    await expect(quayToken(host, {robot}, io)).resolves.toMatchObject({username: robot})
  })
})

describe('JFrog', () => {
  const [host, providerName] = ['artifacts.example', 'github']
  const known = {host, providerName, audience: 'jfrog-github', subject}

  function scene(given: Partial<Parameters<typeof jfrogDouble>[1]> = {}): CloudScene {
    return cloudScene((request, tokens) => jfrogDouble(request, {tokens, ...known, ...given}))
  }

  test('gives an access token and its user', async () => {
    const {io, tokens, kept} = scene()
    const minted = await jfrogToken(host, {providerName}, io)
    expect({...minted, password: minted.password.reveal()}).toEqual({
      kind: 'basic',
      username: jfrogUser,
      password: jfrogAccess,
      until,
      identity: `${jfrogUser} by the provider github, as ${subject}`,
    })
    expect(tokens.audiences).toEqual(['jfrog-github'])
    expect(kept).toContain(jfrogAccess)
  })

  test('takes a project, an audience, and a platform under another name', async () => {
    const {io, requests} = scene({audience: 'mine', projectKey: 'p', host: 'platform.example'})
    const identity = {providerName, audience: 'mine', projectKey: 'p', platform: 'platform.example', mappingName: 'm'}
    await expect(jfrogToken(host, identity, io)).resolves.toMatchObject({username: jfrogUser})
    const {identity_mapping_name: mapping} = JSON.parse(
      Buffer.from(requests.at(-1)?.body as Uint8Array).toString(),
    ) as Readonly<Record<string, unknown>>
    expect(mapping).toBe('m')
  })

  test.each([
    {
      name: 'another subject',
      given: {subject: other},
      line: 'FORBIDDEN: No identity mapping matches the claims',
      status: 403,
    },
    {name: 'another audience', given: {audience: 'mine'}, line: 'UNAUTHORIZED: Invalid audience', status: 401},
    {name: 'another provider', given: {providerName: 'x'}, line: 'NOT_FOUND: Provider was not found', status: 404},
  ])('refuses $name, with the claims', async ({given, line, status}) => {
    const error = await refusalOf(jfrogToken(host, {providerName}, scene(given).io))
    expect(error.code).toBe('jfrog-exchange-refused')
    expect(error.evidence).toEqual([
      `POST https://artifacts.example/access/api/v1/oidc/token: ${status}`,
      line,
      'iss: https://token.actions.githubusercontent.com',
      `sub: ${subject}`,
      'aud: jfrog-github',
    ])
  })

  test('refuses a token without a user', async () => {
    const {io} = cloudScene(() => json(200, {access_token: 'opaque'}))
    await expect(jfrogToken(host, {providerName}, io)).rejects.toMatchObject({code: 'jfrog-exchange-refused'})
  })
})
