import {expect, test} from '@jest/globals'
import {Problems} from '../../../../src/inputs/problem.ts'
import {readInputs} from '../../../../src/inputs/read.ts'
import {checkBuilderFiles} from '../../../../src/inputs/secrets/builder-files.ts'

const kinds = new Map<string, 'file' | 'directory'>([
  ['/ca.pem', 'file'],
  ['folder', 'directory'],
  ['buildkitd.toml', 'file'],
])
const remote = {driver: 'remote', endpoint: 'tcp://a:1'}

test.each<{given: Readonly<Record<string, string>>; expected: readonly object[]}>([
  {given: {}, expected: []},
  {given: {'buildkitd-config': 'buildkitd.toml'}, expected: []},
  {
    given: {'buildkitd-config': 'gone.toml'},
    expected: [{input: 'buildkitd-config', message: expect.stringContaining('gone.toml')}],
  },
  {
    given: {'buildkitd-config': 'folder'},
    expected: [{input: 'buildkitd-config', message: expect.stringContaining('folder')}],
  },
  {given: {...remote, 'driver-opts': 'cacert=/ca.pem\nservername=a'}, expected: []},
  {
    given: {...remote, 'driver-opts': 'cacert=/ca.pem\nkey=/gone'},
    expected: [{input: 'driver-opts', message: expect.stringContaining('/gone')}],
  },
  {
    given: {...remote, append: '- endpoint: tcp://b:1\n  driver-opts: [cert=/gone]'},
    expected: [{input: 'append', message: expect.stringContaining('/gone')}],
  },
  {given: {driver: 'docker-container', 'driver-opts': 'env.key=/gone'}, expected: []},
])('$given', async ({given, expected}) => {
  const problems = new Problems()
  const {builder} = await readInputs(new Map(Object.entries(given)), problems)
  await checkBuilderFiles(builder, async (file) => Promise.resolve(kinds.get(file)), problems)
  expect(problems.all).toMatchObject(expected)
})
