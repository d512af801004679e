import {expect, test} from '@jest/globals'
import {dockerHubToken} from '../../../../src/credentials/cloud/docker-hub.ts'
import type {HttpRequest, HttpResponse} from '../../../../src/io/http.ts'
import {json, subject, type GitHubTokens} from '../../../../testing/clouds/github-tokens.ts'
import {cloudScene, refusalOf, type CloudScene} from '../../../../testing/clouds/scene.ts'

const identity = {connectionId: 'connection', username: 'acme'}

/** Stand-in for the token service of Docker, as docker/login-action asks it. */
function answer(
  request: HttpRequest,
  {tokens, connection, audience}: {tokens: GitHubTokens; connection: string; audience: string},
): HttpResponse {
  const form = new URLSearchParams(request.body instanceof Uint8Array ? Buffer.from(request.body).toString() : '')
  const claims = tokens.verify(form.get('subject_token') ?? '')
  const isExchange =
    request.url.href === 'https://identity.docker.com/oauth/token' &&
    form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:token-exchange' &&
    form.get('subject_token_type') === 'urn:ietf:params:oauth:token-type:id_token' &&
    claims?.['aud'] === audience
  if (!isExchange) return json(400, {error: 'invalid_request', error_description: 'bad exchange'})
  if (form.get('connection_id') !== connection)
    return json(403, {error: 'access_denied', error_description: 'no rule set matches'})
  return json(200, {access_token: 'canary-hub-token', expires_in: Number(form.get('expires_in'))})
}

function scene(
  connection: string,
  environment: Readonly<Record<string, string>> = {},
  audience = 'https://identity.docker.com',
): CloudScene {
  const given = cloudScene((request, tokens) => answer(request, {tokens, connection, audience}))
  return {...given, io: {...given.io, environment: {...given.io.environment, ...environment}}}
}

test.each([
  {name: 'an hour', environment: {}, until: '2026-01-02T04:04:05Z'},
  {
    name: 'as long as docker/login-action asks',
    environment: {DOCKERHUB_OIDC_EXPIREIN: '600'},
    until: '2026-01-02T03:14:05Z',
  },
])('a connection gives a token for $name', async ({environment, until}) => {
  const {io, kept} = scene('connection', environment)
  const minted = await dockerHubToken(identity, io)
  expect({...minted, password: minted.password.reveal()}).toEqual({
    kind: 'basic',
    username: 'acme',
    password: 'canary-hub-token',
    until: new Date(until),
    identity: `acme as ${subject}`,
  })
  expect(kept).toContain('canary-hub-token')
})

test.each([
  {name: 'another connection', given: scene('other'), lines: [403, 'access_denied: no rule set matches']},
  {name: 'another audience', given: scene('connection', {}, 'mine'), lines: [400, 'invalid_request: bad exchange']},
])('a refusal shows the claims: $name', async ({given: {io}, lines: [status, text]}) => {
  const error = await refusalOf(dockerHubToken(identity, io))
  expect(error.code).toBe('dockerhub-connection-refused')
  expect(error.evidence.slice(0, 2)).toEqual([`POST https://identity.docker.com/oauth/token: ${String(status)}`, text])
  expect(error.evidence).toContain(`sub: ${subject}`)
})
