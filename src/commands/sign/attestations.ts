import {attestationsIn, type Attached} from '../../oci/attestations.ts'
import type {Digest} from '../../oci/digest.ts'
import {field, parseDescriptor, parseJson, type Descriptor, type ManifestContent} from '../../oci/manifest.ts'
import {manifestsAtOnce} from '../../registry/images/image-tree.ts'
import {forEachBounded} from '../../registry/limit.ts'
import {readSmallBlob} from '../../registry/signatures/read-small.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {formatStatement} from '../../signing/statement.ts'
import type {Place} from './place.ts'

/** Statement of BuildKit about the image of a platform, as it is signed. */
export interface Attestation {
  readonly predicateType: string
  readonly statement: Uint8Array
}

/** Attestations by the digest of the image. */
export type Attestations = ReadonlyMap<Digest, readonly Attestation[]>

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
