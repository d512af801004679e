import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {expect, test} from '@jest/globals'
import {compareWorkspace} from '../../../../src/stage/workspace/compare-workspace.ts'
import {fakeIo, temporaryDirectory} from '../../../../testing/fake-io.ts'
import {planOf} from '../../../../testing/reports.ts'

const name = 'gha-creds-0123456789abcdef.json'

interface Row {
  readonly name: string
  /** Files of the context, by name. */
  readonly files: Readonly<Record<string, string>>
  /** Dockerfile in the context. */
  readonly file?: string
  /** Files that the log names. */
  readonly expected: readonly string[]
}

test.each<Row>([
  {name: 'a credential file', files: {[name]: '{}'}, expected: [name]},
  {name: 'two files', files: {'gha-creds-ff.json': '', 'gha-creds-00.json': ''}, expected: ['00.json, gha-creds-ff']},
  {name: 'other files', files: {'gha-creds-of-mine.json': '', 'key.json': ''}, expected: []},
  {name: 'an excluded file', files: {[name]: '', '.dockerignore': 'gha-creds-*.json\n'}, expected: []},
  {name: 'another exclusion', files: {[name]: '', '.dockerignore': 'node_modules\n'}, expected: [name]},
  {
    name: 'an exclusion of the Dockerfile alone',
    files: {[name]: '', 'Dockerfile.dockerignore': '*.json'},
    expected: [],
  },
  {
    name: 'an exclusion that the file of the Dockerfile replaces',
    files: {[name]: '', '.dockerignore': '*.json', 'ci.Dockerfile.dockerignore': 'docs'},
    file: 'ci.Dockerfile',
    expected: [name],
  },
  {
    name: 'an exclusion for another Dockerfile',
    files: {[name]: '', '.dockerignore': '*.json', 'Dockerfile.dockerignore': ''},
    file: 'ci.Dockerfile',
    expected: [],
  },
])('$name in the context', async ({files, file, expected}) => {
  await using context = await temporaryDirectory()
  for (const [one, text] of Object.entries(files)) await writeFile(path.join(context.path, one), text)
  const given = {context: context.path, ...(file !== undefined && {file: path.join(context.path, file)})}
  const planned = await planOf('push-tag', {images: 'user/app', ...given})
  const io = fakeIo({environment: {}})
  await compareWorkspace({...planned, prefersPullHead: false, notices: []}, io)
  expect(io.workflow.log).toHaveLength(expected.length)
  for (const [index, text] of expected.entries()) expect(io.workflow.log[index]).toContain(text)
})

test('a context that does not exist is left to the build', async () => {
  await using directory = await temporaryDirectory()
  await mkdir(path.join(directory.path, 'x'))
  for (const context of ['y', 'x']) {
    const planned = await planOf('push-tag', {images: 'user/app', context: path.join(directory.path, context)})
    const io = fakeIo({environment: {}})
    await compareWorkspace({...planned, prefersPullHead: false, notices: []}, io)
    expect(io.workflow.log).toEqual([])
  }
})
