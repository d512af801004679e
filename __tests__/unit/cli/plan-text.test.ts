import {expect, test} from '@jest/globals'
import {filesCondition} from '../../../src/workflow-file/triggered-by.ts'
import {planOf} from '../../../testing/plan-of.ts'

test('a dry run publishes nothing, in text and in JSON', async () => {
  const text = 'dry-run: true\nimages: a/b\ntags: latest\n'
  expect((await planOf(text, '--ref', 'main')).stdout).toMatch(/^ {2}dry run: publishes/m)
  const {stdout} = await planOf(text, '--json')
  expect(JSON.parse(stdout)).toMatchObject({files: [{events: [{steps: [{dryRun: true}]}]}]})
  const {stdout: real} = await planOf(text.replace('true', 'false'), '--json')
  expect(JSON.parse(real)).toMatchObject({files: [{events: [{steps: [{dryRun: false}]}]}]})
})

test.each([
  {filter: 'paths', isNegative: false},
  {filter: 'paths-ignore', isNegative: true},
] as const)('a plan names the condition of $filter', async ({filter, isNegative}) => {
  const text = `on: {push: {${filter}: [docs/**]}}\njobs: {a: {steps: [{uses: tagboat/tagboat@v1}]}}\n`
  expect((await planOf(text, '--ref', 'main')).stdout).toContain(`\n  ${filesCondition(filter)}\n`)
  expect(filesCondition(filter).includes('not match')).toBe(isNegative)
})
