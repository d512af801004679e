import {describe, expect, test} from '@jest/globals'
import {googleToken} from '../../../../src/credentials/cloud/google.ts'
import {subject} from '../../../../testing/clouds/github-tokens.ts'
import {googleDouble} from '../../../../testing/clouds/google.ts'
import {cloudScene, refusalOf, type CloudScene} from '../../../../testing/clouds/scene.ts'

const provider = 'projects/1/locations/global/workloadIdentityPools/pool/providers/github'
const email = 'ci@project.iam.gserviceaccount.com'
const serviceAccount = {email, subject}

function scene(options: Partial<Parameters<typeof googleDouble>[1]> = {}): CloudScene {
  return cloudScene((request, tokens) => googleDouble(request, {tokens, provider, subject, serviceAccount, ...options}))
}

describe('a workload identity', () => {
  test('without a service account lasts as long as the ID token', async () => {
    const {io, kept} = scene()
    const minted = await googleToken({provider, serviceAccount: undefined}, io)
    expect({...minted, password: minted.password.reveal()}).toEqual({
      kind: 'basic',
      username: 'oauth2accesstoken',
      password: 'canary-federated-token',
      until: new Date('2026-01-02T03:09:05Z'),
      identity: `${subject} of ${provider}`,
    })
    expect(kept).toContain('canary-federated-token')
  })

  test('with a service account lasts an hour', async () => {
    const {io, tokens, kept} = scene()
    const {password, until} = await googleToken({provider, serviceAccount: email}, io)
    expect({password: password.reveal(), until}).toEqual({
      password: 'canary-account-token',
      until: new Date('2026-01-02T04:04:05Z'),
    })
    expect(tokens.audiences).toEqual([`https://iam.googleapis.com/${provider}`])
    expect(kept).toContain('canary-account-token')
  })
})

describe('a refusal', () => {
  test.each([
    {name: 'another provider', given: {provider: 'projects/2'}, expected: 'gcp-provider-unknown'},
    {name: 'another audience', given: {audience: 'mine'}, expected: 'gcp-condition-refused'},
    {name: 'an attribute condition', given: {subject: 'other'}, expected: 'gcp-condition-refused'},
    {
      name: 'a service account of others',
      given: {serviceAccount: {email, subject: 'other'}},
      expected: 'gcp-impersonation-denied',
    },
    {
      name: 'a service account that does not exist',
      given: {serviceAccount: {email: 'x', subject}},
      expected: 'gcp-impersonation-denied',
    },
  ])('$name: $expected', async ({given, expected}) => {
    const error = await refusalOf(googleToken({provider, serviceAccount: email}, scene(given).io))
    expect(error.code).toBe(expected)
    expect(error.evidence).toContain(`sub: ${subject}`)
  })

  test('of an impersonation names the member to grant the role to', async () => {
    const given = scene({serviceAccount: {email, subject: 'other'}})
    const error = await refusalOf(googleToken({provider, serviceAccount: email}, given.io))
    expect(error.remedy).toContain(
      `principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/subject/${subject}`,
    )
  })
})
