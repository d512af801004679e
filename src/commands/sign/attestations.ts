import {signingError} from '../../errors/signing-error.ts'
import type {TagboatError} from '../../errors/error.ts'
import {attestationsIn, type Attached} from '../../oci/attestations.ts'
import type {Digest} from '../../oci/digest.ts'
import {field, parseDescriptor, parseJson, type Descriptor, type ManifestContent} from '../../oci/manifest.ts'
import {formatRepository} from '../../oci/reference.ts'
import {Backoff} from '../../promote/backoff.ts'
import {manifestsAtOnce} from '../../registry/images/image-tree.ts'
import {forEachBounded} from '../../registry/limit.ts'
import {readBundles, readSmallBlob} from '../../registry/signatures/read-signatures.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {formatBundle, parseBundle} from '../../signing/bundle.ts'
import type {Signer} from '../../signing/signer.ts'
import {formatStatement} from '../../signing/statement.ts'
import type {NewBundle} from './attach-bundles.ts'
import type {Place} from './place.ts'

/** Statement of BuildKit about the image of a platform, as it is signed. */
interface Attestation {
  readonly predicateType: string
  readonly statement: Uint8Array
}

/** Attestations by the digest of the image. */
type Attestations = ReadonlyMap<Digest, readonly Attestation[]>

/** Limit of a statement, such as an SBOM. A larger one is not signed. */
const maxStatementBytes = 64 * 1024 * 1024

/**
 * Reads the attestations that BuildKit made for each image. Each becomes a statement of version 1 about the digest of the
 * image. Only those count that the digest of the index covers, and those that this run has attached: any account
 * that may push to a repository can add a referrer, and a signature would vouch for it.
 */
export async function readAttestations(places: readonly Place[], attached: readonly Attached[]): Promise<Attestations> {
  const bySubject = new Map(places.map((place) => [place.subject.digest, place]))
  const found = new Map<Digest, readonly Attestation[]>()
  await forEachBounded([...bySubject.values()], manifestsAtOnce, async ({subject, client, top}) => {
    const {digest} = subject
    const indexed = attestationsIn(top.bytes).filter((one) => one.subject?.digest === digest)
    const manifests = await Promise.all(indexed.map(async (one) => client.manifest(one.digest)))
    const own = attached.filter((one) => one.subject === digest).map(({content}) => content)
    const statements: Attestation[] = []
    for (const manifest of indexed.length > 0 ? manifests : own)
      if (manifest !== undefined) statements.push(...(await statementsIn(manifest, digest, client)))
    if (statements.length > 0) found.set(digest, statements)
  })
  return found
}

async function statementsIn(
  {bytes}: ManifestContent,
  subject: Digest,
  client: RepositoryClient,
): Promise<readonly Attestation[]> {
  const layers = field(parseJson(bytes), 'layers')
  const statements: Attestation[] = []
  for (const layer of Array.isArray(layers) ? layers : []) {
    const blob = parseDescriptor(layer)
    if (blob?.mediaType !== 'application/vnd.in-toto+json') continue
    const statement = await readStatement(blob, subject, client)
    if (statement !== undefined) statements.push(statement)
  }
  return statements
}

async function readStatement(
  blob: Descriptor,
  subject: Digest,
  client: RepositoryClient,
): Promise<Attestation | undefined> {
  const bytes = await readSmallBlob(blob, maxStatementBytes, client)
  const document = bytes && parseJson(bytes)
  const [predicateType, predicate] = [field(document, 'predicateType'), field(document, 'predicate')]
  if (typeof predicateType !== 'string' || typeof predicate !== 'object' || predicate === null) return undefined
  return {predicateType, statement: formatStatement({subjects: [subject], predicateType, predicate})}
}

/** Attestation that a place lacks as a signed bundle of a signer. */
interface Unsigned {
  readonly signer: Signer
  readonly attestation: Attestation
}

/** Bundles that places have, and attestations that they lack. */
interface Attested {
  readonly unsigned: ReadonlyMap<Place, readonly Unsigned[]>
  /** Bundles that were found, by signer and statement. */
  readonly known: ReadonlyMap<Signer, ReadonlyMap<Attestation, Uint8Array>>
}

/** Reads which attestations are signed at each place. A bundle counts if it has the same statement. */
export async function readAttested(
  places: readonly Place[],
  signers: readonly Signer[],
  {attestations, which}: {readonly attestations: Attestations; readonly which?: 'listed'},
): Promise<Attested> {
  const known = new Map(signers.map((signer) => [signer, new Map<Attestation, Uint8Array>()]))
  const unsigned = new Map<Place, readonly Unsigned[]>()
  await forEachBounded(places, manifestsAtOnce, async (place) => {
    const {client, subject} = place
    const expected = attestations.get(subject.digest) ?? []
    if (expected.length === 0) return
    const predicateTypes = expected.map(({predicateType}) => predicateType)
    const bundles = await readBundles(subject.digest, client, {which, predicateTypes})
    const lacking: Unsigned[] = []
    for (const signer of signers) {
      for (const attestation of expected) {
        const own = await ownBundle(bundles, {subject: subject.digest, attestation, signer})
        if (own === undefined) lacking.push({signer, attestation})
        else known.get(signer)?.set(attestation, own)
      }
    }
    if (lacking.length > 0) unsigned.set(place, lacking)
  })
  return {unsigned, known}
}

async function ownBundle(
  bundles: readonly {readonly bytes: Uint8Array}[],
  {subject, attestation, signer}: Unsigned & {readonly subject: Digest},
): Promise<Uint8Array | undefined> {
  const {predicateType, statement} = attestation
  for (const {bytes} of bundles) {
    const isSame = Buffer.from(parseBundle(bytes)?.payload ?? '', 'base64').equals(statement)
    if (isSame && (await signer.rejects({format: 'bundle', subject, predicateType, bytes})) === undefined) return bytes
  }
  return undefined
}

/** Bundles to attach at each place. An attestation is signed once by each signer, for all repositories. */
export async function signAttestations({unsigned, known}: Attested): Promise<ReadonlyMap<Place, readonly NewBundle[]>> {
  const made = new Map([...known].map(([signer, bundles]) => [signer, new Map(bundles)]))
  const bundles = new Map<Place, readonly NewBundle[]>()
  for (const [place, lacking] of unsigned) {
    const ofPlace: NewBundle[] = []
    for (const {signer, attestation} of lacking) {
      const {statement, predicateType} = attestation
      const bytes = made.get(signer)?.get(attestation) ?? formatBundle(statement, await signer.signStatement(statement))
      made.get(signer)?.set(attestation, bytes)
      ofPlace.push({bytes, predicateType})
    }
    bundles.set(place, ofPlace)
  }
  return bundles
}

/** Reads the places back until they have all attestations. @throws TagboatError `signature-not-kept` */
export async function requireAttested(
  places: readonly Place[],
  signers: readonly Signer[],
  {attestations, sleep}: {readonly attestations: Attestations; readonly sleep: (ms: number) => Promise<void>},
): Promise<void> {
  const backoff = new Backoff(sleep)
  for (let pending = places; pending.length > 0;) {
    const {unsigned} = await readAttested(pending, signers, {attestations, which: 'listed'})
    pending = [...unsigned.keys()]
    if (pending.length > 0 && !(await backoff.wait())) throw notKept(unsigned)
  }
}

function notKept(unsigned: Attested['unsigned']): TagboatError {
  return signingError('signature-not-kept', {
    evidence: [...unsigned].flatMap(([{client, subject}, lacking]) =>
      lacking.map(
        ({attestation}) =>
          `${formatRepository(client.repository)}@${subject.digest} has no bundle of this run for ${attestation.predicateType}`,
      ),
    ),
  })
}
