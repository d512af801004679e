import {expect, test} from '@jest/globals'
import {formatProblem, Problems} from '../../../../src/inputs/problem.ts'
import {readInputs} from '../../../../src/inputs/read.ts'
import {checkBuilderFiles} from '../../../../src/inputs/secrets/builder-files.ts'

const kinds = new Map<string, 'file' | 'directory'>([
  ['/ca.pem', 'file'],
  ['folder', 'directory'],
  ['buildkitd.toml', 'file'],
])
const remedy = 'Correct the path, or write the file in an earlier step.'
const remote = {driver: 'remote', endpoint: 'tcp://a:1'}

test.each<{given: Readonly<Record<string, string>>; expected: readonly string[]}>([
  {given: {}, expected: []},
  {given: {'buildkitd-config': 'buildkitd.toml'}, expected: []},
  {
    given: {'buildkitd-config': 'gone.toml'},
    expected: [`buildkitd-config: the file gone.toml does not exist. ${remedy}`],
  },
  {given: {'buildkitd-config': 'folder'}, expected: [`buildkitd-config: the file folder does not exist. ${remedy}`]},
  {given: {...remote, 'driver-opts': 'cacert=/ca.pem\nservername=a'}, expected: []},
  {
    given: {...remote, 'driver-opts': 'cacert=/ca.pem\nkey=/gone'},
    expected: [`driver-opts: the file /gone does not exist. ${remedy}`],
  },
  {
    given: {...remote, append: '- endpoint: tcp://b:1\n  driver-opts: [cert=/gone]'},
    expected: [`append: the file /gone does not exist. ${remedy}`],
  },
  {given: {driver: 'docker-container', 'driver-opts': 'env.key=/gone'}, expected: []},
])('$given', async ({given, expected}) => {
  const problems = new Problems()
  const {builder} = await readInputs(new Map(Object.entries(given)), problems)
  await checkBuilderFiles(builder, async (file) => Promise.resolve(kinds.get(file)), problems)
  expect(problems.all.map(formatProblem)).toEqual(expected)
})
