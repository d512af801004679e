/**
 * Demo of `scripts/demo`: starts a registry with a password, runs the bundled action like the runner does, and reads the
 * published image.
 */
import {gunzipSync} from 'node:zlib'
import {parseManifest} from '../src/oci/manifest.ts'
import {formatPlatform} from '../src/oci/platform.ts'
import {startRegistry, type Registry} from '../testing/registry.ts'
import {
  demoCredentials,
  demoInputs,
  demoReleases,
  demoRepository as repository,
  publishRelease,
} from './lib/demo-releases.ts'
import {logText} from './lib/step-log.ts'

async function main(): Promise<void> {
  const login = demoCredentials()
  await using registry = await startRegistry({login})
  const {first, major, fix} = demoReleases
  const inputs = demoInputs(registry, login, first)
  heading('The step, as a workflow has it')
  console.log(workflowStep({...inputs, password: '${{ secrets.REGISTRY_PASSWORD }}'}))
  heading('Its log')
  const result = await publishRelease(first, inputs)
  console.log(logText(result.log))
  heading('What the registry holds now')
  await showRegistry(registry)
  heading('The job summary')
  console.log(result.summary)
  for (const release of [major, fix]) {
    const {summary} = await publishRelease(release, demoInputs(registry, login, release))
    heading(`The job summary of a later release: ${release.version}`)
    console.log(summary)
  }
}

async function showRegistry(registry: Registry): Promise<void> {
  const tags = await registry.tags(repository)
  for (const tag of [...tags].sort()) {
    const manifest = await registry.manifest(repository, tag)
    console.log(`${registry.host}/${repository}:${tag.padEnd(12)} ${manifest?.digest ?? 'missing'}`)
  }
  const index = await registry.manifest(repository, '1.2.3')
  const parsed = index === undefined ? undefined : parseManifest(index.bytes)
  if (parsed?.kind !== 'index') throw new Error(`${repository}:1.2.3 is not an index`)
  for (const {platform, digest} of parsed.manifests) {
    if (platform === undefined || platform.os === 'unknown') continue
    console.log(`\n${formatPlatform(platform)} ${digest}\n${await proofOf(registry, digest)}`)
  }
}

/** Text that a program in the image wrote during the build, with the platform that it ran on. */
async function proofOf(registry: Registry, digest: string): Promise<string> {
  const manifest = await registry.manifest(repository, digest)
  const parsed = manifest === undefined ? undefined : parseManifest(manifest.bytes)
  const layer = parsed?.kind === 'manifest' ? parsed.layers.at(-1) : undefined
  if (layer === undefined) throw new Error(`${digest} has no layers`)
  const text = gunzipSync(await registry.blob(repository, layer.digest)).toString('latin1')
  const proof = /version=.*\nplatform=.*\nmachine=.*/.exec(text)?.[0]
  if (proof === undefined) throw new Error(`${digest} has no proof of its platform`)
  return proof.replace(/^/gm, '  ')
}

function workflowStep(inputs: Readonly<Record<string, string>>): string {
  const rows = Object.entries(inputs).map(([name, value]) => `    ${name}: ${value}`)
  return ['- uses: tagboat/tagboat@v1', '  with:', ...rows].join('\n')
}

function heading(text: string): void {
  console.log(`\n── ${text} ${'─'.repeat(Math.max(0, 76 - text.length))}\n`)
}

await main()
