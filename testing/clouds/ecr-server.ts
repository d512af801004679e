import {ecrApi, type EcrApi} from '../../src/credentials/cloud/ecr-api.ts'
import {AmazonTokens} from '../../src/credentials/cloud/aws.ts'
import {secretKeeper} from '../../src/errors/known-secrets.ts'
import {httpClient} from '../../src/io/http.ts'
import {defaultPolicy} from '../../src/registry/retry.ts'
import {loopback} from '../loopback.ts'
import type {TestImage} from '../memory-registry.ts'
import {withEcrRules, type EcrBackend} from './ecr-rules.ts'
import {startMoto} from './moto.ts'

/** moto as the API of Amazon ECR, with the rules that it lacks in front of it. */
export interface EcrServer extends AsyncDisposable {
  /** Sends a request to moto, past the rules. */
  readonly ask: EcrBackend
  /** Operations with the number of their identifiers: `BatchDeleteImage 100`. */
  readonly operations: readonly string[]
  /** Digests of the images in the archive. */
  readonly archived: Set<string>
  /** API of a registry, signed with keys. */
  readonly api: EcrApi
  /** Stores the manifests of an image, and its tags. */
  put(repositoryName: string, image: TestImage, tags?: readonly string[]): Promise<void>
}

const keys = {AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'canary-secret-key'}
const service = 'AmazonEC2ContainerRegistry_V20150921'

/** Starts moto and the rules. `host` is the registry of the requests, `maxPage` the number of images of a page. */
export async function startEcr(host: string, maxPage?: number): Promise<EcrServer> {
  await using stack = new AsyncDisposableStack()
  const moto = stack.use(await startMoto())
  const operations: string[] = []
  const archived = new Set<string>()
  let authorization = ''
  const ask: EcrBackend = async (operation, body) => {
    const response = await fetch(moto.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `${service}.${operation}`,
        // moto reads the region of a request from its signature.
        authorization: authorization || 'AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260102/eu-west-1/ecr/aws4_request',
      },
      body: JSON.stringify(body),
    })
    return {status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>>}
  }
  const answer = withEcrRules(ask, {archived, ...(maxPage !== undefined && {maxPage})})
  const server = stack.use(
    await loopback((incoming, response) => {
      void (async () => {
        authorization = incoming.headers.authorization ?? ''
        const chunks: Buffer[] = []
        for await (const chunk of incoming) chunks.push(chunk as Buffer)
        const operation = String(incoming.headers['x-amz-target']).replace(`${service}.`, '')
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Readonly<Record<string, unknown>>
        const ids = body['imageIds']
        operations.push(Array.isArray(ids) ? `${operation} ${ids.length}` : operation)
        const answered = await answer(operation, body)
        response.writeHead(answered.status, {'content-type': 'application/x-amz-json-1.1'})
        response.end(JSON.stringify(answered.body))
      })()
    }),
  )
  const {signal} = new AbortController()
  const http = httpClient(signal, {})
  stack.defer(() => {
    http[Symbol.dispose]()
  })
  const timer = {sleep: async () => Promise.resolve(), random: () => 1, now: () => new Date()}
  const activity = {request: () => () => undefined, retry: () => undefined}
  const environment = {...keys, AWS_ENDPOINT_URL_ECR: `http://${server.host}`}
  const retrier = {policy: defaultPolicy, timer, activity, signal}
  const io = {http, retrier, secrets: secretKeeper(), environment, readFile: async () => Promise.resolve(undefined)}
  const kept = stack.move()
  return {
    ask,
    operations,
    archived,
    api: ecrApi({host, identity: {kind: 'keys'}}, new AmazonTokens(io), io),
    async put(repositoryName, {manifests, digest: top}, tags = []) {
      for (const {digest: imageDigest, mediaType, bytes} of manifests) {
        const image = {repositoryName, imageDigest, imageManifest: bytes.toString(), imageManifestMediaType: mediaType}
        const names = imageDigest === top && tags.length > 0 ? tags : [undefined]
        for (const imageTag of names) await ask('PutImage', {...image, ...(imageTag !== undefined && {imageTag})})
      }
    },
    [Symbol.asyncDispose]: async () => kept.disposeAsync(),
  }
}
