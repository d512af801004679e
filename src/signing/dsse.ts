/** Media type of in-toto statements. */
const statementType = 'application/vnd.in-toto+json'

/** Envelope of a statement, in JSON: https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
export interface Envelope {
  readonly payload: string
  readonly payloadType: string
  readonly signatures: readonly {readonly sig: string}[]
}

/**
 * Bytes that are signed for a statement: DSSE pre-authentication encoding
 * (https://github.com/secure-systems-lab/dsse/blob/master/protocol.md).
 */
export function preAuthEncoding(statement: Uint8Array): Uint8Array {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${statementType.length} ${statementType} ${statement.byteLength} `),
    statement,
  ])
}

/** Envelope of a statement with one signature. */
export function makeEnvelope(statement: Uint8Array, signature: Uint8Array): Envelope {
  return {
    payload: base64(statement),
    payloadType: statementType,
    signatures: [{sig: base64(signature)}],
  }
}

/** Reports whether an envelope contains an in-toto statement. */
export function hasStatement({payloadType}: Envelope): boolean {
  return payloadType === statementType
}

/** Standard base64 with padding. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
