import {describe, expect, test} from '@jest/globals'
import {dockerHubToken} from '../../../../src/credentials/cloud/docker-hub.ts'
import {jfrogToken} from '../../../../src/credentials/cloud/jfrog.ts'
import {quayToken} from '../../../../src/credentials/cloud/quay.ts'
import type {TokenServiceIo} from '../../../../src/credentials/cloud/token-service.ts'
import type {HttpResponse} from '../../../../src/io/http.ts'
import {json} from '../../../../testing/clouds/github-tokens.ts'
import {cloudScene, refusalOf} from '../../../../testing/clouds/scene.ts'

describe.each([
  {
    name: 'Docker Hub',
    token: async (io: TokenServiceIo) => dockerHubToken({connectionId: 'c', username: 'acme'}, io),
    line: 'POST https://identity.docker.com/oauth/token',
  },
  {
    name: 'Quay',
    token: async (io: TokenServiceIo) => quayToken('quay.example', {robot: 'octocat+ci'}, io),
    line: 'GET https://quay.example/oauth2/federation/robot/token',
  },
  {
    name: 'JFrog',
    token: async (io: TokenServiceIo) => jfrogToken('jfrog.example', {providerName: 'github'}, io),
    line: 'POST https://jfrog.example/access/api/v1/oidc/token',
  },
])('$name has refused nothing', ({token, line}) => {
  test.each([429, 500, 503])('with the status %d', async (status) => {
    const error = await refusalOf(token(cloudScene(() => json(status, {})).io))
    expect(error.code).toBe('registry-failed')
    expect(error.evidence[0]).toBe(`${line}: ${status}`)
    expect(error.evidence.at(-1)).toMatch(/^aud: /)
  })

  test('without a response', async () => {
    const timeout = (): HttpResponse => {
      throw new Error('timed out')
    }
    const error = await refusalOf(token(cloudScene(timeout).io))
    expect({code: error.code, evidence: error.evidence}).toEqual({
      code: 'registry-unreachable',
      evidence: [`${line}: timed out`],
    })
  })
})
