import {Secret} from '../../src/errors/secret.ts'
import {httpClient} from '../../src/io/http.ts'
import {factKeys} from '../../src/oci/image-facts.ts'
import {serveRepositoryApi} from '../../testing/github/served-api.ts'
import {makeImage} from '../../testing/memory-registry.ts'
import {pushImage, testClients} from '../../testing/registry-client.ts'
import type {Registry} from '../../testing/registry.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {sampleDirectory, type Credentials} from '../../testing/sample.ts'

const token = 'ghs_tokenOfTheSceneWithAPrune01234567'
const path = 'team/shop'
/** Size of the layer of each platform. */
const layerBytes = 300_000

/** Tags of an image, with the ref that it states. */
interface SceneImage {
  readonly tags: readonly string[]
  readonly ref: string
}

const releases: readonly SceneImage[] = [
  {ref: 'refs/tags/v1.4.0', tags: ['1.4.0']},
  {ref: 'refs/tags/v1.4.1', tags: ['1.4.1', '1.4']},
  {ref: 'refs/tags/v1.5.0', tags: ['1.5.0', '1.5', '1', 'latest']},
]
const branches: readonly SceneImage[] = [
  {ref: 'refs/heads/main', tags: ['main', 'edge', 'sha-860c190']},
  {ref: 'refs/heads/checkout', tags: ['checkout']},
  {ref: 'refs/heads/old-theme', tags: ['old-theme']},
]
const pulls = Array.from({length: 16}, (_, index): SceneImage => {
  return {ref: `refs/pull/${40 + index}/merge`, tags: [`pr-${40 + index}`]}
})
const others: readonly SceneImage[] = [{ref: '', tags: ['customer-acme']}]

/** A dry run of the prune action in a repository with releases, branches, and open and closed pull requests. */
export async function pruneScene(registry: Registry, login: Credentials): Promise<StepResult> {
  await fill(registry, login)
  await using api = await serveRepositoryApi({
    token,
    repository: 'octo-org/octo-repo',
    branches: ['checkout'],
    openPulls: [54, 55],
  })
  await using step = await Step.prepare({
    action: 'prune',
    event: 'schedule',
    workspace: sampleDirectory,
    token,
    inputs: {images: `${registry.host}/${path}`, registry: registry.host, ...login, 'max-deleted': '70%'},
    env: {GITHUB_API_URL: api.url},
  })
  const result = await step.run()
  if (result.exitCode !== 0) throw new Error(`the dry run failed:\n${result.log}`)
  return result
}

/** Pushes the images of the scene, which were built long ago. */
async function fill(registry: Registry, {username, password}: Credentials): Promise<void> {
  using clients = testClients(httpClient(new AbortController().signal, {}), {
    credentials: async () => Promise.resolve({kind: 'basic', username, password: new Secret(password)}),
  })
  const client = clients.of(registry.host, path)
  for (const {ref, tags} of [...releases, ...branches, ...pulls, ...others]) {
    const annotations = {[factKeys.created]: '2026-01-02T03:04:05Z', ...(ref !== '' && {[factKeys.ref]: ref})}
    const text = tags.join().padEnd(layerBytes, '.')
    const image = makeImage({platforms: ['linux/amd64', 'linux/arm64'], annotations, text})
    await pushImage(client, image)
    for (const tag of tags) await client.putManifest(tag, image)
  }
}
