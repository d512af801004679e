import {createHash} from 'node:crypto'
import {askService, invalidAnswer, sendOnce, type SigstoreIo} from './ask.ts'

/**
 * Requests a timestamp of a signature (https://www.rfc-editor.org/rfc/rfc3161). Returns the DER of the response, which is
 * verified later.
 * @throws TagboatError `sign-unavailable`, `sign-refused`
 */
export async function requestTimestamp(signature: Uint8Array, url: URL, io: SigstoreIo): Promise<Buffer> {
  const headers = {'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply'}
  const query = timestampQuery(createHash('sha256').update(signature).digest())
  const {body} = await askService(
    {name: 'timestamp', url, accepts: [200, 201]},
    async () => sendOnce({method: 'POST', url, headers, body: query}, io),
    io,
  )
  if (body[0] !== sequence) throw invalidAnswer(url, 'it is not a timestamp')
  return body
}

const sequence = 0x30

/**
 * DER of a `TimeStampReq` of version 1 with a SHA-256 hash, which requests the certificates of the authority. It has no
 * nonce: the signature is new, so that its hash is one.
 */
function timestampQuery(hash: Buffer): Buffer {
  const algorithm = Buffer.from('300d06096086480165030402010500', 'hex')
  const imprint = element(sequence, algorithm, element(0x04, hash))
  return element(sequence, Buffer.from('020101', 'hex'), imprint, Buffer.from('0101ff', 'hex'))
}

/** DER element of less than 128 bytes. */
function element(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag, content.byteLength]), content])
}
