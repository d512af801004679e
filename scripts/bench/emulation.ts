/**
 * Benchmark of emulation: a step that only computes (SHA-256 of zeros), built for the platform of this machine and for arm64
 * with its emulator. Rounds alternate, without a cache.
 *
 *   npm run bench:emulation [-- --rounds 5 --megabytes 256]
 */
import {parseArgs} from 'node:util'
import {busyboxDirectory} from '../../testing/sample.ts'
import {shellDockerfile, workspaceOf} from '../../testing/workspace.ts'
import {alternate, measure, middle, ms, tableRow} from './measure.ts'
import {runDocker} from './publication.ts'

const {values: options} = parseArgs({
  options: {rounds: {type: 'string', default: '5'}, megabytes: {type: 'string', default: '256'}},
})
const rounds = Number(options.rounds)
const platforms = ['linux/amd64', 'linux/arm64']
const widths = [14, 12]

async function main(): Promise<void> {
  await using context = await workspaceOf({
    Dockerfile: [...shellDockerfile, 'ARG ROUND', `RUN head -c ${options.megabytes}m /dev/zero | sha256sum`],
  })
  const contenders = platforms.map((platform) => ({
    name: platform,
    work: async (round: number) => build(context.directory, platform, round),
  }))
  for (const {work} of contenders) await work(-1)
  const costs = await alternate(rounds, contenders)
  console.log(`${rounds} rounds, SHA-256 of ${options.megabytes} MB in a RUN step; medians of the whole build`)
  for (const [index, platform] of platforms.entries()) {
    console.log(tableRow([platform, ms(middle((costs[index] ?? []).map(({wallMs}) => wallMs)))], widths))
  }
}

async function build(directory: string, platform: string, round: number): ReturnType<typeof measure> {
  const busybox = ['--build-context', `busybox=${busyboxDirectory()}`]
  const once = ['--build-arg', `ROUND=${process.pid}-${round}`, '--no-cache', '--provenance=false']
  return measure(async () =>
    runDocker([
      'buildx',
      'build',
      '--platform',
      platform,
      ...busybox,
      ...once,
      '--output',
      'type=cacheonly',
      directory,
    ]),
  )
}

await main()
