import {sign} from 'node:crypto'
import {canRequestIdToken, requestIdToken, type Claims} from '../credentials/cloud/id-token.ts'
import {signingError} from '../errors/signing-error.ts'
import type {TagboatError} from '../errors/error.ts'
import {parseJson} from '../oci/manifest.ts'
import {formatBundle} from '../signing/bundle.ts'
import {preAuthEncoding} from '../signing/dsse.ts'
import {rejectionOf, type FoundSignature} from '../signing/found-signature.ts'
import type {Signature} from '../signing/signature.ts'
import type {Signer} from '../signing/signer.ts'
import {signatureAnnotations} from '../signing/simple-signing.ts'
import {annotatedBundle} from '../signing/annotated-bundle.ts'
import type {CertificateVerifier} from '../verifying/certificates.ts'
import type {CertificateIdentity} from '../verifying/identity.ts'
import type {SigstoreIo} from './ask.ts'
import {requestCertificate, sigstoreAudience, type SigningCertificate} from './certificate.ts'
import {addToLog} from './log.ts'
import {publishingServices, type SigstoreServices} from './services.ts'
import {requestTimestamp} from './timestamp.ts'

/** Instance of Sigstore with which a run signs. */
interface KeylessOptions {
  readonly services: SigstoreServices
  /** Verifier with the trusted root of the instance: what the services return is verified before it is used. */
  readonly certificates: CertificateVerifier
  /** Address of the GitHub server, which begins the identity. */
  readonly serverUrl: string
  /** Whether the name of a private repository may become public. */
  readonly mayPublish: boolean
  /** Path of the trusted root, for the commands in the log; absent for the public instance. */
  readonly trustFile?: string | undefined
}

/** Identity that the certificates of this job have. */
interface OwnIdentity {
  readonly signer: string
  readonly issuer: string
  /** Address of the repository of the run. All callers of a reusable workflow share its name. */
  readonly repository: string
}

/** Time before the end of a certificate in which it is not used any more, in ms. */
const reserveMs = 60_000

/**
 * Creates the signer with the identity of this job. An ID token is requested at once, to know the identity; the
 * certificate, when something is signed. One certificate signs everything, unless it expires.
 * @throws TagboatError `sign-identity-missing` if the job has no right to ID tokens; `sign-log-public`; `oidc-failed`
 */
export async function keylessSigner(options: KeylessOptions, io: SigstoreIo): Promise<Signer> {
  requireIdentity(io)
  const {claims} = await requestIdToken(sigstoreAudience, io)
  const own = ownIdentity(claims, options)
  requirePrivacy(claims, options)
  const certificate = renewed(async () => requestCertificate(options.services.authority, io), io)
  const signed = async (kind: 'statement' | 'payload', content: Uint8Array): Promise<Signature> =>
    signWith(await certificate(), {kind, content, own}, options, io)
  return {
    name: own.signer,
    verifiedBy: {
      kind: 'identity',
      identity: own.signer,
      issuer: own.issuer,
      ...callerOf(claims),
      ...(options.services.log === undefined && {withoutLog: true}),
      ...(options.trustFile !== undefined && {trustFile: options.trustFile}),
    },
    signStatement: async (statement) => signed('statement', statement),
    signPayload: async (payload) => signed('payload', payload),
    rejects: async (found) => Promise.resolve(rejects(found, own, options)),
  }
}

/** Checks that the job may request ID tokens. @throws TagboatError `sign-identity-missing` */
export function requireIdentity({environment}: Pick<SigstoreIo, 'environment'>): void {
  if (canRequestIdToken({environment})) return
  const names = ['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN']
  const missing = names.filter((name) => (environment[name] ?? '') === '')
  throw signingError('sign-identity-missing', {evidence: missing.map((name) => `${name} is not set`)})
}

/** Identity that the claims of the job state. @throws TagboatError `sign-identity-missing` if they are not those of a workflow. */
function ownIdentity({iss, repository, jobWorkflowRef}: Claims, {serverUrl}: KeylessOptions): OwnIdentity {
  const claims = {iss, repository, job_workflow_ref: jobWorkflowRef}
  const absent = Object.entries(claims).filter(([, value]) => value === '')
  if (absent.length > 0) {
    throw signingError('sign-identity-missing', {
      message: 'The identity token of this job does not name a workflow, so that no certificate can.',
      evidence: absent.map(([name]) => `the ID token has no claim ${name}`),
      remedy: 'Run the step in a workflow of GitHub Actions, or use `sign: key`.',
    })
  }
  return {signer: `${serverUrl}/${jobWorkflowRef}`, issuer: iss, repository: `${serverUrl}/${repository}`}
}

/** Repository of the run, as the claims or the event state it: `public`, `private` or `internal`; empty if unknown. */
export type RepositoryVisibility = Pick<Claims, 'repository' | 'visibility'>

/** Refuses to make a private repository public. @throws TagboatError `sign-log-public` */
export function requirePrivacy(
  {repository, visibility}: RepositoryVisibility,
  {services, mayPublish}: Pick<KeylessOptions, 'services' | 'mayPublish'>,
): void {
  const places = publishingServices(services)
  if (places.length === 0 || mayPublish || visibility === 'public') return
  const stated = visibility === '' ? 'of unknown visibility' : visibility
  throw signingError('sign-log-public', {
    evidence: places.map(({origin}) => `${repository} is ${stated}, and ${origin} is public`),
  })
}

/** Repository of the caller, if the job is one of a reusable workflow in another repository. */
function callerOf({repository, jobWorkflowRef}: Claims): {readonly repository?: string} {
  return repository === '' || jobWorkflowRef.startsWith(`${repository}/`) ? {} : {repository}
}

/** Function that returns the same certificate until it expires. A failure is not kept. */
function renewed(request: () => Promise<SigningCertificate>, {retrier}: SigstoreIo): () => Promise<SigningCertificate> {
  let current: Promise<SigningCertificate> | undefined
  const next = async (previous: typeof current): Promise<SigningCertificate> => {
    const known = await previous?.catch(() => undefined)
    const isUsable = known !== undefined && known.expires.getTime() - retrier.timer.now().getTime() > reserveMs
    return isUsable ? known : request()
  }
  return async () => (current = next(current))
}

interface Signing {
  readonly kind: 'statement' | 'payload'
  readonly content: Uint8Array
  readonly own: OwnIdentity
}

/**
 * Signs, and gets the entry of the log and the timestamp.
 * @throws TagboatError `sign-unavailable` also if what the services returned is not valid.
 */
async function signWith(
  {key, chain, pem}: SigningCertificate,
  {kind, content, own}: Signing,
  {services, certificates}: KeylessOptions,
  io: SigstoreIo,
): Promise<Signature> {
  const data = kind === 'statement' ? preAuthEncoding(content) : content
  const bytes = sign('sha256', data, key)
  const {log, timestamps} = services
  const [entry, timestamp] = await Promise.all([
    log && addToLog({kind, content, signature: bytes, verifier: pem}, log, io),
    timestamps && requestTimestamp(bytes, timestamps, io),
  ])
  const material = {
    key: {kind: 'certificate', chain},
    logEntries: entry === undefined ? [] : [entry],
    timestamps: timestamp === undefined ? [] : [timestamp],
  } as const
  const signature = {bytes, material}
  const bundle =
    kind === 'statement'
      ? parseJson(formatBundle(content, signature))
      : annotatedBundle(signatureAnnotations(signature), {signature: bytes.toString('base64'), payload: content})
  const artifact = kind === 'statement' ? undefined : content
  const result = certificates({bundle, artifact, signed: data})
  if (!result.ok) throw notValid([`the new signature cannot be verified: ${result.reason}`], services)
  const difference = differs(result.identity, own)
  if (difference !== undefined) throw notValid([difference], services)
  return signature
}

function notValid(evidence: readonly string[], {authority, log, timestamps}: SigstoreServices): TagboatError {
  const hosts = [...new Set([authority, log, timestamps].flatMap((url) => url?.host ?? []))].join(', ')
  return signingError('sign-unavailable', {
    message: `The services of Sigstore sent answers that are not valid (${hosts}).`,
    evidence,
    remedy: 'Run the job again. If you use an instance of your own, compare `sigstore-trust` with `sigstore-config`.',
  })
}

/**
 * Reason why a signature is not one by this identity, or lacks what a new one would have, so that the commands to verify
 * would fail. Undefined if it is enough.
 */
function rejects(
  found: FoundSignature,
  own: OwnIdentity,
  {certificates, services}: Pick<KeylessOptions, 'certificates' | 'services'>,
): string | undefined {
  return rejectionOf(found, (claim) => {
    if (claim.bundle === undefined) return 'it is signed by a key, not with a certificate'
    const result = certificates(claim)
    if (!result.ok) return result.reason
    if (services.log !== undefined && !result.hasLogEntry) return 'it has no entry in a log'
    if (services.log === undefined && !result.hasTimestamp) return 'it has no timestamp'
    return differs(result.identity, own)
  })
}

function differs({signer, issuer, repository}: CertificateIdentity, own: OwnIdentity): string | undefined {
  if (signer !== own.signer) return `its identity is ${signer ?? 'unknown'}, not ${own.signer}`
  if (issuer !== own.issuer) return `its issuer is ${issuer ?? 'unknown'}, not ${own.issuer}`
  return repository === own.repository
    ? undefined
    : `its repository is ${repository ?? 'unknown'}, not ${own.repository}`
}
