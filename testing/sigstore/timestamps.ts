import {tsaHandler} from '@sigstore/mock'
import {Refusal, type Answer} from './answer.ts'
import {bytesOf, type Authorities} from './authorities.ts'

export const timestampPath = '/api/v1/timestamp'

/** Answers a request for a timestamp: DER (https://www.rfc-editor.org/rfc/rfc3161), or the JSON of Sigstore. */
export async function timestamp(body: Buffer, contentType: string, {tsa}: Authorities): Promise<Answer> {
  const isJson = contentType.startsWith('application/json')
  if (!isJson && contentType !== 'application/timestamp-query') throw new Refusal(415, 'unsupported media type')
  const {statusCode, response} = await tsaHandler(tsa).fn(isJson ? body.toString() : JSON.stringify(query(body)))
  if (statusCode !== 201) throw new Refusal(400, bytesOf(response).toString())
  return {status: 201, headers: {'content-type': 'application/timestamp-reply'}, body: bytesOf(response)}
}

const sha256 = '0609608648016503040201'

/** Reads a `TimeStampReq`. */
function query(der: Buffer): object {
  const [request] = elements(der)
  const [version, imprint, ...options] = request === undefined ? [] : elements(request.value)
  const [algorithm, hash] = imprint === undefined ? [] : elements(imprint.value)
  if (version?.value[0] !== 1 || algorithm?.value.toString('hex').startsWith(sha256) !== true) {
    throw new Refusal(400, 'not a request of version 1 for SHA-256')
  }
  if (hash?.value.byteLength !== 32) throw new Refusal(400, 'the hash has a wrong length')
  const nonce = options.find(({tag}) => tag === 0x02)
  return {
    artifactHash: hash.value.toString('base64'),
    hashAlgorithm: 'sha256',
    certificates: options.some(({tag, value}) => tag === 0x01 && value[0] === 0xff),
    // The stand-in keeps a nonce of four bytes, which is all that its library can.
    ...(nonce && {nonce: Number(BigInt(`0x${nonce.value.toString('hex')}`) & 0xff_ff_ff_ffn)}),
  }
}

interface Element {
  readonly tag: number
  readonly value: Buffer
}

/** Elements of a DER sequence, whose lengths are below 256. */
function elements(der: Buffer): readonly Element[] {
  const found: Element[] = []
  for (let offset = 0; offset < der.byteLength;) {
    const [tag = 0, first = 0, second = 0] = der.subarray(offset)
    if (first > 0x81) throw new Refusal(400, 'the request is too long')
    const [start, length] = first === 0x81 ? [offset + 3, second] : [offset + 2, first]
    found.push({tag, value: der.subarray(start, start + length)})
    offset = start + length
  }
  return found
}
