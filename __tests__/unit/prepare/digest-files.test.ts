import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {withDigestFiles} from '../../../src/prepare/digest-files.ts'
import {fakeIo, temporaryDirectory} from '../../../testing/fake-io.ts'

const [a, b] = ['a'.repeat(64), 'b'.repeat(64)] as const

interface Result {
  readonly digests: readonly string[]
  readonly problems: readonly string[]
}

/** Digests that a promote reads from these files of the workspace. */
async function read(
  contents: Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, string>>,
): Promise<Result> {
  await using workspace = await temporaryDirectory()
  for (const [name, content] of Object.entries(contents)) {
    const file = path.join(workspace.path, name)
    await mkdir(path.dirname(file), {recursive: true})
    await writeFile(file, content)
  }
  const io = fakeIo({environment: {GITHUB_WORKSPACE: workspace.path}, inputs: new Map(Object.entries(inputs))})
  const problems = new Problems()
  const raw = await withDigestFiles(io.inputs, io, problems)
  const {promote} = await readInputs(raw, problems, 'promote')
  const digests = promote.sources.flatMap((source) => (source.kind === 'digest' ? [source.digest] : []))
  return {digests, problems: problems.all.map(({input, message}) => `${input}: ${message}`)}
}

const byArtifact = {'digests/alpine-0/x': `sha256:${a}\n`, 'digests/debian-0/y': `sha256:${b}\n`}

describe('digests: file:', () => {
  test.each([
    {
      name: 'files with a digest',
      contents: {'digests/1': `sha256:${a}\n`, 'digests/2': `sha256:${b}`},
      expected: [a, b],
    },
    {
      name: 'empty files with a digest as their names',
      contents: {[`digests/${a}`]: '', [`digests/${b}`]: '\n'},
      expected: [a, b],
    },
    {name: 'a directory for each artifact', contents: byArtifact, expected: [a, b]},
    {name: 'the artifacts of one leg', contents: byArtifact, names: 'alpine-*', expected: [a]},
    {name: 'outputs as JSON', contents: {'digests/1': JSON.stringify({digest: `sha256:${a}`})}, expected: [a]},
    {name: 'an empty digest of a stage that pushed nothing', contents: {'digests/1': ''}, expected: []},
  ])('reads $name', async ({contents, names = '', expected}) => {
    const {digests, problems} = await read(contents, {digests: ' file:digests ', 'digest-names': names})
    expect({digests, problems}).toEqual({digests: expected.map((hex) => `sha256:${hex}`), problems: []})
  })

  test('reads one file', async () => {
    const {digests} = await read(
      {'digest.json': JSON.stringify({digest: `sha256:${a}`})},
      {digests: 'file:digest.json'},
    )
    expect(digests).toEqual([`sha256:${a}`])
  })

  test('that does not exist is an error', async () => {
    expect(await read({}, {digests: 'file:digests'})).toEqual({
      digests: [],
      problems: ['digests: digests does not exist'],
    })
  })

  test('is not needed for digests in the input', async () => {
    expect((await read({}, {digests: `sha256:${a}`})).digests).toEqual([`sha256:${a}`])
  })
})
