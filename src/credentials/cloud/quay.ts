import {TagboatError} from '../../errors/error.ts'
import {Secret} from '../../errors/secret.ts'
import type {QuayIdentity} from '../../inputs/credentials/identity.ts'
import {field, parseJson} from '../../oci/manifest.ts'
import {claimLines, readExpiry, requestIdToken, type Claims} from './id-token.ts'
import type {Minted} from './minted.ts'
import {askTokenService, errorLines, refusalCode, statusLine, type TokenServiceIo} from './token-service.ts'

/**
 * Requests a password for a robot of Quay that is federated with GitHub:
 * https://docs.redhat.com/en/documentation/red_hat_quay/3.13/html/manage_red_hat_quay/keyless-authentication-robot-accounts
 * @throws TagboatError `quay-federation-refused`, `registry-unreachable`, `registry-failed`, `oidc-unavailable`,
 *   `oidc-failed`.
 */
export async function quayToken(host: string, identity: QuayIdentity, io: TokenServiceIo): Promise<Minted> {
  const {robot, audience = host} = identity
  const {token, claims} = await requestIdToken(audience, io)
  const login = Buffer.from(`${robot}:${token.reveal()}`).toString('base64')
  io.secrets.keep(login)
  const request = {
    name: 'robot token',
    method: 'GET',
    url: new URL('/oauth2/federation/robot/token', `https://${host}`),
    headers: {authorization: `Basic ${login}`},
    unreachable: 'registry-unreachable',
  } as const
  const response = await askTokenService(request, io)
  const password = field(parseJson(response.body), 'token')
  if (response.status !== 200 || typeof password !== 'string') {
    const code = refusalCode(response, 'quay-federation-refused')
    throw new TagboatError(code, {
      message: `${host} issued no token for the robot ${robot}.`,
      evidence: [statusLine(request, response), ...errorLines(response, io), ...claimLines(claims)],
      ...(code === 'quay-federation-refused' && {remedy: federationRemedy(robot, claims)}),
    })
  }
  io.secrets.keep(password)
  return {
    kind: 'basic',
    username: robot,
    password: new Secret(password),
    until: readExpiry(password),
    identity: `robot ${robot} as ${claims.sub}`,
  }
}

/** Quay compares issuer and subject exactly, without wildcards. */
function federationRemedy(robot: string, {iss, sub}: Claims): string {
  return `Check that the robot ${robot} exists, and add to its federation the issuer ${iss} with the subject ${sub}. Quay knows no wildcards: add each branch, tag or environment that publishes.`
}
