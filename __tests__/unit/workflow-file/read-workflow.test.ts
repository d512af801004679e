import {describe, expect, test} from '@jest/globals'
import {readWorkflow} from '../../../src/workflow-file/read-workflow.ts'
import type {Workflow} from '../../../src/workflow-file/workflow.ts'

function read(text: string): Workflow {
  const result = readWorkflow(text)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result.workflow
}

function problems(text: string): readonly string[] {
  const result = readWorkflow(text)
  return 'problems' in result
    ? result.problems.map(({place, message, remedy}) => `${place.line}:${place.column} ${message} | ${remedy}`)
    : []
}

const whole = `name: Publish
on:
  push:
    branches: [main, 'release/**']
    tags: ['v*']
  schedule:
    - cron: '0 3 * * *'
  workflow_dispatch:
    inputs:
      level:
        type: choice
        options: [low, high]
      dry:
        type: boolean
        default: true
permissions: {contents: read}
env:
  NAME: acme/app
jobs:
  image:
    runs-on: ubuntu-24.04
    needs: test
    if: github.event_name != 'fork'
    strategy:
      matrix:
        platform: [linux/amd64, linux/arm64]
    permissions:
      packages: write
    outputs:
      digest: \${{ steps.build.outputs.digest }}
    steps:
      - uses: actions/checkout@v7
      # The build
      - uses: tagboat/tagboat@v1
        id: build
        with:
          tags: |
            latest
            type=sha
          push: true
  test:
    runs-on: ubuntu-24.04
    steps: [{run: make}]
`

describe('a workflow', () => {
  const workflow = read(whole)

  test('has its triggers with their filters', () => {
    expect(workflow.on.get('push')).toMatchObject({branches: ['main', 'release/**'], tags: ['v*'], paths: undefined})
    expect(workflow.on.get('schedule')?.cron).toEqual(['0 3 * * *'])
    expect(workflow.on.get('workflow_dispatch')?.inputs.get('level')).toMatchObject({options: ['low', 'high']})
    expect(workflow.on.get('workflow_dispatch')?.inputs.get('dry')?.default).toBe('true')
  })

  test('has its jobs with what is around the steps', () => {
    const [image, other] = workflow.jobs
    expect(image).toMatchObject({
      id: 'image',
      needs: ['test'],
      runsOn: 'ubuntu-24.04',
      matrix: {platform: ['linux/amd64', 'linux/arm64']},
      permissions: new Map([['packages', 'write']]),
    })
    expect(image?.outputs.get('digest')?.text).toBe('${{ steps.build.outputs.digest }}')
    expect(other?.steps[0]?.run?.text).toBe('make')
  })

  test('has its steps with their places', () => {
    const step = workflow.jobs[0]?.steps[1]
    const tags = step?.with.get('tags')
    expect(step).toMatchObject({job: 'image', index: 1, place: {line: 34, column: 9}})
    expect(tags).toMatchObject({text: 'latest\ntype=sha\n', style: 'literal', place: {line: 37, column: 17}})
    expect(tags?.key).toMatchObject({line: 37, column: 11})
    expect(whole.slice(tags?.place.start, tags?.place.end)).toBe('|\n            latest\n            type=sha\n')
  })
})

describe('the kind of a text', () => {
  test.each([
    {name: 'a workflow', text: whole, kind: 'workflow', steps: 2},
    {name: 'jobs with their key', text: 'jobs:\n  a:\n    steps:\n      - run: x\n', kind: 'jobs', steps: 1},
    {name: 'jobs alone', text: 'a:\n  runs-on: x\n  steps:\n    - run: x\n', kind: 'jobs', steps: 1},
    {name: 'a job', text: 'runs-on: x\nsteps:\n  - run: x\n', kind: 'job', steps: 1},
    {name: 'steps with their key', text: 'steps:\n  - run: x\n  - run: y\n', kind: 'job', steps: 2},
    {name: 'steps', text: '- run: x\n- uses: a/b@v1\n', kind: 'steps', steps: 2},
    {name: 'an indented list of steps', text: '      - run: x\n      - uses: a/b@v1\n', kind: 'steps', steps: 2},
    {name: 'one step', text: 'uses: a/b@v1\nwith: {tags: latest}\n', kind: 'step', steps: 1},
    {name: 'a with block', text: 'with:\n  tags: latest\n', kind: 'with', steps: 1},
    {name: 'inputs', text: 'images: acme/app\ntags: latest\n', kind: 'inputs', steps: 1},
    {
      name: 'a composite action',
      text: 'name: a\nruns:\n  using: composite\n  steps:\n    - run: x\n      shell: bash\n',
      kind: 'action',
      steps: 1,
    },
  ])('$name is recognized', ({text, kind, steps}) => {
    const workflow = read(text)
    expect(workflow.kind).toBe(kind)
    expect(workflow.jobs[0]?.steps).toHaveLength(steps)
  })

  test('inputs are those of one step', () => {
    expect(read('tags: latest\npush: True\n').jobs[0]?.steps[0]?.with.get('push')?.text).toBe('true')
  })
})

describe('anchors', () => {
  const workflow = read(`on: push
jobs:
  a:
    env: &env {A: '1', B: '2'}
    steps: &steps
      - &step
        uses: a/b@v1
        with: &with
          tags: latest
      - <<: *step
        with:
          <<: *with
          push: false
  b:
    env:
      B: '3'
      <<: *env
    steps: *steps
`)

  test('aliases are followed', () => {
    expect(workflow.jobs[1]?.steps.map((step) => step.job)).toEqual(['b', 'b'])
  })

  test('merge keys add what the map does not have', () => {
    const step = workflow.jobs[0]?.steps[1]
    expect(step?.uses?.text).toBe('a/b@v1')
    expect([...(step?.with ?? [])].map(([key, {text}]) => `${key}=${text}`)).toEqual(['tags=latest', 'push=false'])
    expect(workflow.jobs[1]?.env.get('B')?.text).toBe('3')
    expect(workflow.jobs[1]?.env.get('A')?.text).toBe('1')
  })

  test('an alias of itself ends', () => {
    expect(read('on: push\njobs:\n  a: &a\n    steps: []\n    env: *a\n').jobs).toHaveLength(1)
  })

  test('aliases that multiply end', () => {
    const levels = Array.from({length: 30}, (_, at) => `  l${at + 1}: &l${at + 1} [*l${at}, *l${at}]`).join('\n')
    const text = `on: push\nenv:\n  l0: &l0 [x]\n${levels}\njobs:\n  a:\n    strategy: {matrix: {v: *l30}}\n    steps: []\n`
    expect(read(text).jobs[0]?.matrix).toBeDefined()
  })
})

describe('a scalar is what the runner passes on', () => {
  test.each([
    ['True', 'true'],
    ['1.10', '1.1'],
    ["'1.10'", '1.10'],
    ['007', '7'],
    ['0x10', '16'],
    ['20260102', '20260102'],
    ['~', ''],
    ['null', ''],
    ['v1.10', 'v1.10'],
    ['yes', 'yes'],
    ['1.2.3', '1.2.3'],
    ['>-\n    a\n    b', 'a b'],
  ])('%j is %j', (written, text) => {
    expect(read(`with:\n  x: ${written}\n`).jobs[0]?.steps[0]?.with.get('x')?.text).toBe(text)
  })
})

describe('a problem', () => {
  test.each([
    {text: '', expected: [/^1:1 the file is empty \| Write/]},
    {text: 'just words', expected: [/^1:1 this is not a workflow/]},
    {text: 'on: push\nname: x\n', expected: [/^1:1 the workflow has no `jobs`/]},
    {text: 'on: push\njobs: {}\n---\non: push\n', expected: [/^3:1 .*second document \| Write one workflow per file/]},
    {text: 'on: push\njobs: {}\non: push\n', expected: [/^3:1 .*given twice \| Remove one of the two keys/]},
    {
      text: 'on: push\njobs:\n  a:\n    steps:\n      - uses: a\n        with:\n\t  b: c\n          d: e\n          f: g\n',
      expected: [/^7:\d+ .*a tab instead of spaces \| Indent/],
    },
    {text: 'jobs:\n  a: {steps: []}\nname: x\n', expected: [/^1:1 the workflow has no `on`/]},
    {
      text: 'on: push\njobs:\n  a:\n    steps:\n      - uses: a\n       with: b\n',
      expected: [/^6:\d+ the YAML is not valid/],
    },
    {text: 'on: push\njobs:\n  a:\n    steps: x\n', expected: [/^4:12 `steps` is not a list/]},
    {text: 'on: push\njobs:\n  a:\n    steps:\n      - x\n', expected: [/^5:9 this step is not a map/]},
    {text: 'on: push\njobs:\n  a: 1\n', expected: [/^3:6 the job a is not a map/]},
    {text: 'on: push\njobs: x\n', expected: [/^2:7 `jobs` is not a map/]},
    {text: 'on: *x\njobs: {}\n', expected: [/^1:5 the value begins with \*/]},
    {text: '['.repeat(40_000), expected: [/^1:\d+ the YAML is (?:not valid: the values are )?nested too deep/]},
  ])('at $expected has line, column and a remedy', ({text, expected}) => {
    const found = problems(text)
    expect(found).toHaveLength(expected.length)
    for (const [at, pattern] of expected.entries()) expect(found[at]).toMatch(pattern)
  })
})
