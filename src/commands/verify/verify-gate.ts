import {signingError} from '../../errors/signing-error.ts'
import {TagboatError, errorMessage} from '../../errors/error.ts'
import type {VerifyInputs} from '../../inputs/verify/demand.ts'
import type {Digest} from '../../oci/digest.ts'
import {unclearEntries} from '../../oci/index-entries.ts'
import {parseManifest, type ManifestContent} from '../../oci/manifest.ts'
import {formatShortPlatform} from '../../oci/platform.ts'
import {formatRepository, type Repository} from '../../oci/reference.ts'
import type {StoredSignature} from '../../oci/stored-signature.ts'
import {readStoredSignatures} from '../../registry/signatures/stored-signatures.ts'
import {judged, type Judgement} from '../../stage/gate.ts'
import {platformImages} from '../../stage/staged-image.ts'
import type {CertificateVerifier} from '../../verifying/certificates.ts'
import {examine, type Trust} from '../../verifying/examine.ts'
import {judgeSignatures, type SignedSubject} from '../../verifying/judge.ts'
import {parsePublicKey} from '../../signing/keys/public-key.ts'
import {workflowServer} from '../../verifying/workflow-server.ts'
import type {Publication} from '../promote-image.ts'
import {certificateVerifierFor} from './certificate-verifier.ts'

/** Image whose signatures are demanded. */
interface SignedImage {
  readonly content: Pick<ManifestContent, 'digest' | 'bytes'>
  /** Repositories with the image, all of whose signatures count. */
  readonly repositories: readonly Repository[]
}

/**
 * Compares the signatures of images with `verify`. Everything is read by digest. A verdict that fails has the error
 * `signature-missing` or `signature-untrusted`.
 * @param digest image that gets the tags, which may combine several images.
 */
export async function judgeSignaturesOf(
  images: readonly SignedImage[],
  digest: Digest,
  inputs: VerifyInputs,
  publication: Publication,
): Promise<Judgement> {
  const {prepared, io} = publication
  const {demands} = inputs
  return judged({gate: 'verify', digest}, publication, async () => {
    const trust = await trustOf(inputs)
    const subjects = await Promise.all(images.map(async (image) => subjectsOf(image, {inputs, trust}, publication)))
    const server = workflowServer(prepared.context.server.url)
    const {met, problems, others, isUntrusted} = judgeSignatures(demands, subjects, server)
    io.workflow.print(met.map((line) => `Verified: ${line}`))
    const limits = {verify: demands.map(({text}) => text)}
    const evidence = [...problems, ...others]
    if (problems.length === 0) return {reason: met.join('; '), limits, ...(others.length > 0 && {evidence})}
    const failure = signingError(isUntrusted ? 'signature-untrusted' : 'signature-missing', {evidence: problems})
    return {reason: failure.message, limits, evidence, failure}
  })
}

/** Keys and authorities of the inputs. The code for certificates is loaded only if a demand needs it. */
async function trustOf({demands, keys, trustedRoots}: VerifyInputs): Promise<Trust> {
  const parsed = keys.flatMap(({name = '', source}) => {
    const key = source.kind === 'pem' ? parsePublicKey(source.pem) : ''
    return typeof key === 'string' ? [] : [{name, key}]
  })
  const needsCertificates = demands.some(({signer}) => signer.kind === 'certificate')
  return {keys: parsed, certificates: needsCertificates ? await verifierFor(trustedRoots) : undefined}
}

/** @throws TagboatError `input-invalid` */
async function verifierFor(roots: VerifyInputs['trustedRoots']): Promise<CertificateVerifier> {
  try {
    return await certificateVerifierFor(roots)
  } catch (error) {
    throw new TagboatError('input-invalid', {
      evidence: [`sigstore-trust: it is not a trusted root of Sigstore (${errorMessage(error)}).`],
      cause: error,
    })
  }
}

/** Manifests of an image that a demand concerns, and what the repositories have for each. */
async function subjectsOf(
  {content, repositories}: SignedImage,
  {inputs, trust}: {readonly inputs: VerifyInputs; readonly trust: Trust},
  publication: Publication,
): Promise<readonly SignedSubject[]> {
  const isIndex = parseManifest(content.bytes)?.kind === 'index'
  const [first] = repositories
  const prefix = first === undefined ? '' : `${formatRepository(first)}@`
  const top = {name: `${prefix}${content.digest}`, digest: content.digest, role: isIndex ? 'index' : 'image'} as const
  const needsPlatforms = isIndex && inputs.demands.some(({manifests}) => manifests !== 'image')
  const platforms = needsPlatforms ? platformImages(content, undefined).images : []
  const below = platforms.map(
    ({platform, digest}) =>
      ({name: `${prefix}${digest} (${formatShortPlatform(platform)})`, digest, role: 'platform'}) as const,
  )
  // What a runtime may pull without a platform meets no demand for platforms.
  const unclear = (needsPlatforms ? unclearEntries(content.bytes) : []).map(
    (entry) =>
      ({
        name: `${prefix}${content.digest}, ${entry},`,
        digest: content.digest,
        role: 'platform',
        examined: [],
      }) as const,
  )
  const examined = await Promise.all(
    [top, ...below].map(async (subject) => {
      const stored = await storedIn(repositories, subject.digest, publication)
      return {...subject, examined: stored.map((one) => examine(one, subject.digest, trust))}
    }),
  )
  return [...examined, ...unclear]
}

/** Signatures of a manifest in all repositories, each once. */
async function storedIn(
  repositories: readonly Repository[],
  digest: Digest,
  {registries, io}: Publication,
): Promise<readonly StoredSignature[]> {
  const read = await Promise.all(
    repositories.map(async (one) => readStoredSignatures(registries.clients.repository(one), digest)),
  )
  for (const line of new Set(read.flatMap(({unread}) => unread))) io.workflow.warning(line)
  const byContent = new Map(
    read.flatMap(({found}) =>
      found.map((one) => [JSON.stringify([one.kind, one.digest, one.annotations]), one] as const),
    ),
  )
  return [...byContent.values()]
}
