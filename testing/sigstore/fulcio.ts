import {createPublicKey, verify} from 'node:crypto'
import {fulcioHandler} from '@sigstore/mock'
import {unsignedToken, type GitHubTokens, type TokenClaims} from '../clouds/github-tokens.ts'
import {Refusal, textAt, valueAt, type Answer} from './answer.ts'
import {bytesOf, keyPair, type Authorities} from './authorities.ts'

export const certificatePath = '/api/v2/signingCert'

export interface CertificateRequest {
  readonly body: Buffer
  /** Value of the header `authorization`. */
  readonly authorization: string | undefined
  /** Whether the certificate is for another key than the requested one. */
  readonly forOtherKey: boolean
}

/**
 * Issues a certificate as Fulcio does (https://github.com/sigstore/fulcio/blob/main/fulcio.proto): for a token of GitHub
 * with the audience `sigstore`, and with a proof that the client has the private key. Like the real service, it reads
 * the token from the body or from the header, and the key from the request or from a CSR.
 */
export async function issueCertificate(
  {body, authorization, forOtherKey}: CertificateRequest,
  {ca}: Authorities,
  tokens: GitHubTokens,
): Promise<Answer> {
  const request: unknown = JSON.parse(body.toString())
  const inBody = valueAt(request, 'credentials', 'oidcIdentityToken')
  const token = typeof inBody === 'string' ? inBody : (authorization ?? '').replace(/^Bearer /, '')
  const claims = tokens.verify(token)
  // The real service repeats no token, but a proxy before it may.
  if (claims === undefined) throw new Refusal(401, `There was an error processing the identity token: ${token}`)
  if (claims['aud'] !== 'sigstore') throw new Refusal(401, 'the audience of the identity token is not sigstore')
  const csr = valueAt(request, 'certificateSigningRequest')
  if (csr === undefined) requireProof(request, String(claims['sub']))
  const key = forOtherKey ? publicPem() : undefined
  const asked = {
    credentials: {oidcIdentityToken: unsignedToken({...claims, san: nameOf(claims)})},
    ...(typeof csr === 'string' && key === undefined
      ? {certificateSigningRequest: Buffer.from(csr, 'base64').toString()}
      : {publicKeyRequest: {publicKey: {content: key ?? textAt(request, 'publicKeyRequest', 'publicKey', 'content')}}}),
  }
  const made = await fulcioHandler(ca, {subjectClaim: 'san'}).fn(JSON.stringify(asked))
  if (made.statusCode !== 201) throw new Refusal(400, bytesOf(made.response).toString())
  // The real service responds with 200.
  return {status: 200, headers: {'content-type': 'application/json'}, body: bytesOf(made.response)}
}

/** Subject alternative name of a job of GitHub Actions: its workflow, at a ref. */
function nameOf(claims: TokenClaims): string {
  return `https://github.com/${String(claims['job_workflow_ref'])}`
}

function requireProof(request: unknown, subject: string): void {
  const key = createPublicKey(textAt(request, 'publicKeyRequest', 'publicKey', 'content'))
  const proof = Buffer.from(textAt(request, 'publicKeyRequest', 'proofOfPossession'), 'base64')
  if (!verify('sha256', Buffer.from(subject), key, proof)) {
    throw new Refusal(400, 'The signature supplied in the request could not be verified')
  }
}

function publicPem(): string {
  return keyPair().publicKey.export({format: 'pem', type: 'spki'}).toString()
}
