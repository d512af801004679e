import {expect, test} from '@jest/globals'
import {answerPlan} from '../../../playground/worker/plan.ts'

test('problems of an input whose name has capitals are at its line', async () => {
  const text =
    '- uses: tagboat/tagboat@v1\n  with:\n    images: ghcr.io/acme/web\n    Tags: |\n      {{branch}}\n      {{nothing}}\n'
  const event = {id: 'branch', ref: '', repository: '', defaultBranch: ''}
  const {events} = await answerPlan({kind: 'plan', text, registry: '', events: [event]})
  const findings = events.flatMap(({steps}) => steps.flatMap((step) => step.findings))
  expect(findings.map(({from, to}) => text.slice(from, to))).toEqual(['{{nothing}}'])
})

test('each step gives a sign of life', async () => {
  const text = [
    'on: push',
    'jobs:',
    '  image:',
    '    strategy:',
    '      matrix: {a: [1, 2], b: [1, 2, 3]}',
    '    steps:',
    '      - uses: tagboat/tagboat@v1',
    '        with: {images: ghcr.io/acme/web}',
    '',
  ].join('\n')
  const events = ['branch', 'version'].map((id) => ({id, ref: '', repository: '', defaultBranch: ''}))
  let signs = 0
  const plan = await answerPlan({kind: 'plan', text, registry: '', events}, () => {
    signs += 1
  })
  expect(signs).toBe(12)
  expect(plan.events.flatMap(({steps}) => steps)).toHaveLength(12)
})
