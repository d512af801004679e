import {spawn} from 'node:child_process'
import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {watchLoadedFiles} from '../../testing/loaded-files.ts'
import {startRegistry} from '../../testing/registry.ts'
import {planOf} from '../../testing/reports.ts'
import {Step} from '../../testing/runner.ts'
import {measure, middle, ms} from './measure.ts'
import {login, stepOptions} from './publication.ts'

type Options = Parameters<typeof Step.prepare>[0]

/** Measures the time to the first child process, the planning, a dry run, and the code that runs load. */
export async function startup(rounds: number): Promise<void> {
  await using registry = await startRegistry({login})
  const options = stepOptions({hosts: [registry.host], repository: 'team/bench', version: '1.0.0', tagCount: 5})
  console.log(`process start to first child process: ${ms(await firstChild(options, rounds))}`)
  console.log(`planning 200 rules for 20 images: ${ms(await planning(rounds))}`)
  console.log(`dry run over node -e 0: ${ms(await dryRun(options, rounds))}`)
  const loaded = [await loadedBytes(dryRunOf(options)), await loadedBytes(options)].map((size) =>
    Math.round(size / 1000),
  )
  console.log(`code that a dry run and a publication load: ${loaded.join(' and ')} kB`)
}

/** Time to the first child process, a `docker` that records its start time and fails. */
async function firstChild(options: Options, rounds: number): Promise<number> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tagboat-bench-'))
  const started = path.join(directory, 'started')
  const program = path.join(directory, 'docker')
  await writeFile(program, `#!/bin/sh\n[ -e ${started} ] || date +%s%3N > ${started}\nexit 1\n`)
  await chmod(program, 0o755)
  const delays: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    await rm(started, {force: true})
    await using step = await Step.prepare({...options, env: {PATH: `${directory}:${process.env['PATH'] ?? ''}`}})
    const start = Date.now()
    await step.main()
    delays.push(Number(await readFile(started, 'utf8')) - start)
  }
  await rm(directory, {recursive: true})
  return middle(delays)
}

/** Time to read inputs, plan and explain the plan. The first round warms up the compiler and is not measured. */
async function planning(rounds: number): Promise<number> {
  const kinds = ['type=semver,pattern={{version}}', 'type=sha', 'type=ref,event=tag', 'type=raw,value={{tag}}']
  const tags = Array.from({length: 200}, (_, index) => `${kinds[index % kinds.length] ?? ''},suffix=-${index}`)
  const images = Array.from({length: 20}, (_, index) => `registry.example/team/app-${index}`)
  const given = {images: images.join('\n'), tags: tags.join('\n')}
  const durations: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const start = performance.now()
    await planOf('push-tag', given)
    if (round > 0) durations.push(performance.now() - start)
  }
  return middle(durations)
}

/** Time of a dry run from process start to exit, minus that of an empty Node process. */
async function dryRun(options: Options, rounds: number): Promise<number> {
  const [dryRuns, node]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    await using step = await Step.prepare(dryRunOf(options))
    dryRuns.push((await measure(async () => step.main())).wallMs)
    const start = performance.now()
    await new Promise((resolve) => spawn(process.execPath, ['-e', '0']).once('close', resolve))
    node.push(performance.now() - start)
  }
  return middle(dryRuns) - middle(node)
}

function dryRunOf(options: Options): Options {
  return {...options, inputs: {...options.inputs, 'dry-run': 'true'}}
}

/** Size of the bundle's files that a run imports, main and post together, as reported by Node. */
async function loadedBytes(options: Options): Promise<number> {
  await using watch = await watchLoadedFiles()
  await using step = await Step.prepare({...options, env: watch.env})
  const {exitCode, log} = await step.run()
  if (exitCode !== 0) throw new Error(log)
  return await watch.bytes()
}
