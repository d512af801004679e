import {describe, expect, test} from '@jest/globals'
import {simulatedText as simulated, tagsOfText as tags} from '../../../testing/simulated-tags.ts'

const use = '{uses: tagboat/tagboat@v1, with: {tags: a}}'

/** Keys and lines of the faults of all steps. */
async function faultsOf(text: string): Promise<readonly string[]> {
  const {steps} = await simulated(text)
  return steps.flatMap(({state, faults}) => faults.map(({key, place}) => `${state} ${key} ${place.line}`))
}

describe('an expression that is not valid', () => {
  test.each([
    {
      where: 'env of the workflow',
      text: `on: push\nenv:\n  S: \${{ gitub.sha }}\njobs:\n  a: {steps: [${use}, ${use}]}\n  b: {steps: [${use}]}`,
      expected: 'invalid S 3',
    },
    {
      where: 'env of a job',
      text: `on: push\njobs:\n  a:\n    strategy: {matrix: {x: [1, 2]}}\n    env:\n      S: \${{ gitub.sha }}\n    steps: [${use}, ${use}]`,
      expected: 'invalid S 6',
    },
    {
      where: 'outputs',
      text: `on: push\njobs:\n  a:\n    outputs:\n      S: \${{ gitub.sha }}\n    steps: [${use}]`,
      expected: 'invalid S 5',
    },
    {
      where: 'env of a job without Tagboat',
      text: `on: push\njobs:\n  a:\n    env:\n      S: \${{ gitub.sha }}\n    steps: [{run: x}]\n  b: {steps: [${use}]}`,
      expected: 'invalid S 5',
    },
    {
      where: 'a matrix',
      text: `on: push\njobs:\n  a:\n    strategy:\n      matrix:\n        x: \${{ fromJSN('[1]') }}\n    steps: [${use}]`,
      expected: 'invalid matrix 6',
    },
  ])('in $where is reported once, at its place', async ({text, expected}) => {
    expect(await faultsOf(text)).toEqual([expected])
  })
})

test('each job has its own ID', async () => {
  const job = 'steps: [{uses: tagboat/tagboat@v1, with: {tags: "${{ github.job }}"}}]'
  const text = `on: push\njobs:\n  one: {${job}}\n  two: {${job}}`
  expect(await tags(text)).toEqual(['one', 'two'])
})

describe('continue-on-error', () => {
  const failing = '{id: f, uses: tagboat/tagboat@v1, continue-on-error: true, with: {tags: "a:b:c d"}}'
  test('of a step lets later steps and jobs run', async () => {
    const outcome = '{uses: tagboat/tagboat@v1, with: {tags: "${{ steps.f.outcome }}-${{ steps.f.conclusion }}"}}'
    const text = `on: push\njobs:\n  a: {steps: [${failing}, ${outcome}]}\n  b: {needs: a, steps: [${use}]}`
    expect(await tags(text)).toEqual(['input-invalid', 'failure-success', 'a'])
  })

  test.each([
    ['true', 'a'],
    ['false', 'skipped'],
  ])('%s of a job decides about later jobs', async (value, expected) => {
    const fails = failing.replace('continue-on-error: true, ', '')
    const text = `on: push\njobs:\n  a: {continue-on-error: ${value}, steps: [${fails}]}\n  b: {needs: a, steps: [${use}]}`
    expect(await tags(text)).toEqual(['input-invalid', expected])
  })
})
