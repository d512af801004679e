import {randomBytes} from 'node:crypto'
import type {IncomingMessage} from 'node:http'
import {loopback} from '../loopback.ts'

/**
 * Stand-in for the API of Amazon ECR on a loopback address. The test ends its passwords. It accepts what
 * the API accepts: a signed request of the JSON protocol for `GetAuthorizationToken`.
 */
export interface PasswordService extends AsyncDisposable {
  /** Variables of a step whose registry is of this account. */
  readonly environment: Readonly<Record<string, string>>
  /** Passwords in the order of their issue. */
  readonly issued: readonly string[]
  /** Valid users and their passwords: the last one, until it is revoked. */
  readonly users: Readonly<Record<string, string>>
  revoke(): void
}

export const passwordUser = 'AWS'

/** Starts the service. `lifeSeconds` is the life that it states. */
export async function startPasswordService(lifeSeconds: number): Promise<PasswordService> {
  const issued: string[] = []
  const users: {AWS?: string} = {}
  const server = await loopback((request, response) => {
    if (!isValid(request)) {
      response.writeHead(400).end(JSON.stringify({__type: 'InvalidSignatureException', message: 'not signed for ECR'}))
      return
    }
    const password = `canary-${issued.length + 1}-${randomBytes(12).toString('hex')}`
    issued.push(password)
    users.AWS = password
    const authorizationToken = Buffer.from(`${passwordUser}:${password}`).toString('base64')
    const data = {authorizationToken, expiresAt: Date.now() / 1000 + lifeSeconds}
    response.end(JSON.stringify({authorizationData: [data]}))
  })
  return {
    environment: {
      AWS_ENDPOINT_URL_ECR: `http://${server.host}`,
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'canary-secret-key',
    },
    issued,
    users,
    revoke() {
      delete users.AWS
    },
    [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
  }
}

function isValid({method, headers}: IncomingMessage): boolean {
  return (
    method === 'POST' &&
    headers['content-type'] === 'application/x-amz-json-1.1' &&
    headers['x-amz-target'] === 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken' &&
    /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/\d{8}\/eu-west-1\/ecr\/aws4_request/.test(headers.authorization ?? '')
  )
}
