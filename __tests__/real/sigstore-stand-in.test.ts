import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {httpClient} from '../../src/io/http.ts'
import {makeImage} from '../../testing/memory-registry.ts'
import {pushImage, testClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startCosign, type Cosign} from '../../testing/sigstore/cosign.ts'
import {startSigstore, type Sigstore} from '../../testing/sigstore/sigstore.ts'

// The stand-in for Sigstore is good enough for other tests if the real cosign accepts it as signer and as verifier.
let registry: Registry
let sigstore: Sigstore
let cosign: Cosign

const identity = 'https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.2.3'

beforeAll(async () => {
  registry = await startRegistry()
  sigstore = await startSigstore()
  cosign = await startCosign(sigstore)
})

afterAll(async () => {
  await cosign[Symbol.asyncDispose]()
  await sigstore[Symbol.asyncDispose]()
  await registry.stop()
})

/** Pushes an image, and returns its reference by digest. */
async function pushed(name: string): Promise<string> {
  using clients = testClients(httpClient(new AbortController().signal, {}))
  const client = clients.of(registry.host, name)
  const image = makeImage({text: name, platforms: ['linux/amd64', 'linux/arm64']})
  await pushImage(client, image)
  return `${registry.host}/${name}@${image.digest}`
}

test.each([
  {name: 'a bundle', repository: 'bundle', format: 'bundle'},
  {name: 'a signature under a tag', repository: 'tag', format: 'tag'},
] as const)('cosign signs and verifies $name', async ({repository, format}) => {
  const image = await pushed(`acme/${repository}`)
  await cosign.sign(image, format)
  expect(await cosign.verify(image, identity)).toMatchObject({isSuccess: true})
  expect(await cosign.verify(image, `${identity}-evil`)).toMatchObject({isSuccess: false})
})
