import {requestIdToken} from '../../credentials/cloud/id-token.ts'
import {signingError} from '../../errors/signing-error.ts'
import type {TagboatError} from '../../errors/error.ts'
import {parseManifest, images} from '../../oci/manifest.ts'
import {repositoriesOf} from '../../plan/plan.ts'
import type {GitHubAttestation} from '../../run/run-result.ts'
import {formatBundle} from '../../signing/bundle.ts'
import type {Signer} from '../../signing/signer.ts'
import {
  maxSubjects,
  provenancePredicate,
  workflowClaims,
  workflowProvenance,
  type NamedSubject,
  type WorkflowClaims,
} from '../../signing/workflow-provenance.ts'
import type {SigstoreIo} from '../../sigstore/ask.ts'
import {sigstoreAudience} from '../../sigstore/certificate.ts'
import {keylessSigner, requireIdentity} from '../../sigstore/keyless-signer.ts'
import {publicServices, type SigstoreServices} from '../../sigstore/services.ts'
import type {StagedImage} from '../../stage/staged-image.ts'
import type {Publication} from '../promote-image.ts'
import {sigstoreIoFor} from '../sign/open-keyless.ts'
import {certificateVerifierFor} from '../verify/certificate-verifier.ts'
import {
  hasAttestation,
  requireToken,
  uploadAttestation,
  type AttestationStore,
  type UploadIo,
} from './upload-attestation.ts'

/** Image to attest. */
export interface AttestedImage extends Pick<StagedImage, 'content' | 'existing' | 'temporaryTags'> {
  /** Commit of an image that another run may have built. */
  readonly revision?: string | undefined
}

/** GitHub's own instance of Sigstore for private repositories, without a public log. */
const privateServices: SigstoreServices = {
  authority: new URL('https://fulcio.githubapp.com'),
  log: undefined,
  timestamps: new URL('https://timestamp.githubapp.com/api/v1/timestamp'),
}

/**
 * Signs the provenance of this workflow run for an image, and stores it at GitHub
 * (https://docs.github.com/en/actions/concepts/security/artifact-attestations). An image that existed before and has such
 * an attestation gets no other one.
 * @returns undefined if GitHub has one already.
 * @throws TagboatError `attestation-denied`, `attestation-too-large`, `attestation-failed`, and those of a keyless signature.
 */
export async function attestImage(
  image: AttestedImage,
  publication: Publication,
): Promise<GitHubAttestation | undefined> {
  const {prepared, io} = publication
  const {server, repository} = prepared.context
  const sigstore = sigstoreIoFor(prepared.inputs.publish.retries, io)
  requireIdentity(sigstore)
  const store = {
    apiUrl: server.apiUrl,
    repository: `${repository.owner}/${repository.name}`,
    token: requireToken(prepared.inputs.credentials.githubToken),
  }
  const uploadIo: UploadIo = {http: sigstore.http, retrier: sigstore.retrier, hide: io.workflow.hide}
  if (image.existing && (await isAttested(image, store, uploadIo))) return undefined
  const {token} = await requestIdToken(sigstoreAudience, sigstore)
  const claims = workflowClaims(token.reveal())
  requireCommit(image, claims)
  const subjects = subjectsOf(image, publication)
  const statement = workflowProvenance(subjects, claims, server.url)
  const signer = await signerFor(claims, publication, sigstore)
  const bundle = formatBundle(statement, await signer.signStatement(statement))
  const id = await uploadAttestation(bundle, store, uploadIo)
  const url = `${server.url}/${store.repository}/attestations/${id}`
  io.workflow.info(`Attested at GitHub: ${url}`)
  const [first] = subjects
  if (first !== undefined) io.workflow.printGroup('Verify the attestation', [verifyCommand(first, claims)])
  return {id, url}
}

async function isAttested({content: {digest}}: AttestedImage, store: AttestationStore, io: UploadIo): Promise<boolean> {
  return hasAttestation({digest, predicateType: provenancePredicate}, store, io)
}

/** Refuses to state that this run has built an image of another commit. */
function requireCommit({revision}: AttestedImage, {sha}: WorkflowClaims): void {
  if (revision === undefined || revision === sha) return
  throw signingError('attestation-denied', {
    message: 'The image is not of the commit of this workflow run, so its provenance would be wrong.',
    evidence: [`the image is of commit ${revision}, the run of ${sha}`],
    remedy: 'Set `github-attestation` where the image is built, and remove it here.',
  })
}

/** Index and images of the platforms, in each repository; of many platforms, only the index. */
function subjectsOf({content}: AttestedImage, {prepared}: Publication): readonly NamedSubject[] {
  const document = parseManifest(content.bytes)
  const below = document?.kind === 'index' ? images(document).map(({digest}) => digest) : []
  const names = repositoriesOf(prepared.plan).map(({host, path}) => `${host}/${path}`)
  const tops = names.map((name) => ({name, digest: content.digest}))
  const all = [...tops, ...names.flatMap((name) => [...new Set(below)].map((digest) => ({name, digest})))]
  return all.length > maxSubjects ? tops.slice(0, maxSubjects) : all
}

/** Signer of this run, if it has one of the same instance, or else a new one. */
async function signerFor(claims: WorkflowClaims, {prepared}: Publication, io: SigstoreIo): Promise<Signer> {
  const {sign, verify} = prepared.inputs
  const isPublic = claims.visibility === 'public'
  const own = prepared.signers?.find(({verifiedBy}) => verifiedBy.kind === 'identity')
  if (own !== undefined && (sign?.config !== undefined || isPublic)) return own
  if (!isPublic && verify?.trustedRoots === undefined) throw untrusted(claims)
  return keylessSigner(
    {
      services: isPublic ? publicServices : privateServices,
      certificates: await certificateVerifierFor(verify?.trustedRoots),
      serverUrl: prepared.context.server.url,
      trustFile: verify?.trustFile,
      mayPublish: false,
    },
    io,
  )
}

function untrusted({repository, visibility}: WorkflowClaims): TagboatError {
  return signingError('attestation-denied', {
    message:
      'GitHub signs attestations of private repositories with an instance of its own, whose trusted root is missing.',
    evidence: [`${repository} is ${visibility === '' ? 'of unknown visibility' : visibility}`],
    remedy:
      'Set `sigstore-trust` to a file with the output of `gh attestation trusted-root`. GitHub offers attestations of private repositories only with Enterprise Cloud.',
  })
}

/** Command that verifies the attestation. A reusable workflow of another repository has an identity of its own. */
function verifyCommand({name, digest}: NamedSubject, {repository, jobWorkflowRef}: WorkflowClaims): string {
  const [workflow = ''] = jobWorkflowRef.split('@')
  const signer = workflow.startsWith(`${repository}/`) ? '' : ` --signer-workflow ${workflow}`
  return `gh attestation verify oci://${name}@${digest} --repo ${repository}${signer}`
}
