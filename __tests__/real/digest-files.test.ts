import {cp, mkdir} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {promote} from '../../src/commands/promote.ts'
import {stage} from '../../src/commands/stage.ts'
import {temporaryDirectory} from '../../testing/fake-io.ts'
import {readIndex} from '../../testing/image.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {runSource, type SourceResult} from '../../testing/source-run.ts'
import {workspaceOf, type Workspace} from '../../testing/workspace.ts'

let registry: Registry
let workspace: Workspace

beforeAll(async () => {
  const dockerfile = [
    'FROM scratch AS alpine',
    'COPY Dockerfile /alpine',
    'FROM scratch AS debian',
    'COPY Dockerfile /debian',
  ]
  ;[registry, workspace] = await Promise.all([startRegistry(), workspaceOf({Dockerfile: dockerfile})])
})

afterAll(async () => {
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

/** Runs a stage or promote of one variant in its own directory for temporary files. */
async function run(
  command: typeof stage,
  {variant, temp}: {readonly variant: string; readonly temp: string},
  inputs: Readonly<Record<string, string>>,
): Promise<SourceResult> {
  const result = await runSource({
    push: {ref: 'refs/tags/v1.2.3', sha: 'c'.repeat(40), date: '2020-02-03T04:05:06Z', runId: '7'},
    inputs: {images: `${registry.host}/matrix/app`, variant, ...inputs},
    env: {GITHUB_WORKSPACE: workspace.directory, RUNNER_TEMP: temp},
    command,
  })
  expect(result.failure?.evidence).toBeUndefined()
  return result
}

test('a promote takes the digests of one variant from the artifacts of a matrix', async () => {
  await using temporary = await temporaryDirectory()
  const artifacts = path.join(temporary.path, 'digests')
  const staged = new Map<string, string[]>()
  for (const variant of ['alpine', 'debian']) {
    for (const platform of ['linux/amd64', 'linux/arm64']) {
      const temp = path.join(temporary.path, `${variant}-${path.basename(platform)}`)
      await mkdir(temp)
      const given = {target: variant, context: workspace.directory, platforms: platform, driver: 'docker'}
      const {outputs} = await run(stage, {variant, temp}, given)
      // As actions/upload-artifact and actions/download-artifact do.
      const file = outputs.get('digest-file') ?? ''
      await cp(file, path.join(artifacts, path.basename(temp), path.basename(file)), {recursive: true})
      staged.set(variant, [...(staged.get(variant) ?? []), outputs.get('digest') ?? ''])
    }
  }
  for (const variant of ['alpine', 'debian']) {
    const temp = path.join(temporary.path, `promote-${variant}`)
    await mkdir(temp)
    const given = {digests: `file:${artifacts}`, 'digest-names': `${variant}-*`, platforms: 'linux/amd64,linux/arm64'}
    const {outputs} = await run(promote, {variant, temp}, given)
    const {manifests} = await readIndex({registry, repository: 'matrix/app', reference: `1.2.3-${variant}`})
    const platforms = manifests.flatMap(({platform}) => (platform?.os === 'linux' ? [platform.architecture] : []))
    expect(platforms).toEqual(['amd64', 'arm64'])
    expect((await registry.manifest('matrix/app', `1.2.3-${variant}`))?.digest).toBe(outputs.get('digest'))
  }
  const all = [...staged.values()].flat()
  expect({count: all.length, distinct: new Set(all).size}).toEqual({count: 4, distinct: 4})
})
