/**
 * Signatures of an image of two platforms in two registries, index and platforms, in both formats: by a whole step
 * `tagboat/tagboat/promote@v1` (main, as bundled in `dist/`), compared with the same step without `sign`, and by `cosign
 * sign --recursive`, which is run for each registry and format. Rounds alternate. Wall time, CPU time, and requests.
 *
 *   npm run bench:sign [-- --rounds 5 --away 50]
 */
import {tmpdir} from 'node:os'
import {parseArgs} from 'node:util'
import {httpClient} from '../../src/io/http.ts'
import type {Digest} from '../../src/oci/digest.ts'
import {startDistance} from '../../testing/distance.ts'
import {makeImage} from '../../testing/memory-registry.ts'
import {pushImage, testClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {Step} from '../../testing/runner.ts'
import {startKeyCosign, type KeyCosign} from '../../testing/sigstore/key-cosign.ts'
import {alternate, measure, middle, ms, tableRow, type Cost} from './measure.ts'

const {values: options} = parseArgs({
  options: {rounds: {type: 'string', default: '5'}, away: {type: 'string', default: '50'}},
})
const rounds = Number(options.rounds)
const awayMs = Number(options.away)
const repository = 'team/signed'
const widths = [24, 10, 10, 10]

interface SignCost extends Cost {
  /** Requests to both registries. */
  readonly requests: number
}

/** Registries of one round, and the same as they are seen from far away. */
interface Place {
  readonly digest: Digest
  readonly hosts: readonly string[]
}

async function main(): Promise<void> {
  await using cosign = await startKeyCosign()
  const contenders: readonly {readonly name: string; readonly work: (place: Place) => Promise<void>}[] = [
    {name: 'tagboat, not signed', work: async (place) => promote(place, {})},
    {name: 'tagboat', work: async (place) => promote(place, keyInputs(cosign))},
    {name: 'cosign', work: async (place) => signWithCosign(place, cosign)},
  ]
  const results = await alternate(
    rounds,
    contenders.map(({name, work}, index) => ({name, work: async () => signOnce(work, index)})),
  )
  console.log(`${rounds} rounds, 2 platforms, 2 registries, ${awayMs} ms away; medians`)
  console.log(tableRow(['', 'wall', 'CPU', 'requests'], widths))
  const middles = results.map((costs) => ({
    wall: middle(costs.map(({wallMs}) => wallMs)),
    cpu: middle(costs.map(({cpuMs}) => cpuMs)),
    requests: middle(costs.map(({requests}) => requests)),
  }))
  for (const [index, {wall, cpu, requests}] of middles.entries())
    console.log(tableRow([contenders[index]?.name ?? '', ms(wall), ms(cpu), String(requests)], widths))
  const [plain, signed, other] = middles
  if (plain === undefined || signed === undefined || other === undefined) return
  const own = signed.wall - plain.wall
  console.log(
    `Signing takes ${ms(own)} and ${signed.requests - plain.requests} requests: ${(own / other.wall).toFixed(2)} of cosign`,
  )
}

let round = 0

async function signOnce(work: (place: Place) => Promise<void>, contender: number): Promise<SignCost> {
  await using first = await startRegistry()
  await using second = await startRegistry()
  await using firstFar = await startDistance(first.host, awayMs)
  await using secondFar = await startDistance(second.host, awayMs)
  round += 1
  const digest = await putImage([first, second], `${contender}-${round}`)
  const count = async (): Promise<number> => (await first.requests()).length + (await second.requests()).length
  const before = await count()
  const cost = await measure(async () => work({digest, hosts: [firstFar.host, secondFar.host]}))
  return {...cost, requests: (await count()) - before}
}

async function putImage(registries: readonly Registry[], text: string): Promise<Digest> {
  using clients = testClients(httpClient(new AbortController().signal, {}))
  const image = makeImage({text, platforms: ['linux/amd64', 'linux/arm64']})
  for (const {host} of registries) await pushImage(clients.of(host, repository), image)
  return image.digest
}

function keyInputs({privateKey, password}: KeyCosign): Readonly<Record<string, string>> {
  return {sign: 'key', 'sign-key': privateKey, 'sign-key-password': password}
}

/** @throws Error with the log of a step that failed. */
async function promote({digest, hosts}: Place, inputs: Readonly<Record<string, string>>): Promise<void> {
  const images = hosts.map((host) => `${host}/${repository}`).join('\n')
  await using step = await Step.prepare({
    action: 'promote',
    event: 'push-tag',
    inputs: {digests: digest, images, tags: 'signed', ...inputs},
    workspace: tmpdir(),
  })
  const {exitCode, log} = await step.main()
  if (exitCode !== 0) throw new Error(log)
}

async function signWithCosign({digest, hosts}: Place, cosign: KeyCosign): Promise<void> {
  for (const host of hosts) {
    for (const format of ['bundle', 'tag'] as const)
      await cosign.sign(`${host}/${repository}@${digest}`, format, '--recursive')
  }
}

await main()
