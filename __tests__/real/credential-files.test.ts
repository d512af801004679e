import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {mkdtemp, readdir, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {docker} from '../../testing/docker.ts'
import {ignoreExamples} from '../../testing/ignore-examples.ts'
import {Step} from '../../testing/runner.ts'
import {workspaceOf} from '../../testing/workspace.ts'

const name = 'gha-creds-01ab.json'
let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'tagboat-out-'))
})

afterAll(async () => {
  await rm(scratch, {recursive: true, force: true})
})

test.each([
  {ignore: 'node_modules\n', isBuilt: true},
  {ignore: 'gha-creds-*.json\n', isBuilt: false},
])('a build names a credential file that it gets, with $ignore', async ({ignore, isBuilt}) => {
  await using workspace = await workspaceOf({
    Dockerfile: ['FROM scratch', 'COPY . /'],
    [name]: '{}',
    '.dockerignore': ignore,
  })
  const dest = path.join(scratch, String(isBuilt))
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {push: 'false', images: 'team/app', outputs: `type=local,dest=${dest}`},
  })
  const {exitCode, log} = await step.run()
  expect(exitCode).toBe(0)
  expect((await readdir(dest)).includes(name)).toBe(isBuilt)
  expect(log.split('\n').filter((line) => line.startsWith('::warning') && line.includes(name))).toHaveLength(
    isBuilt ? 1 : 0,
  )
})

test('BuildKit excludes what the examples say', async () => {
  const folders = ignoreExamples.map((_, index) => `example${index}`)
  await using workspace = await workspaceOf({
    Dockerfile: ['FROM scratch', ...folders.map((folder) => `COPY --from=${folder} / /${folder}/`)],
    ...Object.fromEntries(
      ignoreExamples.flatMap(({text}, index) => [
        [`${folders[index]}/${name}`, '{}'],
        [`${folders[index]}/.dockerignore`, text],
      ]),
    ),
  })
  const dest = path.join(scratch, 'examples')
  const contexts = folders.flatMap((folder) => [
    '--build-context',
    `${folder}=${path.join(workspace.directory, folder)}`,
  ])
  await docker(['buildx', 'build', '--output', `type=local,dest=${dest}`, ...contexts, workspace.directory])
  const excluded = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(path.join(dest, folder)).catch((): readonly string[] => [])
      return !names.includes(name)
    }),
  )
  const found = ignoreExamples.map(({text}, index) => ({text, isExcluded: excluded[index]}))
  expect(found).toEqual(ignoreExamples)
})
