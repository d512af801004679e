import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {calledInputs} from '../../../src/simulation/workflow/called-inputs.ts'
import {readWorkflow} from '../../../src/workflow-file/read-workflow.ts'
import {projectRoot} from '../../../testing/runner.ts'
import {simulatedText} from '../../../testing/simulated-tags.ts'

/** States and messages of the steps of a text. */
async function messages(text: string): Promise<readonly string[]> {
  const {steps} = await simulatedText(text)
  return steps.map(({state, faults}) => [state, ...faults.map(({key, message}) => `${key}: ${message}`)].join(' '))
}

describe('a context that GitHub does not have there', () => {
  test.each([
    {
      key: 'if of a job',
      text: 'jobs: {a: {if: matrix.x, strategy: {matrix: {x: [true]}}, steps: [{uses: tagboat/tagboat@v1}]}}',
    },
    {
      key: 'matrix',
      text: 'jobs: {a: {strategy: {matrix: {x: ["${{ env.A }}"]}}, steps: [{uses: tagboat/tagboat@v1}]}}',
    },
    {key: 'env of a job', text: 'jobs: {a: {env: {X: "${{ env.A }}"}, steps: [{uses: tagboat/tagboat@v1}]}}'},
    {key: 'env', text: 'on: push\nenv: {X: "${{ matrix.a }}"}\njobs: {a: {steps: [{uses: tagboat/tagboat@v1}]}}'},
    {key: 'if of a step', text: '- uses: tagboat/tagboat@v1\n  if: secrets.A'},
    {
      key: 'with of a call',
      text: 'jobs: {a: {uses: tagboat/tagboat/.github/workflows/publish.yml@v1, with: {tags: "${{ env.A }}"}}}',
    },
  ])('is an error in $key', async ({text}) => {
    expect(await messages(text)).toEqual([
      expect.stringMatching(/^invalid .*: unrecognized named-value: .* are github/),
    ])
  })

  test('is none in with and env of a step', async () => {
    const text =
      '- uses: tagboat/tagboat@v1\n  env: {A: "${{ secrets.A }}"}\n  with: {tags: "a${{ job.status }}${{ strategy.fail-fast }}"}'
    expect(await messages(text)).toEqual(['planned'])
  })
})

describe('a function that GitHub does not have there', () => {
  const uses = 'steps: [{uses: tagboat/tagboat@v1}]'
  test.each([
    {key: 'env', text: `on: push\nenv: {X: "\${{ hashFiles('a') }}"}\njobs: {a: {${uses}}}`},
    {key: 'env of a job', text: `jobs: {a: {env: {X: "\${{ hashFiles('a') }}"}, ${uses}}}`},
    {key: 'if of a job', text: `jobs: {a: {if: "hashFiles('a') != ''", ${uses}}}`},
    {key: 'matrix', text: `jobs: {a: {strategy: {matrix: {x: ["\${{ always() }}"]}}, ${uses}}}`},
    {key: 'outputs of a job', text: `jobs: {a: {outputs: {x: "\${{ success() }}"}, ${uses}}}`},
    {key: 'env of a step', text: '- uses: tagboat/tagboat@v1\n  env: {A: "${{ failure() }}"}'},
    {key: 'with of a step', text: '- uses: tagboat/tagboat@v1\n  with: {push: "${{ success() }}"}'},
    {
      key: 'with of a call',
      text: `jobs: {a: {uses: tagboat/tagboat/.github/workflows/publish.yml@v1, with: {tags: "\${{ hashFiles('a') }}"}}}`,
    },
  ])('is an error in $key', async ({text}) => {
    expect(await messages(text)).toEqual([
      expect.stringMatching(
        /^invalid .*: unrecognized function: .*(?:none of|Of) the functions always, .*(?:hashFiles|this key has only .*)$/,
      ),
    ])
  })

  test('is an error also if nothing evaluates it', async () => {
    const job = `on: push\njobs:\n  a: {if: false, steps: [{run: x}]}\n  b: {needs: a, if: "hashFiles('x') != ''", ${uses}}`
    expect(await messages(job)).toEqual([expect.stringMatching(/^invalid if: unrecognized function/)])
  })

  test('is known in the keys that have it', async () => {
    const text = `- uses: tagboat/tagboat@v1\n  if: always() && hashFiles('Dockerfile') != ''\n  with: {cache-scope: "\${{ hashFiles('a') }}"}`
    const {steps} = await simulatedText(text)
    expect(steps.map(({faults}) => faults)).toEqual([[]])
  })
})

describe('inputs of a call of the reusable workflow', () => {
  const call = (inputs: string): string =>
    `jobs: {a: {uses: tagboat/tagboat/.github/workflows/publish.yml@v1, with: {${inputs}}}}`
  test.each([
    {inputs: 'platform: linux/amd64', message: 'platform: unknown input. Did you mean platforms?'},
    {inputs: 'load: true', message: 'load: the reusable workflow does not have this input'},
    {inputs: 'password: x', message: 'password: the reusable workflow has no such input. Write it below `secrets`'},
  ])('are refused with $inputs', async ({inputs, message}) => {
    expect(await messages(call(inputs))).toEqual([`invalid ${message}`])
  })

  test('are those of the file', () => {
    const read = readWorkflow(readFileSync(path.join(projectRoot, '.github', 'workflows', 'publish.yml'), 'utf8'))
    const inputs = 'workflow' in read ? read.workflow.on.get('workflow_call')?.inputs : undefined
    expect([...calledInputs].sort()).toEqual([...(inputs?.keys() ?? [])].sort())
  })
})
