import {expect, test} from '@jest/globals'
import {simulatedText} from '../../../testing/simulated-tags.ts'

const job = (matrix: string): string =>
  `on: push\njobs:\n  a:\n    strategy: {matrix: ${matrix}}\n    steps: [{uses: tagboat/tagboat@v1}]\n`

test.each([
  {matrix: '{name: "${{ fromJSON(\'[]\') }}"}', message: /list of name/},
  {matrix: '{name: [], os: [a]}', message: /list of name/},
  {matrix: '"${{ fromJSON(\'{\\"include\\":[]}\') }}"', message: /no values/},
])('GitHub refuses $matrix', async ({matrix, message}) => {
  const {steps} = await simulatedText(job(matrix))
  expect(steps).toMatchObject([{state: 'invalid', faults: [{key: 'matrix', message: expect.stringMatching(message)}]}])
})

test('exclusion of each combination skips the job', async () => {
  const {steps} = await simulatedText(job('{name: [a], exclude: [{name: a}]}'))
  expect(steps).toMatchObject([{state: 'skipped', reason: expect.stringContaining('excludes')}])
})
