import {describe, expect, test} from '@jest/globals'
import {lineOf, rangeOfLine} from '../../../playground/worker/places.ts'
import {readWorkflow} from '../../../src/workflow-file/read-workflow.ts'
import type {Written} from '../../../src/workflow-file/workflow.ts'

/** The value `tags` of a step. */
function tagsOf(text: string): Written {
  const read = readWorkflow(text)
  const written = 'workflow' in read ? read.workflow.jobs[0]?.steps[0]?.with.get('tags') : undefined
  if (written === undefined) throw new Error('the text has no tags')
  return written
}

const block = `- uses: tagboat/tagboat@v1
  with:
    tags: |
      type=sha
      # a comment

      type=raw,value=a
    images: a
`

describe('a line of a value', () => {
  test.each([
    {name: 'the first', line: 1, expected: 'type=sha'},
    {name: 'one after a comment and an empty line', line: 4, expected: 'type=raw,value=a'},
    {name: 'the last, for one that the value lacks', line: 9, expected: 'type=raw,value=a'},
    {name: 'from a column on', line: 4, column: 10, expected: 'value=a'},
    {name: 'the header, without a line', line: undefined, expected: '|'},
  ])('$name', ({line, column, expected}) => {
    const {from, to} = lineOf(block, tagsOf(block), line, column)
    expect(block.slice(from, to)).toBe(expected)
  })

  test.each(['tags: type=sha', "tags: 'type=sha'", '"tags": "type=sha"'])('is the value in %s', (input) => {
    const text = `- uses: tagboat/tagboat@v1\n  with:\n    ${input}\n`
    const {from, to} = lineOf(text, tagsOf(text), 1)
    expect(text.slice(from, to)).toContain('type=sha')
  })
})

test('a line of a text is found by its number', () => {
  const text = 'one\n  two \nthree'
  const {from, to} = rangeOfLine(text, 2)
  expect(text.slice(from, to)).toBe('two')
})
