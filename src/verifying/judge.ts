import {printable} from '../errors/printable.ts'
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
  | {
      readonly kind: 'unverified'
      readonly reason: string
      /** Present for a signature by a key: the hint of a bundle, which is not verified either. */
      readonly key?: {readonly hint: string | undefined}
    }
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

/**
 * Compares what registries have with the demands, all of which must hold for each manifest that they are about.
 * @param images subjects of each image: its index or manifest, and its platforms.
 */
export function judgeSignatures(
  demands: readonly Demand[],
  images: readonly (readonly SignedSubject[])[],
  server: WorkflowServer,
): SignatureVerdict {
  const met: string[] = []
  const problems: string[] = []
  const mentioned = new Set<Examined>()
  const related = new Set<Examined>()
  let isUntrusted = false
  for (const demand of demands) {
    const subjects = images.map((image) => concerned(demand, image, server))
    if (subjects.length === 0 || subjects.some((of) => of.length === 0))
      problems.push(`verify, line ${demand.line}: there is no platform to meet ${demand.text}`)
    for (const {subject, note} of subjects.flat()) {
      const compared = subject.examined.map((one) => ({one, reason: mismatch(one, demand, server)}))
      for (const {one} of compared) if (one.claimed === undefined || one.claimed.type === demand.type) related.add(one)
      const fitting = compared.filter(({reason}) => reason === undefined).map(({one}) => one)
      for (const one of fitting) mentioned.add(one)
      const [first] = fitting
      if (first !== undefined) {
        met.push(`${demand.text}: ${subject.name} by ${signerOf(first)}`)
        continue
      }
      isUntrusted ||= subject.examined.some(({claimed}) => isOfKind(claimed, demand))
      problems.push(`verify, line ${demand.line}: ${subject.name} does not meet ${demand.text}${note}`)
      problems.push(...listed(compared.map(({one, reason}) => `${one.name}: ${describe(one)}: ${reason ?? ''}`)))
      for (const {one} of compared) mentioned.add(one)
      if (compared.length === 0) problems.push('the registries have no signature and no attestation for it')
    }
  }
  const others = [...related]
    .filter((one) => !mentioned.has(one))
    .map((one) => `${one.name} meets no demand: ${describe(one)}`)
  return {met, problems, others: listed(others), isUntrusted}
}

interface Concerned {
  readonly subject: SignedSubject
  /** Text after a line about a demand that is not met. */
  readonly note: string
}

/**
 * Subjects of an image that must meet a demand. If either the index or its platforms may meet it, these are the index if
 * it does, and otherwise both of them, except for platforms that meet it alone.
 */
function concerned(demand: Demand, subjects: readonly SignedSubject[], server: WorkflowServer): readonly Concerned[] {
  const {manifests} = demand
  const platforms = subjects.filter(({role}) => role === 'platform')
  if (manifests !== 'either' || platforms.length === 0) {
    const of = {image: 'index', platforms: 'platform', both: undefined, either: undefined}[manifests]
    const chosen = subjects.filter(({role}) => role === 'image' || of === undefined || role === of)
    return chosen.map((subject) => ({subject, note: ''}))
  }
  const meets = ({examined}: SignedSubject): boolean =>
    examined.some((one) => mismatch(one, demand, server) === undefined)
  const top = subjects.filter(({role}) => role !== 'platform')
  if (top.some(meets)) return top.map((subject) => ({subject, note: ''}))
  const below = platforms.map((subject) => ({subject, note: ''}))
  if (platforms.every(meets)) return below
  return [...top.map((subject) => ({subject, note: ', and neither does each of its platforms'})), ...below]
}

/** Number of signatures that a message lists. */
const mostListed = 20

function listed(lines: readonly string[]): readonly string[] {
  const rest = lines.length - mostListed
  return rest <= 0 ? lines : [...lines.slice(0, mostListed), `and ${rest} more`]
}

function isOfKind(claimed: Examined['claimed'], {type, predicates}: Demand): boolean {
  if (claimed?.type !== type) return false
  return type === 'signature' || predicates.some((pattern) => matches(pattern, claimed.predicateType))
}

/** First attribute of the demand that the signature does not have. Undefined if it has all. */
function mismatch({claimed, signer}: Examined, demand: Demand, server: WorkflowServer): string | undefined {
  if (claimed !== undefined && claimed.type !== demand.type) return `it is not ${articled[demand.type]}`
  if (claimed !== undefined && !isOfKind(claimed, demand))
    return `its predicate type is ${printable(claimed.predicateType)}`
  if (signer.kind === 'unverified') return byKeyOnly(signer, demand) ?? signer.reason
  if (demand.signer.kind === 'key') {
    if (signer.kind !== 'key') return 'it is signed with a certificate, not with a key'
    const {name} = demand.signer
    return name === undefined || signer.names.includes(name) ? undefined : `it is not signed by the key "${name}"`
  }
  return signer.kind === 'key' ? byKeyReason : identityMismatch(signer.identity, demand.signer, server)
}

const byKeyReason = 'it is signed by a key, not with the certificate of a workflow'

function byKeyOnly({key}: Extract<Examination, {kind: 'unverified'}>, {signer}: Demand): string | undefined {
  return key !== undefined && signer.kind === 'certificate' ? byKeyReason : undefined
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
  return wrong === undefined
    ? undefined
    : `its ${wrong[0]} is ${printable(wrong[2] ?? 'not stated')}, not ${wrong[1] ?? ''}`
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
        : `attestation ${printable(claimed.predicateType)}`
  if (signer.kind !== 'unverified') return `${kind} by ${signerOf(one)}`
  return signer.key?.hint === undefined ? kind : `${kind} by a key whose hint is ${signer.key.hint}`
}

function signerOf({signer}: Examined): string {
  switch (signer.kind) {
    case 'key': {
      const names = signer.names.filter((name) => name !== '')
      return names.length === 0 ? 'the key of verify-key' : `the key ${names.join(', ')}`
    }
    case 'certificate':
      return printable(signer.identity.signer ?? 'a certificate without a name')
    case 'unverified':
      return 'an unknown signer'
  }
}
