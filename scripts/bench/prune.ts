/**
 * A repository of many images on the distribution registry, some milliseconds away, and whole steps
 * `tagboat/tagboat/prune@v1` (main, as bundled in `dist/`): a dry run, and the deletion of half of the tags. Requests,
 * connections, wall time, CPU time and the largest resident size of the process.
 *
 *   npm run bench:prune [-- --tags 2000 --away 20 --plain]
 *
 * With `--plain`, no annotation states the age and the commit, so that configurations are read.
 */
import {tmpdir} from 'node:os'
import {parseArgs} from 'node:util'
import {startDistance} from '../../testing/distance.ts'
import {manifestsPerImage, pushMany} from '../../testing/many-images.ts'
import {testClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {Step} from '../../testing/runner.ts'
import {httpClient} from '../../src/io/http.ts'
import {largestResident, measure, tableRow} from './measure.ts'

const {values: options} = parseArgs({
  options: {
    tags: {type: 'string', default: '2000'},
    away: {type: 'string', default: '20'},
    plain: {type: 'boolean', default: false},
  },
})
const tagCount = Number(options.tags)
const repository = 'team/app'
const widths = [16, 10, 14, 13, 8, 8, 10]

async function main(): Promise<void> {
  await using registry = await startRegistry()
  await fill(registry)
  const manifests = tagCount * manifestsPerImage
  console.log(`${tagCount} tags, ${manifests} manifests, ${options.away} ms away${options.plain ? ', plain' : ''}`)
  console.log(tableRow(['', 'requests', 'per manifest', 'connections', 'wall', 'CPU', 'resident'], widths))
  for (const [name, dryRun] of [
    ['dry run', 'true'],
    ['prune of half', 'false'],
  ] as const) {
    const {requests, connections, wallMs, cpuMs, residentBytes} = await prune(registry, dryRun)
    const cells = [requests, (requests / manifests).toFixed(2), connections].map(String)
    const times = [wallMs, cpuMs].map((time) => `${(time / 1000).toFixed(1)} s`)
    console.log(tableRow([name, ...cells, ...times, `${Math.round(residentBytes / 1e6)} MB`], widths))
  }
  const left = (await registry.tags(repository)).length
  if (left !== tagCount / 2) throw new Error(`${left} tags are left`)
}

/** Pushes the images, half of them under tags `old-…`. */
async function fill({host}: Registry): Promise<void> {
  using clients = testClients(httpClient(new AbortController().signal, {}))
  await pushMany(clients.of(host, repository), {
    count: tagCount,
    tagOf: (index) => `${index % 2 === 0 ? 'old' : 'new'}-${index}`,
    ...(!options.plain && {
      annotations: {
        'org.opencontainers.image.created': '2026-01-02T03:04:05Z',
        'org.opencontainers.image.revision': '860c1904a1ce19322e91ac35af1ab07466440c37',
      },
    }),
  })
}

interface PruneCost {
  readonly requests: number
  readonly connections: number
  readonly wallMs: number
  readonly cpuMs: number
  readonly residentBytes: number
}

/** @throws Error with the log of a step that failed. */
async function prune(registry: Registry, dryRun: 'true' | 'false'): Promise<PruneCost> {
  const before = (await registry.requests()).length
  const used = new Set<number>()
  await using near = await startDistance(registry.host, Number(options.away), {
    watch: ({connection}) => used.add(connection),
  })
  await using step = await Step.prepare({
    action: 'prune',
    event: 'push-default-branch',
    inputs: {images: `${near.host}/${repository}`, 'delete-tags': 'old-*', 'dry-run': dryRun},
    workspace: tmpdir(),
  })
  let residentBytes = 0
  const cost = await measure(async () => {
    residentBytes = await largestResident(
      () => step.pid,
      async () => {
        const {exitCode, log} = await step.main()
        if (exitCode !== 0) throw new Error(log)
      },
    )
  })
  const requests = (await registry.requests()).length - before
  return {...cost, residentBytes, requests, connections: used.size}
}

await main()
