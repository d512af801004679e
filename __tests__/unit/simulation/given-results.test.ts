import {describe, expect, test} from '@jest/globals'
import {simulatedText, tagsOfText as tags} from '../../../testing/simulated-tags.ts'

const tagboat = (tag: string, condition = 'always()'): string =>
  `- {uses: tagboat/tagboat@v1, if: "${condition}", with: {tags: "x${tag}"}}`
const results = '${{ steps.t.outcome }}-${{ steps.t.conclusion }}'

describe('a given outcome of a step', () => {
  test.each([
    {outcome: 'success', goesOn: false, conclusion: 'success'},
    {outcome: 'failure', goesOn: false, conclusion: 'failure'},
    {outcome: 'failure', goesOn: true, conclusion: 'success'},
    {outcome: 'cancelled', goesOn: true, conclusion: 'cancelled'},
  ])('decides its conclusion: $outcome with $goesOn is $conclusion', async ({outcome, goesOn, conclusion}) => {
    const options = {values: {'steps.t.outcome': outcome}}
    for (const what of ['run: make', 'uses: tagboat/tagboat@v1, with: {tags: a}']) {
      const first = `- {id: t, ${what}, continue-on-error: ${goesOn}}`
      const found = await tags(`${first}\n${tagboat(results)}`, undefined, options)
      expect(found.at(-1)).toBe(`x${outcome}-${conclusion}`)
    }
  })

  test('does not replace a conclusion that is given', async () => {
    const options = {values: {'steps.t.outcome': 'failure', 'steps.t.conclusion': 'success'}}
    expect(await tags(`- {id: t, run: make}\n${tagboat(results)}`, undefined, options)).toEqual(['xfailure-success'])
  })
})

test('a step or job that is cancelled stays so with continue-on-error, and after a later failure', async () => {
  const steps = '- {id: t, run: make, continue-on-error: true}\n- {id: u, if: always(), run: make}\n'
  const values = {'steps.t.outcome': 'cancelled', 'steps.u.outcome': 'failure'}
  const after = ['cancelled()', 'failure()'].map((condition) => tagboat('', condition)).join('\n')
  expect(await tags(steps + after, undefined, {values})).toEqual(['x', 'skipped'])
  const ofJob = (condition: string): string =>
    `on: push\njobs:\n  a: {continue-on-error: true, steps: [{id: t, run: make}]}\n  b: {needs: a, if: ${condition}, steps: [{uses: tagboat/tagboat@v1, with: {tags: b}}]}`
  expect(await tags(ofJob('cancelled()'), undefined, {values})).toEqual(['b'])
  expect(await tags(ofJob('success()'), undefined, {values})).toEqual(['skipped'])
})

test.each(['failure', 'cancelled', 'success'])('the status of the job after a step is %s', async (outcome) => {
  const options = {values: {'steps.t.outcome': outcome}}
  const text = `${tagboat('${{ job.status }}')}\n- {id: t, run: make}\n${tagboat('${{ job.status }}')}`
  expect(await tags(text, undefined, options)).toEqual(['xsuccess', `x${outcome}`])
  const outputs = `on: push\njobs:\n  a: {outputs: {s: "\${{ job.status }}"}, steps: [{id: t, run: make}]}\n  b: {needs: a, if: always(), steps: [{uses: tagboat/tagboat@v1, with: {tags: "x\${{ needs.a.outputs.s }}"}}]}`
  expect(await tags(outputs, undefined, options)).toEqual([`x${outcome}`])
})

/** Workflow with the steps. Its variables are all known. */
function whole(steps: string): string {
  return `on: push\njobs:\n  a:\n    steps:\n${steps.replaceAll(/^/gm, '      ')}`
}

describe('variables of a step', () => {
  const env = 'env: {MODE: full, BRANCH: develop, QUIET: "true"}'

  test('are in its condition, so that its outputs can be given', async () => {
    const text = `- {id: v, ${env}, if: env.MODE == 'full', run: make}\n${tagboat('${{ steps.v.outputs.tag }}')}`
    const {steps} = await simulatedText(whole(text))
    expect(steps).toMatchObject([{state: 'unknown', unknown: [{names: ['steps.v.outputs.tag']}]}])
    expect(await tags(whole(text), undefined, {values: {'steps.v.outputs.tag': '1'}})).toEqual(['x1'])
  })

  test('are in the condition of a step that prunes', async () => {
    const text = `- {uses: tagboat/tagboat/prune@v1, ${env}, if: env.MODE == 'full'}`
    expect((await simulatedText(whole(text))).steps).toMatchObject([{state: 'unknown', action: 'prune'}])
  })

  test('are in continue-on-error and in the inputs of a checkout', async () => {
    const failing = `- {id: t, ${env}, run: make, continue-on-error: "\${{ env.QUIET == 'true' }}"}\n${tagboat('', '')}`
    expect(await tags(failing, undefined, {values: {'steps.t.outcome': 'failure'}})).toEqual(['x'])
    const checkout = `- {uses: actions/checkout@v5, ${env}, with: {ref: "\${{ env.BRANCH }}"}}\n- {uses: tagboat/tagboat@v1, with: {tags: type=sha}}`
    expect((await simulatedText(checkout)).steps).toMatchObject([{unknown: [{names: ['the commit of develop']}]}])
  })

  test('that a script writes again have the value that is given', async () => {
    const text = `on: push
env: {TAG: dev, DOCKER_METADATA_SHORT_SHA_LENGTH: 7}
jobs:
  a:
    steps:
      ${tagboat('${{ env.TAG }}')}
      - run: echo "TAG=$(x)" >> $GITHUB_ENV
      - run: echo "DOCKER_METADATA_SHORT_SHA_LENGTH=9" >> $GITHUB_ENV
      ${tagboat('${{ env.TAG }}')}
      - {uses: tagboat/tagboat@v1, with: {tags: type=sha}}`
    const env = {TAG: 'v1', DOCKER_METADATA_SHORT_SHA_LENGTH: '9'}
    expect(await tags(text, undefined, {env})).toEqual(['xdev', 'xv1', 'sha-860c1904a'])
  })

  test('that a script writes without their names have the value that is given', async () => {
    const text = `on: push\nenv: {TAG: dev}\njobs: {a: {steps: [{run: cat x >> $GITHUB_ENV}, {uses: tagboat/tagboat@v1, with: {tags: "\${{ env.TAG }}"}}]}}`
    expect(await tags(text, undefined, {env: {TAG: 'v1'}})).toEqual(['v1'])
  })
})
