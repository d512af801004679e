import {generateKeyPairSync} from 'node:crypto'
import {expect, test} from '@jest/globals'
import {promote} from '../../../../src/commands/promote.ts'
import type {Io} from '../../../../src/io/io.ts'
import type {Digest} from '../../../../src/oci/digest.ts'
import {readStoredSignatures} from '../../../../src/registry/signatures/stored-signatures.ts'
import {parseBundle} from '../../../../src/signing/bundle.ts'
import {parseStatement, signaturePredicate} from '../../../../src/signing/statement.ts'
import {runCommand} from '../../../../testing/command-run.ts'
import {makeImage, memoryNetwork, memoryRegistry, type MemoryRegistry} from '../../../../testing/memory-registry.ts'
import {testClients} from '../../../../testing/registry-client.ts'

const key = String(
  generateKeyPairSync('ec', {namedCurve: 'prime256v1'}).privateKey.export({format: 'pem', type: 'pkcs8'}),
)
const image = makeImage({platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'], text: 'subjects'})
const platforms = image.manifests
  .filter(({digest}) => digest !== image.digest)
  .map(({digest}) => digest)
  .sort()

/** Signs the image. Responses about some digests come late. */
async function signIn(
  registry: MemoryRegistry,
  inputs: Readonly<Record<string, string>> = {},
  late: readonly Digest[] = [],
): Promise<void> {
  const {failure} = await runCommand(promote, {
    builds: false,
    http: (signal) => lateNetwork(memoryNetwork([registry], {signal}), late),
    inputs: {images: 'r.example/o/app', tags: '1.2.3', digests: image.digest, sign: 'key', 'sign-key': key, ...inputs},
  })
  expect(failure).toBeUndefined()
}

function lateNetwork(network: ReturnType<Io['http']>, late: readonly Digest[]): ReturnType<Io['http']> {
  return {
    ...network,
    send: async (request) => {
      const {pathname} = request.url
      if (late.some((digest) => pathname.includes('/referrers/') && pathname.includes(digest)))
        await new Promise((resolve) => setTimeout(resolve, 50))
      return network.send(request)
    },
  }
}

/** Subjects of the newest bundle of a manifest. */
async function subjectsOf(registry: MemoryRegistry, digest: Digest): Promise<readonly Digest[] | undefined> {
  using clients = testClients(memoryNetwork([registry]))
  const question = {kinds: ['bundle'], predicateTypes: [signaturePredicate]} as const
  const {found: bundles} = await readStoredSignatures(clients.of('r.example', 'o/app'), digest, question)
  const payload = parseBundle(bundles.at(-1)?.bytes ?? Buffer.from(''))?.payload ?? ''
  return parseStatement(Buffer.from(payload, 'base64'))?.subjects
}

test.each([
  {name: 'the index', late: [image.digest]},
  {name: 'a platform', late: platforms.slice(0, 1)},
])('the index is the first subject, although $name is read last', async ({late}) => {
  const registry = memoryRegistry({host: 'r.example'})
  registry.store('o/app', image)
  await signIn(registry, {}, late)
  expect(await subjectsOf(registry, image.digest)).toEqual([image.digest, ...platforms])
})

test('the index is the first subject of a bundle that only its platforms need', async () => {
  const registry = memoryRegistry({host: 'r.example'})
  registry.store('o/app', image)
  await signIn(registry, {'sign-platforms': 'false'})
  expect(await subjectsOf(registry, image.digest)).toEqual([image.digest])
  await signIn(registry)
  const [platform = image.digest] = platforms
  expect(await subjectsOf(registry, platform)).toEqual([image.digest, ...platforms])
})
