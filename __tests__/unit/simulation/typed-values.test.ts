import {describe, expect, test} from '@jest/globals'
import {tagsOfText as tags} from '../../../testing/simulated-tags.ts'

describe('a matrix', () => {
  const job = (matrix: string, text: string): string =>
    `jobs:\n  a:\n    strategy: {matrix: ${matrix}}\n    steps:\n      - uses: tagboat/tagboat@v1\n        with:\n          tags: ${text}`
  test.each([
    {matrix: '[true, false]', text: "${{ matrix.v && 'debug' || 'plain' }}", expected: ['debug', 'plain']},
    {matrix: '["true", "false"]', text: "${{ matrix.v && 'debug' || 'plain' }}", expected: ['debug', 'debug']},
    {matrix: '[true, "true"]', text: '${{ matrix.v == true }}', expected: ['true', 'false']},
    {matrix: '[1.10, "1.10"]', text: 'v${{ matrix.v }}', expected: ['v1.1', 'v1.10']},
    {matrix: '[0, ~]', text: "x${{ matrix.v || 'none' }}", expected: ['xnone', 'xnone']},
  ])('$matrix has values with their types', async ({matrix, text, expected}) => {
    expect(await tags(job(`{v: ${matrix}}`, text))).toEqual(expected)
  })

  test('has a condition for each leg, and excludes by typed values', async () => {
    const steps = '[{uses: tagboat/tagboat@v1, if: matrix.push, with: {tags: "v${{ matrix.push }}"}}]'
    const text = (matrix: string): string => `jobs:\n  a:\n    strategy: {matrix: ${matrix}}\n    steps: ${steps}`
    expect(await tags(text('{push: [true, false]}'))).toEqual(['vtrue', 'skipped'])
    expect(await tags(text('{push: [true, false, "true"], exclude: [{push: true}]}'))).toEqual(['skipped', 'vtrue'])
  })
})

describe('inputs of a manual run', () => {
  test('are booleans in `inputs`, and texts in the payload', async () => {
    const on = '{workflow_dispatch: {inputs: {beta: {type: boolean, default: false}}}}'
    const typed = "${{ inputs.beta && 'a' || 'b' }}${{ github.event.inputs.beta && 'a' || 'b' }}"
    expect(
      await tags(`on: ${on}\njobs: {a: {steps: [{uses: tagboat/tagboat@v1, with: {tags: "${typed}"}}]}}`, {
        event: 'workflow_dispatch',
      }),
    ).toEqual(['ba'])
  })
})
