import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {httpClient} from '../../src/io/http.ts'
import type {Loopback} from '../../testing/loopback.ts'
import {makeImage, memoryRegistry, type TestImage} from '../../testing/memory-registry.ts'
import {stepOn} from '../../testing/pushes.ts'
import {pushImage, testClients, type TestClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import type {StepResult} from '../../testing/runner.ts'
import {sampleDirectory} from '../../testing/sample.ts'
import {startKeyCosign} from '../../testing/sigstore/key-cosign.ts'
import {startNotation, type Notation} from '../../testing/sigstore/notation.ts'

const push = {ref: 'refs/tags/v1.2.3', sha: '860c1904a1ce19322e91ac35af1ab07466440c37', runId: '960'}

/** Distribution 2.8, which has no referrers API. */
let registry: Registry
/** Stand-in for a registry with the referrers API. */
let withApi: Loopback
let clients: TestClients
let notation: Notation

beforeAll(async () => {
  ;[registry, withApi, notation] = await Promise.all([startRegistry(), memoryRegistry().serve(), startNotation()])
  clients = testClients(httpClient(new AbortController().signal, {}))
})

afterAll(async () => {
  clients[Symbol.dispose]()
  await Promise.all([registry.stop(), withApi[Symbol.asyncDispose](), notation[Symbol.asyncDispose]()])
})

/** Pushes an image to a registry, and signs it there. */
async function signed(host: string, name: string): Promise<TestImage> {
  const image = makeImage({text: name, platforms: ['linux/amd64', 'linux/arm64']})
  await pushImage(clients.of(host, name), image)
  await notation.sign(`${host}/${name}@${image.digest}`)
  return image
}

async function promote(
  source: string,
  target: string,
  inputs: Readonly<Record<string, string>> = {},
): Promise<StepResult> {
  const all = {images: target, from: source, tags: 'type=semver,pattern={{version}}', floating: 'always', ...inputs}
  await using step = await stepOn(push, {action: 'promote', workspace: sampleDirectory, inputs: all})
  return await step.run()
}

test.each([
  {name: 'from a registry with the API to one without', from: () => withApi.host, to: () => registry.host},
  {name: 'from a registry without the API to one with it', from: () => registry.host, to: () => withApi.host},
])('a promote keeps the signature of notation, $name', async ({from, to}) => {
  const image = await signed(from(), 'team/app')
  const source = `${from()}/team/app@${image.digest}`
  expect(await notation.verify(source)).toMatchObject({isSuccess: true})
  const target = `${to()}/promoted/app`
  expect(await promote(source, target)).toMatchObject({exitCode: 0})
  expect(await notation.verify(`${target}@${image.digest}`)).toMatchObject({isSuccess: true})
  expect(await notation.verify(`${target}:1.2.3`)).toMatchObject({isSuccess: true})
})

test('a signature of notation is none of cosign', async () => {
  const image = await signed(registry.host, 'team/other')
  await using cosign = await startKeyCosign()
  const target = `${registry.host}/demanding/app`
  const inputs = {verify: 'type=signature,key', 'verify-key': cosign.publicKey}
  const result = await promote(`${registry.host}/team/other@${image.digest}`, target, inputs)
  expect(result.exitCode).toBe(1)
  expect(result.log).toContain('[signature-missing]')
  expect(await clients.of(registry.host, 'demanding/app').manifest('1.2.3')).toBeUndefined()
})
