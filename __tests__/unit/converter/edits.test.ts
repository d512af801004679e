import {describe, expect, test} from '@jest/globals'
import {YamlTree} from '../../../src/workflow-file/yaml-tree.ts'
import {Edits} from '../../../src/converter/text/edits.ts'
import {entryLines, newEntry, quoted} from '../../../src/converter/text/entry-text.ts'
import {Lines} from '../../../src/converter/text/lines.ts'
import {stepSources} from '../../../src/converter/text/step-source.ts'

describe('edits', () => {
  test('lines are replaced with the line break of the file', () => {
    const text = 'a\r\nb\r\nc\r\n'
    const edits = new Edits()
    edits.replaceLines(new Lines(text), {from: 1, to: 2}, ['x', 'y'])
    expect(edits.apply(text)).toBe('a\r\nx\r\ny\r\nc\r\n')
  })

  test('a last line without a line break stays without one', () => {
    const edits = new Edits()
    edits.replaceLines(new Lines('a\nb'), {from: 1, to: 2}, ['x'])
    expect(edits.apply('a\nb')).toBe('a\nx')
  })

  test('no change keeps every byte', () => {
    const text = '\u{FEFF}a\r\nb\n\n c'
    expect(new Edits().apply(text)).toBe(text)
  })
})

describe('the lines of steps', () => {
  function steps(text: string): readonly string[] {
    const tree = new YamlTree(text)
    const lines = new Lines(text)
    const sources = stepSources(tree, lines, tree.root) ?? []
    return sources.map(({block: {lead, body}}) => `${lead.from}-${lead.to} ${body.from}-${body.to}`)
  }

  test.each([
    {name: 'steps', text: '- run: a\n- run: b\n', expected: ['0-0 0-1', '1-1 1-2']},
    {name: 'a comment before a step', text: '- run: a\n\n# c\n- run: b\n', expected: ['0-0 0-1', '1-3 3-4']},
    {name: 'a comment within a step', text: '- run: a\n  # c\n\n- run: b\n', expected: ['0-0 0-2', '2-3 3-4']},
    {name: 'a hyphen alone', text: '-\n  # c\n  run: a\n- run: b\n', expected: ['0-0 0-3', '3-3 3-4']},
    {name: 'a block', text: '- run: |\n    # x\n    y\n\n- run: b\n', expected: ['0-0 0-3', '3-4 4-5']},
    {name: 'comments at the end', text: '- run: a\n  # in\n# out\n', expected: ['0-0 0-2']},
    {name: 'a step in braces', text: '- {run: a}\n- run: b\n', expected: ['0-0 0-1', '1-1 1-2']},
  ])('$name', ({text, expected}) => {
    expect(steps(text)).toEqual(expected)
  })

  test('entries keep their comments, and move to another column', () => {
    const text = '- uses: x\n  with:\n      a: 1 # one\n      # two\n      b: |\n        c\n\n        d\n'
    const tree = new YamlTree(text)
    const [step] = stepSources(tree, new Lines(text), tree.root) ?? []
    expect(step?.inputs.flatMap((input) => entryLines(input, 2))).toEqual([
      '  a: 1 # one',
      '  # two',
      '  b: |',
      '    c',
      '',
      '    d',
    ])
  })
})

describe('a new entry', () => {
  test.each([
    ['latest', 'latest'],
    ['1.10', "'1.10'"],
    ['true', "'true'"],
    ['${{ env.X }}', '${{ env.X }}'],
    ['a: b', "'a: b'"],
    ['{{version}}', "'{{version}}'"],
    ["it's #1", "'it''s #1'"],
    ['*', "'*'"],
  ])('%s is written as %s', (text, expected) => {
    expect(quoted(text)).toBe(expected)
    const tree = new YamlTree(`x: ${quoted(text)}\n`)
    expect(tree.written(tree.entry(tree.root, 'x'))?.text).toBe(text)
  })

  test('lines become a block', () => {
    expect(entryLines(newEntry('tags', ['a', 'b']), 2)).toEqual(['  tags: |', '    a', '    b'])
    expect(entryLines(newEntry('tags', ['a']), 2)).toEqual(['  tags: a'])
  })
})
