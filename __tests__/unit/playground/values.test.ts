import {describe, expect, test} from '@jest/globals'
import type {Pair, PlanAnswer} from '../../../playground/worker/messages.ts'
import {answerPlan} from '../../../playground/worker/plan.ts'

/** Answer for events of a text with values. */
async function answerTo(text: string, values: readonly Pair[], ...ids: readonly string[]): Promise<PlanAnswer> {
  const events = ids.map((id) => ({id, ref: '', repository: '', defaultBranch: ''}))
  return answerPlan({kind: 'plan', text, registry: '', values, events})
}

/** Tags of the steps of all events, or the kinds of their outcomes. */
function tagsOf({events}: PlanAnswer): readonly string[] {
  const outcomes = events.flatMap(({steps}) => steps.map(({outcome}) => outcome))
  return outcomes.map((one) => (one.kind === 'planned' ? one.plan.tags.map(({tag}) => tag).join(' ') : one.kind))
}

const step = 'jobs: {a: {steps: [{id: meta, run: make}, {uses: tagboat/tagboat@v1, with: {tags: "${{ TAG }}"}}]}}\n'

function workflow(on: string, expression: string): string {
  return `on: ${on}\n${step.replace('TAG', expression)}`
}

describe('the values that the page asks for', () => {
  test('are those that the plans of all events need, each once', async () => {
    const text = workflow('[push, pull_request]', "vars.A || steps.meta.outputs.b || format('{0}', vars)")
    const {events, values} = await answerTo(text, [], 'branch', 'version', 'pull-request')
    expect(values?.map(({name}) => name)).toEqual(['vars.A', 'steps.meta.outputs.b'])
    expect(events[0]?.steps[0]?.outcome).toMatchObject({
      kind: 'unknown',
      needs: [
        {
          input: 'tags',
          names: [
            {name: 'vars.A', canBeGiven: true},
            {name: 'steps.meta.outputs.b', canBeGiven: true},
            {name: 'vars', canBeGiven: false},
          ],
        },
      ],
    })
  })

  test('have the inputs of a manual run with their defaults and choices', async () => {
    const inputs =
      '{channel: {type: choice, options: [stable, edge]}, debug: {type: boolean}, place: {type: environment}, tag: {default: x}}'
    const text = workflow(`{push: {}, workflow_dispatch: {inputs: ${inputs}}}`, 'inputs.channel')
    const {values} = await answerTo(text, [], 'dispatch')
    expect(values).toEqual([
      {name: 'inputs.channel', usual: 'stable', options: ['stable', 'edge']},
      {name: 'inputs.debug', usual: 'false', options: ['true', 'false']},
      {name: 'inputs.place', usual: '', options: []},
      {name: 'inputs.tag', usual: 'x', options: []},
    ])
    expect(tagsOf(await answerTo(text, [['inputs.channel', 'edge']], 'dispatch'))).toEqual(['edge'])
    expect((await answerTo(text, [], 'branch')).values).toEqual([])
  })

  test.each([
    {expression: 'steps.meta.outcome', name: 'steps.meta.outcome', option: 'cancelled'},
    {expression: 'needs.b.result', name: 'needs.b.result', option: 'skipped'},
  ])('have the results that $name can have', async ({expression, name, option}) => {
    const text = workflow('push', expression).replace('{a: {', '{b: {steps: [{run: make}], if: vars.X}, a: {needs: b, ')
    const given = [['vars.X', '1']] as const
    const {values} = await answerTo(text, given, 'branch')
    expect(values?.find((value) => value.name === name)?.options ?? [option]).toContain(option)
    expect((await answerTo(text, [...given, [name, option]], 'branch')).values).toContainEqual({
      name,
      usual: undefined,
      options: ['success', 'failure', 'cancelled', 'skipped'],
    })
  })

  test('have the times of a schedule, if there are several', async () => {
    const cron = (...times: readonly string[]): string =>
      workflow(
        `{schedule: [${times.map((time) => `{cron: "${time}"}`).join(', ')}]}`,
        "github.event.schedule == '1 1 * * 1' && 'weekly' || 'daily'",
      )
    const two = cron('1 1 * * *', '1 1 * * 1')
    const {values, ...answer} = await answerTo(two, [], 'schedule')
    expect(values).toEqual([{name: 'github.event.schedule', usual: '1 1 * * *', options: ['1 1 * * *', '1 1 * * 1']}])
    expect(tagsOf({values, ...answer})).toEqual(['daily'])
    expect(tagsOf(await answerTo(two, [['github.event.schedule', '1 1 * * 1']], 'schedule'))).toEqual(['weekly'])
    const one = await answerTo(cron('1 1 * * 1'), [], 'schedule')
    expect([one.values, tagsOf(one)]).toEqual([[], ['weekly']])
  })

  test('have the choices of an input that two events declare once', async () => {
    const declared = '{inputs: {debug: {type: boolean}}}'
    const text = workflow(`{push: {}, workflow_dispatch: ${declared}, workflow_call: ${declared}}`, 'inputs.debug')
    const {values} = await answerTo(text, [['inputs.debug', 'true']], 'branch')
    expect(values).toEqual([{name: 'inputs.debug', usual: undefined, options: ['true', 'false']}])
  })

  test('include those that are given', async () => {
    const {values} = await answerTo(step, [['vars.OTHER', '1']], 'branch')
    expect(values).toContainEqual({name: 'vars.OTHER', usual: undefined, options: []})
  })
})

describe('values with a problem', () => {
  const values = [
    ['vars.A', 'one'],
    ['vars.A', 'two'],
    ['github.ref', 'x'],
    ['steps.mta.outputs.b', 'x'],
    ['inputs.debug', 'maybe'],
  ] as const

  test('are not planned with', async () => {
    const answer = await answerTo(
      workflow('{push: {}, workflow_dispatch: {inputs: {debug: {type: boolean}}}}', 'vars.A'),
      values,
      'branch',
    )
    expect(tagsOf(answer)).toEqual(['one'])
    expect(answer.valueProblems.map(({index}) => index).sort()).toEqual([1, 2, 3, 4])
  })

  test('are named for a text that cannot be read', async () => {
    const answer = await answerTo('jobs: [', values, 'branch')
    expect(answer.values).toBeUndefined()
    expect(answer.valueProblems.map(({index}) => index)).toEqual([1, 2])
  })
})

describe('a workflow that only others call', () => {
  const text = workflow('{workflow_call: {inputs: {tag: {type: string, required: true}}}}', 'inputs.tag')

  test.each(['version', 'pull-request', 'dispatch'])('has the event of its caller: %s', async (id) => {
    const {events, values} = await answerTo(text, [], id)
    expect(events).toMatchObject([{isCalled: true, notTriggered: undefined, steps: [{outcome: {kind: 'unknown'}}]}])
    expect(values).toEqual([{name: 'inputs.tag', usual: undefined, options: []}])
    expect(tagsOf(await answerTo(text, [['inputs.tag', 'a']], id))).toEqual(['a'])
  })

  test('is one that no event starts itself', async () => {
    const {events} = await answerTo(workflow('[workflow_call, push]', "'a'"), [], 'pull-request', 'branch')
    expect(events).toMatchObject([{isCalled: false, notTriggered: expect.any(String)}, {isCalled: false}])
  })
})
