import {signingError} from '../../errors/signing-error.ts'
import type {TagboatError} from '../../errors/error.ts'
import type {SignInputs} from '../../inputs/sign-inputs.ts'
import type {Digest} from '../../oci/digest.ts'
import {formatRepository} from '../../oci/reference.ts'
import {repositoriesOf} from '../../plan/plan.ts'
import {Backoff} from '../../promote/backoff.ts'
import {signatureTag} from '../../registry/signatures/stored-signatures.ts'
import {signedLine, verifyCommands} from '../../report/signature-lines.ts'
import type {ImageSignature, SignResult} from '../../signing/signed-image.ts'
import type {Signer} from '../../signing/signer.ts'
import type {StagedImage} from '../../stage/staged-image.ts'
import type {Publication} from '../promote-image.ts'
import {attachBundles} from './attach-bundles.ts'
import {attachAttestations, attachTags} from './attach-tags.ts'
import {readAttestations, type Attestations} from './attestations.ts'
import {isAttested, readAttested, requireAttested, signAttestations} from './attested.ts'
import {BlobSender} from './blob-sender.ts'
import {readPlaces, subjectsOf, type OwnSignatures, type Place} from './place.ts'

/**
 * Signs an image in each repository of the plan, and reads the signatures back: index and platforms, as bundles and under
 * the tags of cosign 2. Valid signatures of these signers that a repository has already are enough. An image that
 * existed before the run, and for which nothing vouches, is signed only if it has a signature of one of these signers: labels of
 * a release do not show who made it.
 * @throws TagboatError `signature-not-kept` if a registry does not show a signature after that.
 */
export async function signImage(
  image: StagedImage,
  {sign, signers}: {readonly sign: SignInputs; readonly signers: readonly Signer[]},
  {prepared, registries, io}: Publication,
): Promise<SignResult> {
  const {format} = sign
  await image.temporaryTags
  const all = placesOf(image, sign, {prepared, registries})
  const found = await readPlaces(all, signers, {format})
  const unsigned = image.existing && image.isVouched !== true ? await untrusted(found, signers) : new Set<Digest>()
  for (const digest of unsigned) noticeUnsigned(digest, io.workflow)
  const places = all.filter(({top}) => !unsigned.has(top.digest))
  if (places.length === 0) return {signed: undefined, unsigned}
  const before = new Map([...found].filter(([place]) => places.includes(place)))
  const copiedTo = new Set(
    places.filter(({client, subject}) => format !== 'signature-tag' && client.hasAcceptedReferrers(subject.digest)),
  )
  const sender = new BlobSender()
  const attestations = await readAttestations(places, image.attached ?? [])
  const attested = await readAttested(places, signers, {attestations, format})
  const others = await signAttestations(attested)
  const withoutBundle =
    format === 'signature-tag'
      ? new Set<Place>()
      : await attachBundles(before, signers, {format, sender, workflow: io.workflow, others})
  if (format !== 'bundle') await attachTags(before, signers, sender)
  await attachAttestations(others, sender)
  const missing = (place: Place, own: readonly OwnSignatures[] | undefined): readonly string[] =>
    signers.flatMap((_, index) => missingAt(place, own?.[index], {format, hasBundle: !withoutBundle.has(place)}))
  const written = places.filter((place) => missing(place, before.get(place)).length > 0)
  // What a promote has copied was accepted, but the registry may not show it.
  const copied = places.filter((place) => !withoutBundle.has(place) && copiedTo.has(place) && !written.includes(place))
  const {sleep} = io.timer(io.signal)
  const after = await readBack([...written, ...copied], {signers, format, missing}, sleep)
  await requireAttested([...attested.unsigned.keys()], signers, {attestations, format, withoutBundle, sleep})
  const unattested = places.filter(
    (place) => attestations.has(place.subject.digest) && !isAttested(signers, format, !withoutBundle.has(place)),
  )
  noticeUnattested(unattested, io.workflow)
  const signatures = places.map((place) => {
    const own = after.get(place) ?? before.get(place)
    return signatureOf(place, own, written.includes(place))
  })
  const signed = {
    signers: signers.map(({name, verifiedBy}) => ({name, verifiedBy})),
    signatures,
    attestations: isAttested(signers, format, withoutBundle.size < places.length) ? count(attestations) : 0,
  }
  io.workflow.info(signedLine(signed))
  for (const command of verifyCommands(signed)) io.workflow.printGroup('Verify the signature', command.split('\n'))
  return {signed, unsigned}
}

function count(attestations: Attestations): number {
  return [...attestations.values()].flat().length
}

/** Images of which no repository has a signature by one of the signers, in any format. */
async function untrusted(
  found: ReadonlyMap<Place, readonly OwnSignatures[]>,
  signers: readonly Signer[],
): Promise<ReadonlySet<Digest>> {
  const isSigned = ({bundle, signatureTag: tag}: OwnSignatures): boolean => bundle !== undefined || tag !== undefined
  const without = (signatures: typeof found): ReadonlySet<Digest> => {
    const tops = [...signatures].filter(([{subject, top}]) => subject.digest === top.digest)
    const digests = new Set(tops.map(([{top}]) => top.digest))
    for (const [{top}, own] of tops) if (own.some(isSigned)) digests.delete(top.digest)
    return digests
  }
  const first = without(found)
  if (first.size === 0) return first
  const rest = [...found.keys()].filter(({top}) => first.has(top.digest))
  return without(await readPlaces(rest, signers, {format: 'both'}))
}

function noticeUnsigned(digest: Digest, workflow: Publication['io']['workflow']): void {
  workflow.notice(
    `${digest} is not signed: it was published before this run, without a valid signature of the same signer, and this run has not built it. To sign it, promote it by its digest (\`tagboat/tagboat/promote@v1\`), or demand another signature of it with \`verify\`. \`if-exists: overwrite\` builds it again, and signs that.`,
  )
}

/** Names the repositories in which attestations stay unsigned, since neither a bundle nor the tag of cosign 2 is possible. */
function noticeUnattested(places: readonly Place[], workflow: Publication['io']['workflow']): void {
  if (places.length === 0) return
  const names = new Set(places.map(({client}) => formatRepository(client.repository)))
  workflow.notice(
    `The SBOM and the provenance are not signed in ${[...names].join(', ')}. With \`sign-log: none\`, they can be signed as bundles only, which need a \`sign-format\` with bundles and a registry that lists referrers.`,
  )
}

/** Lists what is signed where. Each repository gets signatures of the build that its tags point to. */
function placesOf(
  {content, repositories, otherBuilds = []}: Pick<StagedImage, 'content' | 'repositories' | 'otherBuilds'>,
  {platforms}: SignInputs,
  {prepared, registries}: Pick<Publication, 'prepared' | 'registries'>,
): readonly Place[] {
  const own = (repositories ?? repositoriesOf(prepared.plan)).map((repository) => ({repository, content}))
  return [...own, ...otherBuilds].flatMap(({repository, content: signed}) => {
    const client = registries.clients.repository(repository)
    return subjectsOf(signed, platforms).map((subject) => ({client, subject, top: signed}))
  })
}

/** Signatures that a place lacks, one line each. */
function missingAt(
  {client, subject}: Place,
  own: OwnSignatures | undefined,
  {format, hasBundle}: Pick<SignInputs, 'format'> & {readonly hasBundle: boolean},
): readonly string[] {
  const name = formatRepository(client.repository)
  const noBundle = format !== 'signature-tag' && hasBundle && own?.bundle === undefined
  const noTag = format !== 'bundle' && own?.signatureTag === undefined
  return [
    ...(noBundle ? [`${name}@${subject.digest} has no bundle of this run among its referrers`] : []),
    ...(noTag ? [`${name}:${signatureTag(subject.digest, 'signature-tag')} has no signature of this run`] : []),
  ]
}

interface ReadBack extends Pick<SignInputs, 'format'> {
  readonly signers: readonly Signer[]
  /** Lines about the signatures that a place lacks. */
  readonly missing: (place: Place, own: readonly OwnSignatures[] | undefined) => readonly string[]
}

/** Reads the places that were written, until all signatures exist. */
async function readBack(
  written: readonly Place[],
  {signers, format, missing}: ReadBack,
  sleep: (ms: number) => Promise<void>,
): Promise<ReadonlyMap<Place, readonly OwnSignatures[]>> {
  const backoff = new Backoff(sleep)
  const found = new Map<Place, readonly OwnSignatures[]>()
  for (let pending = written; pending.length > 0;) {
    for (const [place, own] of await readPlaces(pending, signers, {format, which: 'listed'})) found.set(place, own)
    pending = pending.filter((place) => missing(place, found.get(place)).length > 0)
    if (pending.length > 0 && !(await backoff.wait())) throw notKept(pending, found, missing)
  }
  return found
}

function notKept(
  pending: readonly Place[],
  found: ReadonlyMap<Place, readonly OwnSignatures[]>,
  missing: ReadBack['missing'],
): TagboatError {
  return signingError('signature-not-kept', {
    evidence: pending.flatMap((place) => missing(place, found.get(place))),
  })
}

/** Signatures at a place: those of the first signer, if several share the same tag. */
function signatureOf(
  {client, subject}: Place,
  own: readonly OwnSignatures[] | undefined,
  isNew: boolean,
): ImageSignature {
  const [first] = own ?? []
  return {
    repository: client.repository,
    subject: subject.digest,
    bundle: first?.bundle?.manifest,
    signatureTag: first?.signatureTag,
    isNew,
  }
}
