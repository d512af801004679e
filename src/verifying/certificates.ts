import {bundleFromJSON, type Bundle} from '@sigstore/bundle'
import {TrustedRoot} from '@sigstore/protobuf-specs'
import {toSignedEntity, toTrustMaterial, Verifier} from '@sigstore/verify'
import {errorMessage} from '../errors/error.ts'
import {identityExtensions, type CertificateIdentity} from './identity.ts'
import type {Claim} from '../signing/claim.ts'

/** Result of the verification of a certificate, its time, and the signature. */
type CertificateResult =
  | {
      readonly ok: true
      readonly identity: CertificateIdentity
      /** The bundle has an entry of a log; each of its entries is verified. */
      readonly hasLogEntry: boolean
      /** The bundle has a timestamp of an authority; each of its timestamps is verified. */
      readonly hasTimestamp: boolean
    }
  /** The reason is a part of a sentence. */
  | {readonly ok: false; readonly reason: string}

export type CertificateVerifier = (claim: Pick<Claim, 'bundle' | 'artifact' | 'signed'>) => CertificateResult

/**
 * Creates the verifier for certificates. One of the trusted roots must have issued the certificate, and a log or a
 * timestamp authority of the same root must confirm that it was valid when the signature was made. A root with
 * certificate logs requires that one of them has the certificate.
 * @param roots JSON documents `TrustedRoot` (https://github.com/sigstore/protobuf-specs).
 * @throws Error if one of them is not valid.
 */
export function certificateVerifier(roots: readonly unknown[]): CertificateVerifier {
  const verifiers = roots.map((root) => {
    const material = toTrustMaterial(TrustedRoot.fromJSON(root))
    const ctlogThreshold = material.ctlogs.length > 0 ? 1 : 0
    return new Verifier(material, {ctlogThreshold, tlogThreshold: 0, timestampThreshold: 1})
  })
  return ({bundle: json, artifact, signed}) => {
    let reason = 'its certificate is not trusted'
    for (const verifier of verifiers) {
      try {
        const bundle = bundleFromJSON(json)
        requireSame(bundle, {artifact, signed})
        const entity = toSignedEntity(bundle, artifact === undefined ? undefined : Buffer.from(artifact))
        const {identity} = verifier.verify(entity)
        const {tlogEntries, timestampVerificationData: times} = bundle.verificationMaterial
        return {
          ok: true,
          identity: identityOf(identity ?? {}),
          hasLogEntry: tlogEntries.length > 0,
          hasTimestamp: (times?.rfc3161Timestamps ?? []).length > 0,
        }
      } catch (error) {
        reason = `its certificate, time or signature is not valid (${errorMessage(error)})`
      }
    }
    return {ok: false, reason}
  }
}

/**
 * Refuses a bundle that the library reads otherwise than this program: another payload would be verified. A bundle
 * without an artifact has an envelope, even if it contains a signature of other bytes as well.
 */
function requireSame({content}: Bundle, {artifact, signed}: Pick<Claim, 'artifact' | 'signed'>): void {
  if (content.$case !== 'dsseEnvelope') {
    if (artifact === undefined) throw new Error('the library reads a signature without an envelope')
    return
  }
  const {payload, payloadType} = content.dsseEnvelope
  const prefix = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.byteLength} `
  if (!Buffer.concat([Buffer.from(prefix), payload]).equals(signed)) throw new Error('the envelope is ambiguous')
}

type Signed = NonNullable<ReturnType<Verifier['verify']>['identity']>

function identityOf({subjectAlternativeName, extensions, oids = []}: Signed): CertificateIdentity {
  const valueOf = (oid: string): string | undefined => {
    const found = oids.find(({oid: one}) => one?.id.join('.') === oid)
    return found === undefined ? undefined : utf8String(found.value)
  }
  return {
    signer: subjectAlternativeName,
    issuer: extensions?.issuer,
    repository: valueOf(identityExtensions.repository),
    repositoryId: valueOf(identityExtensions.repositoryId),
    workflow: valueOf(identityExtensions.workflow),
    ref: valueOf(identityExtensions.ref),
    runner: valueOf(identityExtensions.runner),
  }
}

/** Text of a DER UTF8String. Undefined for another element. */
function utf8String(der: Buffer): string | undefined {
  const [tag, first = 0] = der
  if (tag !== 0x0c) return undefined
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (lengthBytes > 2 || der.byteLength < 2 + lengthBytes) return undefined
  const length = lengthBytes === 0 ? first : der.readUIntBE(2, lengthBytes)
  const text = der.subarray(2 + lengthBytes)
  return text.byteLength === length ? text.toString('utf8') : undefined
}
