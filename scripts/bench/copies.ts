/**
 * A large image copied from one registry to another, by a whole step `tagboat/tagboat/promote@v1` (main, as bundled in `dist/`),
 * `crane copy` and `skopeo copy`; rounds alternate, each into a new registry. Wall time, CPU time and the largest
 * resident size of the process.
 *
 *   npm run bench:copy [-- --rounds 5 --megabytes 1024 --layers 4 --away 0]
 */
import {spawn} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {tmpdir} from 'node:os'
import {parseArgs} from 'node:util'
import {startDistance} from '../../testing/distance.ts'
import {testClients} from '../../testing/registry-client.ts'
import {startRegistry} from '../../testing/registry.ts'
import {Step} from '../../testing/runner.ts'
import {httpClient} from '../../src/io/http.ts'
import {digestOf, type Digest} from '../../src/oci/digest.ts'
import {digester} from '../../src/registry/upload/verified.ts'
import type {RepositoryClient} from '../../src/registry/repository-client.ts'
import {alternate, largestResident, measure, middle, ms, tableRow, type Cost} from './measure.ts'

const {values: options} = parseArgs({
  options: {
    rounds: {type: 'string', default: '5'},
    megabytes: {type: 'string', default: '1024'},
    layers: {type: 'string', default: '4'},
    away: {type: 'string', default: '0'},
  },
})
const rounds = Number(options.rounds)
const layerCount = Number(options.layers)
const pieceBytes = 1024 ** 2
const piecesOfLayer = Math.round(Number(options.megabytes) / layerCount)
const repository = 'team/large'
const widths = [10, 12, 12, 12, 8]

interface CopyCost extends Cost {
  readonly residentBytes: number
}

interface Contender {
  readonly name: string
  /** Copies to a repository of this registry. Returns the largest resident size in bytes. */
  readonly copyTo: (host: string) => Promise<number>
}

async function main(): Promise<void> {
  await using source = await startRegistry()
  using clients = testClients(httpClient(new AbortController().signal, {}))
  const digest = await putImage(clients.of(source.host, repository))
  await using near = await startDistance(source.host, Number(options.away))
  const from = Number(options.away) === 0 ? source.host : near.host
  const name = `${repository}@${digest}`
  const contenders: readonly Contender[] = [
    {name: 'tagboat', copyTo: async (to) => promote(`${from}/${name}`, `${to}/${repository}`)},
    {
      name: 'crane',
      copyTo: async (to) => run('crane', ['copy', '--insecure', `${from}/${name}`, `${to}/${repository}:copy`]),
    },
    {
      name: 'skopeo',
      copyTo: async (to) =>
        run('skopeo', [
          ...['--insecure-policy', 'copy', '--all', '--preserve-digests'],
          ...['--src-tls-verify=false', '--dest-tls-verify=false'],
          ...[`docker://${from}/${name}`, `docker://${to}/${repository}:copy`],
        ]),
    },
  ]
  const results = await alternate(
    rounds,
    contenders.map(({name: contender, copyTo}) => ({name: contender, work: async () => copy(copyTo, digest)})),
  )
  console.log(`${rounds} rounds, ${layerCount} layers, ${options.megabytes} MB, ${options.away} ms away; medians`)
  console.log(tableRow(['', 'wall', 'CPU', 'resident', 'ratio'], widths))
  const tagboat = middle((results[0] ?? []).map(({wallMs}) => wallMs))
  for (const [index, costs] of results.entries()) {
    const wall = middle(costs.map(({wallMs}) => wallMs))
    const cpu = middle(costs.map(({cpuMs}) => cpuMs))
    const resident = Math.max(...costs.map(({residentBytes}) => residentBytes))
    const cells = [contenders[index]?.name ?? '', ms(wall), ms(cpu), `${Math.round(resident / 1e6)} MB`]
    console.log(tableRow([...cells, (tagboat / wall).toFixed(2)], widths))
  }
}

/** Pushes an image of random bytes, which do not compress. */
async function putImage(client: RepositoryClient): Promise<Digest> {
  const layers: object[] = []
  for (let layer = 0; layer < layerCount; layer += 1) {
    const piece = randomBytes(pieceBytes)
    const all = digester()
    for (let index = 0; index < piecesOfLayer; index += 1) all.add(piece)
    const blob = {digest: all.end(), sizeBytes: pieceBytes * piecesOfLayer}
    await client.uploadBlob(blob, async function* () {
      for (let index = 0; index < piecesOfLayer; index += 1) yield await Promise.resolve(piece)
    })
    layers.push({mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: blob.digest, size: blob.sizeBytes})
  }
  const config = Buffer.from(
    JSON.stringify({architecture: 'amd64', os: 'linux', config: {}, rootfs: {type: 'layers', diff_ids: []}}),
  )
  await client.uploadBlob({digest: digestOf(config), sizeBytes: config.byteLength}, async function* () {
    yield await Promise.resolve(config)
  })
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const named = {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: digestOf(config),
    size: config.byteLength,
  }
  const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, config: named, layers}))
  const digest = digestOf(bytes)
  await client.putManifest(digest, {digest, mediaType, bytes})
  return digest
}

async function copy(copyTo: Contender['copyTo'], digest: Digest): Promise<CopyCost> {
  await using destination = await startRegistry()
  await using far = await startDistance(destination.host, Number(options.away))
  let residentBytes = 0
  const cost = await measure(async () => {
    residentBytes = await copyTo(Number(options.away) === 0 ? destination.host : far.host)
  })
  if ((await destination.manifest(repository, digest)) === undefined) throw new Error('nothing was copied')
  return {...cost, residentBytes}
}

/** @throws Error with the log of a step that failed. */
async function promote(digests: string, images: string): Promise<number> {
  await using step = await Step.prepare({
    action: 'promote',
    event: 'push-tag',
    inputs: {digests, images, tags: 'copy'},
    workspace: tmpdir(),
  })
  const largest = await largestResident(
    () => step.pid,
    async () => {
      const {exitCode, log} = await step.main()
      if (exitCode !== 0) throw new Error(log)
    },
  )
  return largest
}

/** Runs a program. @throws Error with its output if it fails. */
async function run(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, {stdio: ['ignore', 'ignore', 'pipe']})
  const errors: string[] = []
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => errors.push(chunk))
  return largestResident(
    () => child.pid,
    async () => {
      const code = await new Promise((resolve) => child.once('error', resolve).once('close', resolve))
      if (code !== 0) throw new Error(`${program}: ${String(code)} ${errors.join('')}`)
    },
  )
}

await main()
