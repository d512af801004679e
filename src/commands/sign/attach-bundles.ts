import {signingError} from '../../errors/signing-error.ts'
import type {Workflow} from '../../io/workflow.ts'
import type {Digest} from '../../oci/digest.ts'
import {formatRepository} from '../../oci/reference.ts'
import {manifestsAtOnce} from '../../registry/images/image-tree.ts'
import {forEachBounded} from '../../registry/limit.ts'
import {enlistReferrers} from '../../registry/signatures/enlist-referrers.ts'
import {formatBundle} from '../../signing/bundle.ts'
import {bundleManifest} from '../../signing/signature-manifests.ts'
import type {Signer} from '../../signing/signer.ts'
import {signaturePredicate, signatureStatement} from '../../signing/statement.ts'
import type {SignInputs} from '../../inputs/sign-inputs.ts'
import type {BlobSender} from './blob-sender.ts'
import type {NewAttestations, NewBundle} from './attested.ts'
import {isOwn, type OwnSignatures, type Place} from './place.ts'

interface AttachOptions {
  readonly format: SignInputs['format']
  readonly sender: BlobSender
  readonly workflow: Pick<Workflow, 'notice'>
  /** Attestations, whose bundles are listed with the same write. */
  readonly others: ReadonlyMap<Place, Pick<NewAttestations, 'bundles'>>
}

/**
 * Attaches a bundle of each signer to each place that has none. One signature covers all subjects. A bundle that a
 * repository has already, such as one of an interrupted run, is used again.
 * @returns the places that cannot have a bundle, because their registry cannot list referrers.
 * @throws TagboatError `signature-not-kept` if a registry cannot list referrers although it must.
 */
export async function attachBundles(
  found: ReadonlyMap<Place, readonly OwnSignatures[]>,
  signers: readonly Signer[],
  options: AttachOptions,
): Promise<ReadonlySet<Place>> {
  const chosen = await Promise.all(signers.map(async (signer, index) => chooseBundles(found, signer, index)))
  const without = new Map<Place, string>()
  await forEachBounded([...found.keys()], manifestsAtOnce, async (place) => {
    const signatures = chosen.flatMap((bySubject) => bySubject.get(place) ?? [])
    const bundles = [
      ...signatures.map((bytes) => ({bytes, predicateType: signaturePredicate})),
      ...(options.others.get(place)?.bundles ?? []),
    ]
    if (bundles.length === 0) return
    const reason = await attach(bundles, place, options)
    if (reason !== undefined) without.set(place, reason)
  })
  noticeWithout(without, options)
  return new Set(without.keys())
}

/**
 * Bundle of a signer for each place that lacks one: that of another place, or a new one for all subjects of an image
 * without any. The index is the first subject, since cosign prints only the first one.
 */
async function chooseBundles(
  found: ReadonlyMap<Place, readonly OwnSignatures[]>,
  signer: Signer,
  index: number,
): Promise<ReadonlyMap<Place, Uint8Array>> {
  const missing = [...found].filter(([, own]) => own[index]?.bundle === undefined).map(([place]) => place)
  const known = [...found.values()].flatMap((own) => own[index]?.bundle ?? [])
  const bySubject = new Map<Digest, Uint8Array>()
  const subjects = [...new Set(missing.map(({subject}) => subject.digest))]
  for (const subject of subjects) {
    for (const bundle of known) {
      if (!bySubject.has(subject) && (await isOwn(bundle, subject, signer))) bySubject.set(subject, bundle.bytes)
    }
  }
  for (const top of new Set(missing.map((place) => place.top.digest))) {
    const below = missing.filter((place) => place.top.digest === top).map(({subject}) => subject.digest)
    const unsigned = below.filter((subject) => !bySubject.has(subject))
    if (unsigned.length === 0) continue
    const statement = signatureStatement(top, unsigned)
    const bundle = formatBundle(statement, await signer.signStatement(statement))
    for (const subject of unsigned) bySubject.set(subject, bundle)
  }
  return new Map(
    missing.flatMap((place) => {
      const bundle = bySubject.get(place.subject.digest)
      return bundle === undefined ? [] : [[place, bundle] as const]
    }),
  )
}

/** Pushes bundles, and lists them with one write. Returns the reason why the registry cannot list them. */
async function attach(
  bundles: readonly NewBundle[],
  {client, subject}: Place,
  {format, sender}: AttachOptions,
): Promise<string | undefined> {
  const manifests = bundles.map(({bytes, predicateType}) => bundleManifest(bytes, subject, predicateType))
  await sender.send(
    manifests.flatMap(({blobs}) => blobs),
    client,
  )
  for (const {content} of manifests) await client.putManifest(content.digest, content)
  const contents = manifests.map(({content}) => content)
  const unlisted = await enlistReferrers(subject.digest, contents, client)
  if (unlisted === undefined) return undefined
  if (unlisted.kind === 'no-tag' && format === 'both') return unlisted.reason
  throw signingError('signature-not-kept', {
    message: `${client.repository.host} cannot list a signature that was sent to it.`,
    evidence: [unlisted.reason],
    ...(unlisted.kind === 'no-tag' && {
      remedy: 'Set `sign-format: both` or `sign-format: signature-tag`: this registry has no list of referrers.',
    }),
  })
}

/** Reports once for each registry that it gets signatures in one format only. */
function noticeWithout(without: ReadonlyMap<Place, string>, {workflow}: AttachOptions): void {
  const byRepository = new Map(
    [...without].map(([{client}, reason]) => [formatRepository(client.repository), reason] as const),
  )
  for (const [name, reason] of byRepository) {
    workflow.notice(`${name} has only the signatures under the tags sha256-….sig, not as bundles: ${reason}`)
  }
}
