import {describe, expect, test} from '@jest/globals'
import type {EventChoice} from '../../../src/simulation/events/event-choice.ts'
import {checkValues} from '../../../src/simulation/values/check-values.ts'
import {commitFact, commitTags, tipFact} from '../../../src/simulation/values/fact-names.ts'
import {canBeGiven, givenValues, type GivenPair} from '../../../src/simulation/values/given-values.ts'
import {readWorkflow} from '../../../src/workflow-file/read-workflow.ts'
import {simulatedText, tagsOfText} from '../../../testing/simulated-tags.ts'

const step = '- uses: tagboat/tagboat@v1\n'
const other = '1'.repeat(40)

interface Case {
  readonly text: string
  /** Name that the plan lacks. */
  readonly name: string
  readonly value: string
  readonly tags: string
  readonly choice?: EventChoice
  /** Values that are given from the start. */
  readonly before?: readonly GivenPair[]
}

/** Step with a tag that is an expression. */
function tagged(expression: string): string {
  return `tags: x\${{ ${expression} }}`
}

const inJob = (before: string, tag: string): string =>
  `jobs:\n  list: {outputs: {all: "\${{ steps.a.outputs.b }}"}, steps: [{id: a, run: make}]}\n  image:\n    needs: list\n${before}    steps:\n      - {uses: tagboat/tagboat@v1, with: {tags: "x\${{ ${tag} }}"}}\n`

const cases: readonly Case[] = [
  {text: tagged('vars.TAG'), name: 'vars.TAG', value: '1', tags: 'x1'},
  {text: tagged('inputs.tag'), name: 'inputs.tag', value: '1', tags: 'x1', choice: {event: 'workflow_dispatch'}},
  {
    text: tagged('github.event.inputs.tag'),
    name: 'github.event.inputs.tag',
    value: '1',
    tags: 'x1',
    choice: {event: 'workflow_dispatch'},
  },
  {text: tagged('env.TAG'), name: 'env.TAG', value: '1', tags: 'x1'},
  {text: tagged('secrets.TAG'), name: 'secrets.TAG', value: '1', tags: 'x1'},
  {text: tagged('steps.a.outputs.b-c'), name: 'steps.a.outputs.b-c', value: '1', tags: 'x1'},
  {text: `${step}  if: steps.a.outcome == 'failure'`, name: 'steps.a.outcome', value: 'success', tags: 'skipped'},
  {text: tagged('needs.a.outputs.b'), name: 'needs.a.outputs.b', value: '1', tags: 'x1'},
  {text: tagged('needs.a.result'), name: 'needs.a.result', value: 'success', tags: 'xsuccess'},
  {text: tagged('strategy.job-index'), name: 'strategy.job-index', value: '1', tags: 'x1'},
  {
    text: tagged("job.services.db.ports['5432']"),
    name: 'job.services.db.ports.5432',
    value: '1',
    tags: 'x1',
  },
  {
    text: tagged('github.event.commits[0].id'),
    name: 'github.event.commits',
    value: '[{"id": "1"}]',
    tags: 'x1',
  },
  {text: tagged('fromJSON(vars.A).b.c'), name: 'vars.A', value: '{"b": {"c": 1}}', tags: 'x1'},
  {
    text: inJob('    strategy: {matrix: {v: "${{ fromJSON(needs.list.outputs.all) }}"}}\n', 'matrix.v.w'),
    name: 'needs.list.outputs.all',
    value: '[{"w": 1}]',
    tags: 'x1',
  },
  {
    text: 'with: {version: file:app/VERSION, tags: "type=semver,pattern={{version}}"}',
    name: 'file:app/VERSION',
    value: '1.2.3\n',
    tags: '1.2.3 latest',
  },
  {
    text: 'with: {version: file:/VERSION, tags: "type=semver,pattern={{version}}"}',
    name: 'file:/VERSION',
    value: '1.2.3',
    tags: '1.2.3 latest',
  },
  {text: 'tags: type=file,path=VERSION', name: 'file:VERSION', value: '1.2.3', tags: '1.2.3 latest'},
  {
    text: 'with: {version: auto, tags: "type=semver,pattern={{version}}"}',
    name: commitTags,
    value: 'v1.2.3\nother',
    tags: '1.2.3 latest',
  },
  {
    text: `- uses: actions/checkout@v5\n  with: {ref: develop}\n${step}  with: {tags: type=sha}`,
    name: commitFact('develop'),
    value: other,
    tags: 'sha-1111111',
    before: [[tipFact(other, 'main'), 'false']],
  },
  {
    text: `- uses: actions/checkout@v5\n  with: {ref: "${other}"}\n${step}  with: {tags: "type=ref,event=branch"}`,
    name: tipFact(other, 'main'),
    value: 'true',
    tags: 'main',
  },
]

describe('a name that a plan lacks', () => {
  test.each(cases)('$name is one that can be given', async ({text, name, value, tags, choice, before = []}) => {
    const known = givenValues(before).given
    const {steps} = await simulatedText(text, choice, known)
    const names = steps.flatMap(({unknown}) => unknown.flatMap((one) => one.names))
    expect(names).toContain(name)
    const {given, problems} = givenValues([...before, [name, value]])
    expect(problems).toEqual([])
    expect(await tagsOfText(text, choice, given)).toEqual([tags])
  })

  test('is that of the whole map if all of it is needed', async () => {
    const names = async (expression: string): Promise<unknown> =>
      (await simulatedText(tagged(expression))).steps.flatMap(({unknown}) => unknown.flatMap((one) => one.names))
    expect(await names('toJSON(vars)')).toEqual(['vars'])
    expect(await names("join(steps.*.outputs.x, ',')")).toEqual(['steps'])
    expect(await names('toJSON(github.event.head_commit)')).toEqual(['github.event.head_commit'])
    expect(canBeGiven('vars')).toBe(false)
  })
})

describe('values that are given', () => {
  test('count once, and only by a name that exists', () => {
    const {given, problems} = givenValues([
      ['vars.A', '1'],
      ['vars.a', '2'],
      ['github.ref', '3'],
      ['', '4'],
      ['file:A', '5'],
      ['file:a', '6'],
    ])
    expect(given).toEqual({vars: {A: '1'}, inputs: {}, env: {}, values: {}, files: {A: '5', a: '6'}})
    expect(problems).toEqual([
      {index: 1, message: expect.stringContaining('twice')},
      {index: 2, message: expect.stringMatching(/vars\.NAME, .*, not github\.ref$/)},
      {index: 3, message: expect.stringMatching(/is empty$/)},
    ])
    expect(problems[1]?.message).toContain('steps.ID.outcome, ')
  })

  test.each([
    {first: 'inputs.tag', second: 'github.event.inputs.tag', isTwice: true},
    {first: 'inputs.tag', second: 'github.event.inputs.Tag', isTwice: true},
    {first: 'file:VERSION', second: 'file:./VERSION', isTwice: true},
    {first: 'file:app/VERSION', second: 'file:app/.//VERSION', isTwice: true},
    {first: 'file:/VERSION', second: 'file:VERSION', isTwice: false},
    {first: 'inputs.tag', second: 'vars.tag', isTwice: false},
    {first: commitFact('Fix'), second: commitFact('fix'), isTwice: false},
  ])('are for one place, or not: $first and $second', ({first, second, isTwice}) => {
    const {problems} = givenValues([
      [first, '1'],
      [second, '2'],
    ])
    expect(problems).toEqual(isTwice ? [{index: 1, message: expect.stringContaining(`also as ${first}`)}] : [])
  })

  test.each([
    {written: './digests.txt', given: 'file:digests.txt'},
    {written: 'digests.txt', given: 'file:./digests.txt'},
  ])('are those of a file whose path is written in another way: $given', async ({written, given}) => {
    const text = `- uses: tagboat/tagboat/promote@v1\n  with: {digests: "file:${written}", tags: a}\n`
    const unknown = async (pairs: readonly GivenPair[]): Promise<unknown> =>
      (await simulatedText(text, undefined, givenValues(pairs).given)).steps[0]?.unknown
    expect(await unknown([])).toEqual([{input: 'digests', names: ['file:digests.txt']}])
    expect(await unknown([[given, `a@sha256:${'1'.repeat(64)}`]])).toEqual([])
  })

  test.each([
    {pair: ['steps.mta.outputs.a', ''], message: 'mean meta?'},
    {pair: ['needs.tests.result', ''], message: 'ID tests'},
    {pair: ['inputs.chanel', 'edge'], message: 'mean channel?'},
    {pair: ['github.event.inputs.channel', 'x'], message: 'of stable, edge, not x'},
    {pair: ['inputs.count', 'x'], message: 'number, not x'},
    {pair: [commitFact('main'), 'abc'], message: 'not abc'},
    {pair: [tipFact('a', 'b'), 'yes'], message: 'must be true'},
    {pair: ['inputs.channel', 'edge'], message: undefined},
    {pair: ['steps.meta.outputs.a', ''], message: undefined},
    {pair: ['vars.A', ''], message: undefined},
    {pair: ['steps.Meta.outputs.a', ''], message: undefined},
    {pair: ['needs.A.result', ''], message: undefined},
    {pair: ['inputs.Channel', 'x'], message: 'must be one of stable, edge, not x'},
    {pair: ['github.event.schedule', '1 1 * * 1'], message: 'is 1 1 * * 1. Its times are 3 3 * * *; 4 4 * * *'},
    {pair: ['github.event.schedule', '4 4 * * *'], message: undefined},
  ] satisfies readonly {readonly pair: GivenPair; readonly message: string | undefined}[])(
    '$pair fit to the workflow, or not: $message',
    ({pair, message}) => {
      const read = readWorkflow(
        'on: {schedule: [{cron: 3 3 * * *}, {cron: 4 4 * * *}], workflow_dispatch: {inputs: {channel: {type: choice, options: [stable, edge]}, count: {type: number}}}}\njobs: {a: {steps: [{id: meta, run: make}]}}',
      )
      if ('problems' in read) throw new Error(JSON.stringify(read.problems))
      const found = checkValues([['vars.B', ''], pair], [read.workflow])
      expect(found).toEqual(message === undefined ? [] : [{index: 1, message: expect.stringContaining(message)}])
    },
  )
})
