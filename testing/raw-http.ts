import {request as httpRequest} from 'node:http'

export interface RawRequest {
  readonly method: string
  /** Path with the query, or an absolute address such as a `Location`. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
}

export interface RawAnswer {
  readonly status: number
  readonly header: (name: string) => string | undefined
  readonly text: string
}

/** Sends one request over a separate connection. */
export async function rawRequest(host: string, {method, path, headers = {}, body}: RawRequest): Promise<RawAnswer> {
  const {promise, resolve, reject} = Promise.withResolvers<RawAnswer>()
  const bytes = body === undefined ? undefined : Buffer.from(body)
  const length = bytes === undefined ? {} : {'content-length': String(bytes.length)}
  const options = {method, headers: {...length, ...headers}, agent: false}
  const sent = httpRequest(new URL(path, `http://${host}`), options, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.once('error', reject)
    response.once('end', () => {
      const {statusCode = 0, headers: received} = response
      const header = (name: string): string | undefined => received[name]?.toString()
      resolve({status: statusCode, header, text: Buffer.concat(chunks).toString('utf8')})
    })
  })
  sent.once('error', reject)
  sent.end(bytes)
  return promise
}
