import {formatRepository, writtenRepository} from '../oci/reference.ts'
import type {ImageSignature, SignedImage} from '../signing/signed-image.ts'

/** `Signed by the key with the SHA-256 5X…=: 3 manifests and 4 attestations in 2 repositories (bundle, signature tag)` */
export function signedLine({signers, signatures, attestations}: SignedImage): string {
  const repositories = new Set(signatures.map(({repository}) => formatRepository(repository))).size
  const subjects = new Set(signatures.map(({subject}) => subject)).size
  const names = signers
    .map(({name, verifiedBy}) => `${verifiedBy.kind === 'key' ? 'the key with the SHA-256 ' : ''}${name}`)
    .join(' and ')
  const formats = [
    ...(signatures.some(({bundle}) => bundle !== undefined) ? ['bundle'] : []),
    ...(signatures.some(({signatureTag}) => signatureTag !== undefined) ? ['signature tag'] : []),
  ]
  const contents = [count(subjects, 'manifest'), ...(attestations === 0 ? [] : [count(attestations, 'attestation')])]
  const what = `${contents.join(' and ')} in ${count(repositories, 'repository', 'repositories')}`
  const verb = signatures.some(({isNew}) => isNew) ? 'Signed' : 'Already signed'
  return `${verb} by ${names}: ${what} (${formats.join(', ')})`
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

/**
 * Shell commands that verify the image in the first repository with cosign 3, one for each signer. A public key is
 * written to a file, so that the commands can be pasted as they are.
 */
export function verifyCommands({signers, signatures}: SignedImage): readonly string[] {
  const [first] = signatures
  if (first === undefined) return []
  const image = `${writtenRepository(first.repository)}@${first.subject}`
  return signers.map(({verifiedBy}) => {
    const format = formatFlags(first)
    if (verifiedBy.kind === 'key') {
      const flags = ['--key cosign.pub', '--insecure-ignore-tlog=true', ...format]
      return `cat >cosign.pub <<'EOF'\n${verifiedBy.publicKey.trim()}\nEOF\ncosign verify ${flags.join(' ')} ${image}`
    }
    const {identity, issuer, repository, withoutLog, trustFile} = verifiedBy
    const flags = [
      `--certificate-identity ${quoted(identity)}`,
      `--certificate-oidc-issuer ${quoted(issuer)}`,
      ...(repository === undefined ? [] : [`--certificate-github-workflow-repository ${quoted(repository)}`]),
      ...(withoutLog === true ? ['--insecure-ignore-tlog=true', '--use-signed-timestamps'] : []),
      ...(trustFile === undefined ? [] : [`--trusted-root ${quoted(trustFile)}`]),
      ...format,
    ]
    return `cosign verify ${flags.join(' ')} ${image}`
  })
}

/** Flags for an image without a bundle of this run. By default, cosign 3 reads only bundles if there are some of others. */
function formatFlags({bundle}: ImageSignature): readonly string[] {
  return bundle === undefined ? ['--new-bundle-format=false'] : []
}

/** Text as one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** Outputs about the signatures. */
export function signatureOutputs({
  signers,
  signatures,
}: SignedImage): Readonly<Record<'signatures' | 'signer', string>> {
  const entries = signatures.map(({repository, subject, bundle, signatureTag}) => ({
    repository: writtenRepository(repository),
    subject,
    bundle: bundle ?? null,
    sig: signatureTag ?? null,
  }))
  return {signatures: JSON.stringify(entries), signer: signers.map(({name}) => name).join('\n')}
}
