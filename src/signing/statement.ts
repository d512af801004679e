import {isDigest, type Digest} from '../oci/digest.ts'
import {field, parseJson} from '../oci/manifest.ts'

/** Predicate type of a plain signature in the bundle format (cosign 3). */
export const signaturePredicate = 'https://sigstore.dev/cosign/sign/v1'

const statementType = 'https://in-toto.io/Statement/v1'

/** Contents of an in-toto statement: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
interface Statement {
  readonly subjects: readonly Digest[]
  readonly predicateType: string
  readonly predicate: object
}

/**
 * JSON of a statement, in a stable order. Subjects have no names: a digest identifies an image in every repository, and
 * verifiers compare digests only.
 */
export function formatStatement({subjects, predicateType, predicate}: Statement): Uint8Array {
  const subject = subjects.map((digest) => ({digest: {sha256: digest.slice('sha256:'.length)}}))
  return Buffer.from(JSON.stringify({_type: statementType, subject, predicateType, predicate}))
}

/** Statement that index and images of platforms are signed, with the index first. */
export function signatureStatement(index: Digest, images: readonly Digest[]): Uint8Array {
  const others = [...new Set(images)].filter((digest) => digest !== index).sort()
  return formatStatement({subjects: [index, ...others], predicateType: signaturePredicate, predicate: {}})
}

/** Parses a statement, also of version 0.1. Undefined if the bytes are not one. */
export function parseStatement(bytes: Uint8Array): Omit<Statement, 'predicate'> | undefined {
  const value = parseJson(bytes)
  const [type, predicateType, subject] = ['_type', 'predicateType', 'subject'].map((name) => field(value, name))
  if (typeof type !== 'string' || !/^https:\/\/in-toto\.io\/Statement\/v(?:0\.1|1)$/.test(type)) return undefined
  if (typeof predicateType !== 'string' || !Array.isArray(subject)) return undefined
  const subjects = subject.flatMap((one: unknown) => {
    const digest = `sha256:${String(field(field(one, 'digest'), 'sha256'))}`
    return isDigest(digest) ? [digest] : []
  })
  return {subjects, predicateType}
}
