import {signingError} from '../../errors/signing-error.ts'
import type {TagboatError} from '../../errors/error.ts'
import type {SignInputs} from '../../inputs/sign-inputs.ts'
import type {StoredSignature} from '../../oci/stored-signature.ts'
import {formatRepository} from '../../oci/reference.ts'
import {Backoff} from '../../promote/backoff.ts'
import {manifestsAtOnce} from '../../registry/images/image-tree.ts'
import {forEachBounded} from '../../registry/limit.ts'
import {readStoredSignatures} from '../../registry/signatures/stored-signatures.ts'
import {attestationLayer} from '../../signing/attestation-layer.ts'
import {formatBundle} from '../../signing/bundle.ts'
import {parseClaim} from '../../signing/claim.ts'
import {preAuthEncoding} from '../../signing/dsse.ts'
import {parseSignature} from '../../signing/parse-signature.ts'
import type {SignedLayer} from '../../signing/signature-manifests.ts'
import type {Signature} from '../../signing/signature.ts'
import type {Signer} from '../../signing/signer.ts'
import type {Attestation, Attestations} from './attestations.ts'
import {firstOf, kindsOf, type Place} from './place.ts'

/** Kinds of signed attestations: bundles, and envelopes under the tag `.att` of cosign 2. */
type AttestationKind = 'bundle' | 'attestation-tag'

/** Attestation that a place lacks by a signer, in these formats. */
interface Unsigned {
  readonly signer: Signer
  readonly attestation: Attestation
  readonly kinds: readonly AttestationKind[]
}

/** Signed attestation, by its formats. */
type Known = Readonly<Partial<Record<AttestationKind, StoredSignature>>>

/** Signed attestations that places have, and those that they lack. */
interface Attested {
  readonly unsigned: ReadonlyMap<Place, readonly Unsigned[]>
  /** Signed attestations that were found, by signer and statement. */
  readonly known: ReadonlyMap<Signer, ReadonlyMap<Attestation, Known>>
}

interface AttestedQuestion extends Pick<SignInputs, 'format'> {
  readonly attestations: Attestations
  /** Places that cannot have bundles, because their registry cannot list referrers. */
  readonly withoutBundle?: ReadonlySet<Place>
  readonly which?: 'listed'
}

/**
 * Formats in which a signer attests. The tag of cosign 2 needs an entry of a log, or a key: its timestamps are of another
 * form than those of bundles.
 */
function attestationKinds(
  format: SignInputs['format'],
  {verifiedBy}: Pick<Signer, 'verifiedBy'>,
): readonly AttestationKind[] {
  const isWithoutLog = verifiedBy.kind === 'identity' && verifiedBy.withoutLog === true
  return kindsOf(format, 'attestation-tag').filter((kind) => kind === 'bundle' || !isWithoutLog)
}

/** Reports whether a repository has signed attestations in any format. */
export function isAttested(signers: readonly Signer[], format: SignInputs['format'], hasBundles: boolean): boolean {
  return signers.flatMap((signer) => attestationKinds(format, signer)).some((kind) => kind !== 'bundle' || hasBundles)
}

/** Reads which attestations are signed at each place. A signed one counts if it has the same statement. */
export async function readAttested(
  places: readonly Place[],
  signers: readonly Signer[],
  {attestations, format, withoutBundle, which}: AttestedQuestion,
): Promise<Attested> {
  const known = new Map(signers.map((signer) => [signer, new Map<Attestation, Known>()]))
  const unsigned = new Map<Place, readonly Unsigned[]>()
  await forEachBounded(places, manifestsAtOnce, async (place) => {
    const {client, subject} = place
    const expected = attestations.get(subject.digest) ?? []
    const kindsBySigner = new Map(
      signers.map((signer) => {
        const kinds = attestationKinds(format, signer)
        return [signer, withoutBundle?.has(place) === true ? kinds.filter((kind) => kind !== 'bundle') : kinds]
      }),
    )
    const kinds = [...new Set([...kindsBySigner.values()].flat())]
    if (expected.length === 0 || kinds.length === 0) return
    const question = {kinds, which, predicateTypes: expected.map(({predicateType}) => predicateType)}
    const {found: stored} = await readStoredSignatures(client, subject.digest, question)
    const lacking: Unsigned[] = []
    for (const [signer, wanted] of kindsBySigner) {
      for (const attestation of expected) {
        const own: Partial<Record<AttestationKind, StoredSignature>> = {}
        for (const kind of wanted) {
          const candidates = stored.filter((one) => one.kind === kind)
          const found = await ownOf(candidates, attestation, {subject: subject.digest, signer})
          if (found !== undefined) own[kind] = found
        }
        const bySigner = known.get(signer)
        bySigner?.set(attestation, {...bySigner.get(attestation), ...own})
        const missing = wanted.filter((kind) => own[kind] === undefined)
        if (missing.length > 0) lacking.push({signer, attestation, kinds: missing})
      }
    }
    if (lacking.length > 0) unsigned.set(place, lacking)
  })
  return {unsigned, known}
}

async function ownOf(
  candidates: readonly StoredSignature[],
  {predicateType, statement}: Attestation,
  {subject, signer}: {readonly subject: Place['subject']['digest']; readonly signer: Signer},
): Promise<StoredSignature | undefined> {
  const expected = preAuthEncoding(statement)
  return firstOf(candidates, async (stored) => {
    const claim = parseClaim(stored)
    if (typeof claim === 'string' || !Buffer.from(claim.signed).equals(expected)) return false
    return (await signer.rejects({stored, subject, predicateType})) === undefined
  })
}

/** Bundle with a statement of this type. */
export interface NewBundle {
  readonly bytes: Uint8Array
  readonly predicateType: string
}

/** Signed attestations to attach at a place. */
export interface NewAttestations {
  readonly bundles: readonly NewBundle[]
  readonly layers: readonly SignedLayer[]
}

/** Signs what places lack. An attestation is signed once by each signer, for all repositories and formats. */
export async function signAttestations({unsigned, known}: Attested): Promise<ReadonlyMap<Place, NewAttestations>> {
  const made = new Map<Signer, Map<Attestation, Promise<Signature>>>()
  const signatureOf = async (signer: Signer, attestation: Attestation): Promise<Signature> => {
    const bySigner = made.get(signer) ?? new Map<Attestation, Promise<Signature>>()
    made.set(signer, bySigner)
    const signing = bySigner.get(attestation) ?? signer.signStatement(attestation.statement)
    bySigner.set(attestation, signing)
    return signing
  }
  const attested = new Map<Place, NewAttestations>()
  for (const [place, lacking] of unsigned) {
    const bundles: NewBundle[] = []
    const layers: SignedLayer[] = []
    for (const {signer, attestation, kinds} of lacking) {
      const {statement, predicateType} = attestation
      const found = known.get(signer)?.get(attestation) ?? {}
      const sign = async (): Promise<Signature> => signatureOf(signer, attestation)
      if (kinds.includes('bundle')) {
        const bytes = found.bundle?.bytes ?? formatBundle(statement, await sign())
        bundles.push({bytes, predicateType})
      }
      if (kinds.includes('attestation-tag')) layers.push(await layerOf(attestation, found, sign))
    }
    attested.set(place, {bundles, layers})
  }
  return attested
}

/** Layer for the tag of cosign 2: that of another repository, or one with the signature of a bundle, or of a new one. */
async function layerOf(
  {statement, predicateType}: Attestation,
  {bundle, 'attestation-tag': stored}: Known,
  sign: () => Promise<Signature>,
): Promise<SignedLayer> {
  if (stored !== undefined) return stored
  const signature = bundle && parseSignature(bundle.bytes)
  const layer =
    (signature && attestationLayer(statement, signature, predicateType)) ??
    attestationLayer(statement, await sign(), predicateType)
  if (layer !== undefined) return layer
  throw signingError('signature-not-kept', {evidence: [`the log has another envelope than that of ${predicateType}`]})
}

/** Reads the places back until they have all attestations. @throws TagboatError `signature-not-kept` */
export async function requireAttested(
  places: readonly Place[],
  signers: readonly Signer[],
  {sleep, ...question}: AttestedQuestion & {readonly sleep: (ms: number) => Promise<void>},
): Promise<void> {
  const backoff = new Backoff(sleep)
  for (let pending = places; pending.length > 0;) {
    const {unsigned} = await readAttested(pending, signers, {...question, which: 'listed'})
    pending = [...unsigned.keys()]
    if (pending.length > 0 && !(await backoff.wait())) throw notKept(unsigned)
  }
}

const words = {bundle: 'bundle', 'attestation-tag': 'attestation under a tag'} as const

function notKept(unsigned: Attested['unsigned']): TagboatError {
  return signingError('signature-not-kept', {
    evidence: [...unsigned].flatMap(([{client, subject}, lacking]) =>
      lacking.flatMap(({attestation, kinds}) =>
        kinds.map(
          (kind) =>
            `${formatRepository(client.repository)}@${subject.digest} has no ${words[kind]} of this run for ${attestation.predicateType}`,
        ),
      ),
    ),
  })
}
