import {describe, expect, test} from '@jest/globals'
import {actionOf, contextAt} from '../../../playground/editor/context.ts'
import {ruleContext} from '../../../playground/editor/rule-context.ts'

/** Context at the place of a bar in a text. */
function contextIn(text: string): ReturnType<typeof contextAt> {
  const lines = text.split('\n')
  const index = lines.findIndex((line) => line.includes('|>'))
  const column = lines[index]?.indexOf('|>') ?? 0
  return contextAt(
    lines.map((line) => line.replace('|>', '')),
    index,
    column,
  )
}

const publish = '- uses: tagboat/tagboat@v1\n  with:\n'

describe('the context of a cursor', () => {
  test.each([
    {
      name: 'the name of an input',
      text: `${publish}    images: a\n    pl|>`,
      expected: {kind: 'input', action: 'publish', from: 4, used: ['images']},
    },
    {
      name: 'inputs below the cursor are used, too',
      text: `${publish}    |>\n    tags: a\n- run: make\n  env:\n    A: b`,
      expected: {kind: 'input', action: 'publish', from: 4, used: ['tags']},
    },
    {
      name: 'the value of an input',
      text: `${publish}    push: au|>`,
      expected: {kind: 'value', action: 'publish', input: 'push', from: 10},
    },
    {
      name: 'a line of a block',
      text: `${publish}    tags: |\n      type=sha\n\n      type=|>`,
      expected: {kind: 'value', action: 'publish', input: 'tags', from: 6},
    },
    {
      name: 'the action of a step, written after its inputs',
      text: 'steps:\n  - with:\n      fr|>\n    uses: tagboat/tagboat/promote@v1',
      expected: {kind: 'input', action: 'promote', from: 6, used: []},
    },
    {
      name: 'inputs alone',
      text: 'with:\n  pl|>',
      expected: {kind: 'input', action: 'publish', from: 2, used: []},
    },
    {
      name: 'inputs without a key',
      text: 'images: a\npl|>',
      expected: {kind: 'input', action: 'publish', from: 0, used: ['images']},
    },
    {name: 'what a step uses', text: '- uses: tag|>', expected: {kind: 'uses', from: 8}},
    {name: 'another action', text: '- uses: actions/checkout@v7\n  with:\n    re|>', expected: undefined},
    {name: 'another key of a step', text: '- uses: tagboat/tagboat@v1\n  env:\n    A|>', expected: undefined},
    {
      name: 'a block of another action',
      text: '- uses: a/b@v1\n  with:\n    tags: |\n      type=|>',
      expected: undefined,
    },
  ])('$name', ({text, expected}) => {
    expect(contextIn(text)).toEqual(expected)
  })
})

test.each([
  {uses: 'tagboat/tagboat@v1', action: 'publish'},
  {uses: 'tagboat/tagboat/stage@v1', action: 'stage'},
  {uses: "'acme/tagboat/prune@main'", action: 'prune'},
  {uses: './', action: 'publish'},
  {uses: './promote', action: 'promote'},
  {uses: 'tagboat/other@v1', action: undefined},
])('the action of $uses is $action', ({uses, action}) => {
  expect(actionOf(uses)).toBe(action)
})

describe('the context in a rule', () => {
  test.each([
    {before: '', expected: {kind: 'type', from: 0}},
    {before: 'type=se', expected: {kind: 'type', from: 0}},
    {before: 'type=raw,', expected: {kind: 'attribute', type: 'raw', from: 9, used: ['type', '']}},
    {before: 'type=raw,value=a, en', expected: {kind: 'attribute', type: 'raw', from: 18, used: ['type', 'value', '']}},
    {
      before: 'type=ref,event=b',
      expected: {kind: 'attribute-value', type: 'ref', attribute: 'event', from: 15},
    },
    {before: 'type=raw,value={{br', expected: {kind: 'expression', from: 17}},
    {
      before: 'type=raw,value={{branch}}',
      expected: {kind: 'attribute-value', type: 'raw', attribute: 'value', from: 15},
    },
  ])('$before', ({before, expected}) => {
    expect(ruleContext(before)).toEqual(expected)
  })
})
