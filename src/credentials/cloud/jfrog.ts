import {TagboatError} from '../../errors/error.ts'
import {Secret} from '../../errors/secret.ts'
import type {JFrogIdentity} from '../../inputs/credentials/identity.ts'
import {field, parseJson} from '../../oci/manifest.ts'
import {claimLines, readExpiry, readSubject, requestIdToken} from './id-token.ts'
import type {Minted} from './minted.ts'
import {askTokenService, errorLines, refusalCode, statusLine, type TokenServiceIo} from './token-service.ts'

/** Audience that the CLI of JFrog requests by default. */
const defaultAudience = 'jfrog-github'

/**
 * Requests an access token of a JFrog platform:
 * https://jfrog.com/help/r/jfrog-platform-administration-documentation/openid-connect-integration
 * @throws TagboatError `jfrog-exchange-refused`, `registry-unreachable`, `registry-failed`, `oidc-unavailable`,
 *   `oidc-failed`.
 */
export async function jfrogToken(host: string, identity: JFrogIdentity, io: TokenServiceIo): Promise<Minted> {
  const {providerName, projectKey, mappingName, audience = defaultAudience, platform = host} = identity
  const {token, claims} = await requestIdToken(audience, io)
  const request = {
    name: 'OIDC token',
    method: 'POST',
    url: new URL('/access/api/v1/oidc/token', `https://${platform}`),
    headers: {'content-type': 'application/json'},
    body: Buffer.from(
      JSON.stringify({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
        subject_token: token.reveal(),
        provider_name: providerName,
        ...(projectKey !== undefined && {project_key: projectKey}),
        ...(mappingName !== undefined && {identity_mapping_name: mappingName}),
      }),
    ),
    unreachable: 'registry-unreachable',
  } as const
  const response = await askTokenService(request, io)
  const answer = parseJson(response.body)
  const access = field(answer, 'access_token')
  const username = typeof access === 'string' ? userOf(readSubject(access)) : ''
  if (response.status !== 200 || typeof access !== 'string' || username === '')
    throw new TagboatError(refusalCode(response, 'jfrog-exchange-refused'), {
      message: `${platform} issued no token for the provider ${providerName}.`,
      evidence: [statusLine(request, response), ...errorLines(response, io), ...claimLines(claims)],
    })
  io.secrets.keep(access)
  return {
    kind: 'basic',
    username,
    password: new Secret(access),
    until: readExpiry(access),
    identity: `${username} by the provider ${providerName}, as ${claims.sub}`,
  }
}

/** User in the subject of a token: `jfac@01h…/users/NAME`, `jfrt@01h…/users/NAME`, or the name alone. */
function userOf(subject: string): string {
  return subject.slice(subject.lastIndexOf('/') + 1)
}
