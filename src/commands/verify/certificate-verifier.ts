import {parseJson} from '../../oci/manifest.ts'
import type {CertificateVerifier} from '../../verifying/certificates.ts'

/**
 * Creates the verifier for the certificates of these trusted roots, or else of the public instance of Sigstore. Its code
 * and the public root are loaded on demand.
 * @throws Error if a root is not valid.
 */
export async function certificateVerifierFor(roots: readonly unknown[] | undefined): Promise<CertificateVerifier> {
  const {certificateVerifier} = await import('../../verifying/certificates.ts')
  return certificateVerifier(roots ?? [await publicRoot()])
}

async function publicRoot(): Promise<unknown> {
  const {publicTrustedRoot} = await import('../../verifying/public-trusted-root.ts')
  return parseJson(Buffer.from(publicTrustedRoot))
}
