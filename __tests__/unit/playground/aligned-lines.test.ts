import {expect, test} from '@jest/globals'
import {alignedLines} from '../../../playground/convert/aligned-lines.ts'

/** Rows of a difference: equal lines once, others as `before | after`. */
function rows(before: string, after: string): readonly string[] | undefined {
  const [a, b] = [before.split('\n'), after.split('\n')]
  return alignedLines(a, b)?.map((pair) => {
    const [left, right] = [pair.a === undefined ? '' : a[pair.a], pair.b === undefined ? '' : b[pair.b]]
    return left === right ? String(left) : `${left} | ${right}`
  })
}

test('steps that become one are beside it where they have the same lines', () => {
  const before = `steps:
  - uses: docker/login-action@v4
    with:
      registry: ghcr.io
  - uses: docker/metadata-action@v6
    id: meta
    with:
      images: ghcr.io/acme/web
  - uses: docker/build-push-action@v7
    with:
      context: .
      tags: \${{ steps.meta.outputs.tags }}
  - run: make`
  const after = `steps:
  - uses: tagboat/tagboat@v1
    with:
      images: ghcr.io/acme/web
      context: .
  - run: make`
  expect(rows(before, after)).toEqual([
    'steps:',
    '  - uses: docker/login-action@v4 | ',
    '    with: | ',
    '      registry: ghcr.io | ',
    '  - uses: docker/metadata-action@v6 |   - uses: tagboat/tagboat@v1',
    '    id: meta | ',
    '    with:',
    '      images: ghcr.io/acme/web',
    '  - uses: docker/build-push-action@v7 | ',
    '    with: | ',
    '      context: .',
    '      tags: ${{ steps.meta.outputs.tags }} | ',
    '  - run: make',
  ])
})

test.each([
  {
    name: 'lines without a common key',
    before: 'a: 1\nb: 2',
    after: 'c: 1',
    expected: ['a: 1 | ', 'b: 2 | ', ' | c: 1'],
  },
  {name: 'a key in another column', before: '  a: 1', after: 'a: 1', expected: ['  a: 1 | ', ' | a: 1']},
  {name: 'an added line at the end', before: 'a: 1', after: 'a: 1\nb: 2', expected: ['a: 1', ' | b: 2']},
])('$name are aligned', ({before, after, expected}) => {
  expect(rows(before, after)).toEqual(expected)
})

test('the last texts are aligned once, and others again', () => {
  const align = (value: string): unknown => alignedLines(['a: 1', 'b: 2'], ['a: 1', `b: ${value}`])
  const first = align('3')
  expect(align('3')).toBe(first)
  expect(align('4')).not.toBe(first)
})

test('texts of many thousands of lines are not compared line by line', () => {
  const lines = (name: string): readonly string[] => Array.from({length: 3000}, (_, index) => `${name}-${index}`)
  expect(alignedLines(lines('a'), lines('b'))).toBeUndefined()
})
