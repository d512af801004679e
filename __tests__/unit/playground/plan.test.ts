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
