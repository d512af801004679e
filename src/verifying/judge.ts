import type {Demand, DemandedIdentity} from '../inputs/verify/demand.ts'
import type {Digest} from '../oci/digest.ts'
import type {CertificateIdentity} from './identity.ts'
import {matches} from './pattern.ts'

/** Signature or attestation whose bytes are verified, or the reason why they are not. */
export interface Examined {
  /** Name in messages: `bundle sha256:…`. */
  readonly name: string
  /** Type and predicate that it claims; undefined if it is of another form. */
  readonly claimed: {readonly type: Demand['type']; readonly predicateType: string} | undefined
  readonly signer: Examination
}

export type Examination =
  | {readonly kind: 'unverified'; readonly reason: string}
  /** Names of the keys of `verify-key` by which it is signed; the name of an only key may be empty. */
  | {readonly kind: 'key'; readonly names: readonly string[]}
  | {readonly kind: 'certificate'; readonly identity: CertificateIdentity}

/** Manifest that must be signed, with what registries have for it. */
export interface SignedSubject {
  /** Name in messages: `ghcr.io/owner/app@sha256:…`, with the platform. */
  readonly name: string
  readonly digest: Digest
  /** `image`: a manifest without an index, which is also that of its platform. */
  readonly role: 'image' | 'index' | 'platform'
  readonly examined: readonly Examined[]
}

/** Server whose workflows are meant by `repository`. */
export interface WorkflowServer {
  /** `https://github.com`. */
  readonly url: string
  readonly issuer: string
}

export interface SignatureVerdict {
  /** One line per demand that is met: the demand, and the signer. */
  readonly met: readonly string[]
  /** Lines about demands that are not met, and each signature that was found. */
  readonly problems: readonly string[]
  /** Lines about signatures that meet no demand. */
  readonly others: readonly string[]
  /** Whether a demand is not met although there is a signature or an attestation of its kind. */
  readonly isUntrusted: boolean
}

/** Compares what registries have with the demands, all of which must hold for each manifest that they are about. */
export function judgeSignatures(
  demands: readonly Demand[],
  subjects: readonly SignedSubject[],
  server: WorkflowServer,
): SignatureVerdict {
  const met: string[] = []
  const problems: string[] = []
  const useful = new Set<Examined>()
  let isUntrusted = false
  for (const demand of demands) {
    for (const subject of subjects.filter(({role}) => concerns(demand, role))) {
      const compared = subject.examined.map((one) => ({one, reason: mismatch(one, demand, server)}))
      const fitting = compared.filter(({reason}) => reason === undefined).map(({one}) => one)
      for (const one of fitting) useful.add(one)
      const [first] = fitting
      if (first !== undefined) {
        met.push(`${demand.text}: ${subject.name} by ${signerOf(first)}`)
        continue
      }
      isUntrusted ||= subject.examined.some(({claimed}) => isOfKind(claimed, demand))
      problems.push(`verify, line ${demand.line}: ${subject.name} does not meet ${demand.text}`)
      problems.push(...listed(compared.map(({one, reason}) => `${one.name}: ${describe(one)}: ${reason ?? ''}`)))
      if (compared.length === 0) problems.push('the registries have no signature and no attestation for it')
    }
  }
  const others = subjects
    .flatMap(({examined}) => examined)
    .filter((one) => !useful.has(one))
    .map((one) => `${one.name} meets no demand: ${describe(one)}`)
  return {met, problems, others: listed(others), isUntrusted}
}

/** Number of signatures that a message lists. */
const mostListed = 20

function listed(lines: readonly string[]): readonly string[] {
  const rest = lines.length - mostListed
  return rest <= 0 ? lines : [...lines.slice(0, mostListed), `and ${rest} more`]
}

function concerns({manifests}: Demand, role: SignedSubject['role']): boolean {
  if (role === 'image') return true
  return role === 'index' ? manifests !== 'platforms' : manifests !== 'image'
}

function isOfKind(claimed: Examined['claimed'], {type, predicates}: Demand): boolean {
  if (claimed?.type !== type) return false
  return type === 'signature' || predicates.some((pattern) => matches(pattern, claimed.predicateType))
}

/** First attribute of the demand that the signature does not have. Undefined if it has all. */
function mismatch({claimed, signer}: Examined, demand: Demand, server: WorkflowServer): string | undefined {
  if (claimed !== undefined && claimed.type !== demand.type) return `it is not ${articled[demand.type]}`
  if (claimed !== undefined && !isOfKind(claimed, demand)) return `its predicate type is ${claimed.predicateType}`
  if (signer.kind === 'unverified') return signer.reason
  if (demand.signer.kind === 'key') {
    if (signer.kind !== 'key') return 'it is signed with a certificate, not with a key'
    const {name} = demand.signer
    return name === undefined || signer.names.includes(name) ? undefined : `it is not signed by the key "${name}"`
  }
  return signer.kind === 'key'
    ? 'it is signed by a key, not with a certificate'
    : identityMismatch(signer.identity, demand.signer, server)
}

const articled = {signature: 'a signature', attestation: 'an attestation'} as const

function identityMismatch(
  identity: CertificateIdentity,
  demanded: DemandedIdentity,
  server: WorkflowServer,
): string | undefined {
  const {issuer = server.issuer, repository, workflow, ref, runner, signer} = demanded
  const prefix = identity.repository === undefined ? undefined : `${identity.repository}/`
  const compared: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['issuer', issuer, identity.issuer],
    ['repository', repository === undefined ? undefined : `${server.url}/${repository}`, identity.repository],
    ['repository-id', demanded['repository-id'], identity.repositoryId],
    ['signer', signer, identity.signer],
    ['workflow', workflow, workflowPath(identity.workflow, prefix)],
    ['ref', ref, identity.ref],
    ['runner', runner, identity.runner],
  ]
  const wrong = compared.find(
    ([, pattern, value]) => pattern !== undefined && (value === undefined || !matches(pattern, value)),
  )
  return wrong === undefined ? undefined : `its ${wrong[0]} is ${wrong[2] ?? 'not stated'}, not ${wrong[1] ?? ''}`
}

/**
 * Path of a workflow file in its repository, from its address `https://github.com/owner/name/path@refs/…`. A file name
 * contains no slash, so the first `@refs/` after the path is that of the ref.
 */
function workflowPath(address: string | undefined, prefix: string | undefined): string | undefined {
  if (address === undefined || prefix === undefined || !address.startsWith(prefix)) return undefined
  const path = address.slice(prefix.length)
  const at = path.indexOf('@refs/')
  return at === -1 ? undefined : path.slice(0, at)
}

/** Words for a signature and its signer. */
function describe(one: Examined): string {
  const {claimed, signer} = one
  const kind =
    claimed === undefined
      ? 'unknown content'
      : claimed.type === 'signature'
        ? 'signature'
        : `attestation ${claimed.predicateType}`
  return signer.kind === 'unverified' ? kind : `${kind} by ${signerOf(one)}`
}

function signerOf({signer}: Examined): string {
  switch (signer.kind) {
    case 'key': {
      const names = signer.names.filter((name) => name !== '')
      return names.length === 0 ? 'the key of verify-key' : `the key ${names.join(', ')}`
    }
    case 'certificate':
      return signer.identity.signer ?? 'a certificate without a name'
    case 'unverified':
      return 'an unknown signer'
  }
}
