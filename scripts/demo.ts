/**
 * The demo behind `scripts/demo`: starts a registry with a password, runs the bundled action as the runner would, and
 * reads back what was published.
 */
import {randomBytes} from 'node:crypto'
import {gunzipSync} from 'node:zlib'
import {parseManifest} from '../src/oci/manifest.ts'
import {formatPlatform} from '../src/oci/platform.ts'
import {startRegistry, type Registry} from '../__tests__/support/registry.ts'
import {Step} from '../__tests__/support/runner.ts'
import {busyboxDirectory, sampleDirectory} from '../__tests__/support/sample.ts'

const repository = 'team/hello'

async function main(): Promise<void> {
  const login = {username: 'captain', password: randomBytes(12).toString('hex')}
  await using registry = await startRegistry({login})
  const inputs = {
    images: `${registry.host}/${repository}`,
    registry: registry.host,
    ...login,
    platforms: 'linux/amd64,linux/arm64',
    'build-args': 'VERSION=1.2.3',
    'build-contexts': `busybox=${busyboxDirectory()}`,
  }
  await using step = await Step.prepare({event: 'push-tag', workspace: sampleDirectory, inputs})
  heading('The step, as a workflow has it')
  console.log(workflowStep({...inputs, password: '${{ secrets.REGISTRY_PASSWORD }}'}))
  heading('Its log')
  const result = await step.run()
  console.log(forPeople(result.log))
  if (result.exitCode !== 0) {
    process.exitCode = 1
    return
  }
  heading('What the registry holds now')
  await showRegistry(registry)
  heading('The job summary')
  console.log(result.summary)
}

async function showRegistry(registry: Registry): Promise<void> {
  const tags = await registry.tags(repository)
  for (const tag of [...tags].sort()) {
    const manifest = await registry.manifest(repository, tag)
    console.log(`${registry.host}/${repository}:${tag.padEnd(12)} ${manifest?.digest ?? 'missing'}`)
  }
  const index = await registry.manifest(repository, '1.2.3')
  const parsed = index === undefined ? undefined : parseManifest(index.bytes)
  if (parsed?.kind !== 'index') throw new Error(`${repository}:1.2.3 is no index`)
  for (const {platform, digest} of parsed.manifests) {
    if (platform === undefined || platform.os === 'unknown') continue
    console.log(`\n${formatPlatform(platform)} ${digest}\n${await proofOf(registry, digest)}`)
  }
}

/** What the image's own program wrote while it was built: it ran on the platform that it names. */
async function proofOf(registry: Registry, digest: string): Promise<string> {
  const manifest = await registry.manifest(repository, digest)
  const parsed = manifest === undefined ? undefined : parseManifest(manifest.bytes)
  const layer = parsed?.kind === 'manifest' ? parsed.layers.at(-1) : undefined
  if (layer === undefined) throw new Error(`${digest} has no layers`)
  const text = gunzipSync(await registry.blob(repository, layer.digest)).toString('latin1')
  const proof = /version=.*\nplatform=.*\nmachine=.*/.exec(text)?.[0]
  if (proof === undefined) throw new Error(`${digest} holds no proof of its platform`)
  return proof.replace(/^/gm, '  ')
}

function workflowStep(inputs: Readonly<Record<string, string>>): string {
  const rows = Object.entries(inputs).map(([name, value]) => `    ${name}: ${value}`)
  return ['- uses: tagboat/tagboat@v1', '  with:', ...rows].join('\n')
}

/** The runner shows no workflow commands: groups become headings, masks nothing. */
function forPeople(log: string): string {
  return log
    .split('\n')
    .filter((line) => !/^::(add-mask|stop-commands|endgroup|[0-9a-f-]{36})::/.test(line))
    .map((line) => line.replace(/^::group::/, '▼ '))
    .join('\n')
}

function heading(text: string): void {
  console.log(`\n── ${text} ${'─'.repeat(Math.max(0, 76 - text.length))}\n`)
}

await main()
