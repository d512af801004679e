import {createHash} from 'node:crypto'
import {field, parseJson} from '../oci/manifest.ts'
import {makeEnvelope} from './dsse.ts'
import type {SignedLayer} from './signature-manifests.ts'
import {signatureAnnotations} from './simple-signing.ts'
import type {LogEntry, Signature} from './signature.ts'

/**
 * Layer with a signed statement under the tag `sha256-<hex>.att` of cosign 2. The signature is in the envelope. A timestamp
 * is left out: cosign 2 expects one of the envelope, and that of a bundle is one of the signature.
 * @returns undefined if the entry of the log is of another envelope, which cosign 2 would refuse.
 */
export function attestationLayer(
  statement: Uint8Array,
  {bytes, material}: Signature,
  predicateType: string,
): SignedLayer | undefined {
  const envelope = Buffer.from(JSON.stringify(makeEnvelope(statement, bytes)))
  if (!material.logEntries.every((entry) => isEntryOf(entry, envelope))) return undefined
  const annotations = signatureAnnotations({bytes: new Uint8Array(), material: {...material, timestamps: []}})
  return {bytes: envelope, annotations: {...annotations, predicateType}}
}

/** Reports whether a log entry is that of these bytes: a log stores the hash of the envelope as it was sent. */
function isEntryOf({body}: LogEntry, envelope: Uint8Array): boolean {
  const hash = field(field(field(parseJson(body), 'spec'), 'envelopeHash'), 'value')
  return hash === createHash('sha256').update(envelope).digest('hex')
}
