import {describe, expect, test} from '@jest/globals'
import {simulatedText as simulated, tagsOfText as tags} from '../../../testing/simulated-tags.ts'

const step = (name: string): string => `steps: [{uses: tagboat/tagboat@v1, with: {tags: "${name}"}}]`

/** Workflow with a job that needs one with a result. */
function afterResult(result: 'success' | 'failure' | 'skipped' | 'unknown', condition: string): string {
  const [first, tag] = {
    success: ['true', 'a'],
    failure: ['true', 'a:b:c d'],
    skipped: ['false', 'a'],
    unknown: ["vars.GO == 'yes'", 'a'],
  }[result] as [string, string]
  const second = condition === '' ? '' : `\n    if: "\${{ ${condition} }}"`
  return `on: push\njobs:\n  t:\n    if: ${first}\n    ${step(tag)}\n  p:\n    needs: t${second}\n    ${step('p')}`
}

describe('a job that needs another one', () => {
  test.each([
    {condition: '', success: 'p', failure: 'skipped', skipped: 'skipped', unknown: 'unknown'},
    {condition: 'success()', success: 'p', failure: 'skipped', skipped: 'skipped', unknown: 'unknown'},
    {condition: 'failure()', success: 'skipped', failure: 'p', skipped: 'skipped', unknown: 'unknown'},
    {condition: 'cancelled()', success: 'skipped', failure: 'skipped', skipped: 'skipped', unknown: 'skipped'},
    {condition: 'always()', success: 'p', failure: 'p', skipped: 'p', unknown: 'p'},
    {condition: '!failure() && !cancelled()', success: 'p', failure: 'skipped', skipped: 'p', unknown: 'unknown'},
    {condition: '!success()', success: 'skipped', failure: 'p', skipped: 'p', unknown: 'unknown'},
    {
      condition: "needs.t.result == 'skipped'",
      success: 'skipped',
      failure: 'skipped',
      skipped: 'skipped',
      unknown: 'unknown',
    },
    {
      condition: "!cancelled() && needs.t.result == 'skipped'",
      success: 'skipped',
      failure: 'skipped',
      skipped: 'p',
      unknown: 'unknown',
    },
  ])('with `$condition`', async ({condition, ...expected}) => {
    for (const result of ['success', 'failure', 'skipped', 'unknown'] as const) {
      const [, second] = await tags(afterResult(result, condition))
      expect({result, second}).toEqual({result, second: expected[result]})
    }
  })

  test.each([
    {condition: "github.event_name == 'push'", state: 'unknown'},
    {condition: "github.event_name == 'schedule'", state: 'skipped'},
  ])('that may not run, with `$condition`', async ({condition, state}) => {
    const {steps} = await simulated(afterResult('unknown', condition))
    expect(steps[1]).toMatchObject({state})
  })
})

describe('a result that is given', () => {
  const conditions = ['', 'success()', 'failure()', 'cancelled()', 'always()']
  const ofJob = ['on: push', 'jobs:', '  t: {steps: [{run: make}]}', '  between: {needs: t, steps: [{run: make}]}']
  const jobs = conditions.map((one, index) => `  p${index}: {needs: between, if: "${one}", ${step('p')}}`)
  const ofStep = conditions.map((one) => `- {uses: tagboat/tagboat@v1, if: "${one}", with: {tags: p}}`)

  test.each([
    {result: 'success', expected: ['p', 'p', 'skipped', 'skipped', 'p']},
    {result: 'failure', expected: ['skipped', 'skipped', 'p', 'skipped', 'p']},
    {result: 'cancelled', expected: ['skipped', 'skipped', 'skipped', 'p', 'p']},
  ])('of $result counts for the conditions of jobs and steps', async ({result, expected}) => {
    const options = {values: {'needs.t.result': result, 'steps.t.outcome': result}}
    expect(await tags([...ofJob, ...jobs].join('\n'), undefined, options)).toEqual(expected)
    expect(await tags(['- {id: t, run: make}', ...ofStep].join('\n'), undefined, options)).toEqual(expected)
    const goesOn = ['- {id: t, run: make, continue-on-error: true}', ...ofStep].join('\n')
    const after = result === 'cancelled' ? expected : ['p', 'p', 'skipped', 'skipped', 'p']
    expect(await tags(goesOn, undefined, options)).toEqual(after)
    expect(await tags(goesOn, undefined, {values: {'steps.t.conclusion': result}})).toEqual(expected)
  })

  test('of a job that fails by its steps counts for the jobs after it', async () => {
    const text = [...ofJob.slice(0, 2), '  t: {steps: [{id: t, run: make}]}', ...ofJob.slice(3), ...jobs].join('\n')
    const options = {values: {'steps.t.outcome': 'failure'}}
    expect(await tags(text, undefined, options)).toEqual(['skipped', 'skipped', 'p', 'skipped', 'p'])
  })
})

describe('values that are given for a job', () => {
  const text = (runs: string): string => `on: push
jobs:
  t:
    if: ${runs}
    outputs: {a: known, b: "\${{ steps.x.outputs.b }}"}
    steps: [{id: x, run: make}]
  p:
    needs: t
    if: always()
    ${step('${{ needs.t.outputs.a }}${{ needs.t.outputs.b }}${{ needs.t.result }}')}`

  test('leave its other values', async () => {
    const values = {'needs.t.outputs.b': '-b-'}
    expect(await tags(text('true'), undefined, {values})).toEqual(['known-b-success'])
  })

  test('do not count if it does not run', async () => {
    const values = {'needs.t.outputs.b': 'b', 'needs.t.result': 'failure'}
    expect(await tags(text('false'), undefined, {values})).toEqual(['skipped'])
  })
})

describe('a step that depends on an unknown value', () => {
  const text = (more: string, rule: string): string => `on: push
jobs:
  t:
    steps:
      - uses: tagboat/tagboat@v1
        ${more}
        with: {images: "ghcr.io/a/\${{ vars.NAME }}", tags: "${rule}"}
      - uses: tagboat/tagboat@v1
        with: {tags: b}
  p:
    needs: t
    ${step('p')}`

  test('fails by a rule that is not valid', async () => {
    const {steps} = await simulated(text('if: true', 'type=semvr'))
    expect(steps[0]).toMatchObject({
      state: 'planned',
      unknown: [{input: 'images', names: ['vars.NAME']}],
      result: {failure: {code: 'input-invalid', problems: [{input: 'tags', line: 1}]}},
    })
    expect(steps.slice(1).map(({state}) => state)).toEqual(['skipped', 'skipped'])
  })

  test('may not run, so that steps and jobs after it may', async () => {
    const {steps} = await simulated(text("if: vars.GO == 'yes'", 'type=semvr'))
    expect(steps.map(({state}) => state)).toEqual(['planned', 'planned', 'planned'])
    expect(steps.map(({result}) => result?.failure?.code)).toEqual(['input-invalid', undefined, undefined])
  })

  test('does not fail for want of the value', async () => {
    const {steps} = await simulated(text('env: {}', 'type=sha'))
    expect(steps[0]).toMatchObject({state: 'unknown', unknown: [{input: 'images'}]})
  })
})

test('values that are given for a step of Tagboat leave its other outputs', async () => {
  const text = (first: string): string => `steps:
  - {id: image, if: ${first}, uses: tagboat/tagboat@v1, with: {tags: a}}
  - uses: tagboat/tagboat@v1
    with: {tags: "x\${{ steps.image.outputs.tag-names }}\${{ steps.image.outputs.digest }}"}`
  const values = {'steps.image.outputs.digest': '-d'}
  expect(await tags(text('true'), undefined, {values})).toEqual(['a', 'xa-d'])
  expect(await tags(text('false'), undefined, {values})).toEqual(['skipped', 'x'])
})

describe('jobs before those that a job needs', () => {
  const chain = (first: string, last = ''): string =>
    `on: push
jobs:
  a:
    if: ${first}
    ${step('a')}
  b:
    needs: a
    if: always()
    ${step('b')}
  c:
    needs: b
    ${last}
    ${step('c')}`

  test('count for a condition without a status function', async () => {
    expect(await tags(chain('false'))).toEqual(['skipped', 'b', 'skipped'])
    expect(await tags(chain('true'))).toEqual(['a', 'b', 'c'])
    expect(await tags(chain('false', 'if: "!failure()"'))).toEqual(['skipped', 'b', 'c'])
  })

  test('make a job unknown, with the names that they wait for', async () => {
    const {steps} = await simulated(chain("vars.GO == 'yes'"))
    const wait = {state: 'unknown', unknown: [{input: 'if', names: ['vars.GO']}]}
    expect(steps).toMatchObject([wait, {state: 'planned'}, wait])
  })

  test('do not make it unknown if another one is skipped', async () => {
    const text = `on: push
jobs:
  a: {if: vars.GO, steps: [{run: x}]}
  b: {if: false, steps: [{run: x}]}
  c:
    needs: [a, b]
    ${step('c')}
  d:
    needs: [a, b]
    if: failure()
    ${step('d')}`
    expect(await tags(text)).toEqual(['skipped', 'unknown'])
  })

  test('that need each other end', async () => {
    const text = `on: push\njobs:\n  a:\n    needs: b\n    ${step('a')}\n  b:\n    needs: a\n    ${step('b')}`
    expect(await tags(text)).toEqual(['a', 'b'])
  })
})
