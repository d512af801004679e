import {cloudError} from '../../errors/cloud-error.ts'
import {TagboatError} from '../../errors/error.ts'
import {Secret} from '../../errors/secret.ts'
import type {DockerHubIdentity} from '../../inputs/credentials/identity.ts'
import {field, parseJson} from '../../oci/manifest.ts'
import {claimLines, requestIdToken} from './id-token.ts'
import type {Minted} from './minted.ts'
import {askTokenService, errorLines, later, refusalCode, statusLine, type TokenServiceIo} from './token-service.ts'

/** Lifetime to request, in seconds: an hour, as docker/login-action does. */
const lifetime = 3600

/**
 * Requests an access token for Docker Hub.
 * @throws TagboatError `dockerhub-connection-refused`, `registry-unreachable`, `registry-failed`, `oidc-unavailable`,
 *   `oidc-failed`.
 */
export async function dockerHubToken(identity: DockerHubIdentity, io: TokenServiceIo): Promise<Minted> {
  const {connectionId, username} = identity
  const {token, claims} = await requestIdToken('https://identity.docker.com', io)
  const seconds = io.environment['DOCKERHUB_OIDC_EXPIREIN'] ?? ''
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
    subject_token: token.reveal(),
    connection_id: connectionId,
    expires_in: /^\d{1,6}$/.test(seconds) ? seconds : String(lifetime),
  })
  const request = {
    name: 'token',
    method: 'POST',
    url: new URL('https://identity.docker.com/oauth/token'),
    headers: {'content-type': 'application/x-www-form-urlencoded'},
    body: Buffer.from(form.toString()),
    unreachable: 'registry-unreachable',
  } as const
  const response = await askTokenService(request, io)
  const answer = parseJson(response.body)
  const [access, expiry] = [field(answer, 'access_token'), field(answer, 'expires_in')]
  if (response.status === 200 && typeof access === 'string') {
    io.secrets.keep(access)
    const life = typeof expiry === 'number' ? expiry : Number(form.get('expires_in'))
    const until = later(io, life)
    return {kind: 'basic', username, password: new Secret(access), until, identity: `${username} as ${claims.sub}`}
  }
  const evidence = [statusLine(request, response), ...errorLines(response, io), ...claimLines(claims)]
  const code = refusalCode(response, 'dockerhub-connection-refused')
  throw code === 'registry-failed' ? new TagboatError(code, {evidence}) : cloudError(code, {evidence})
}
