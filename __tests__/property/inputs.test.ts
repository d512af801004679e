import {expect, test} from '@jest/globals'
import {parseAttributes} from '../../src/inputs/syntax/attributes.ts'
import {splitKeyValue} from '../../src/inputs/syntax/key-value.ts'
import {parseList, type ListSyntax} from '../../src/inputs/syntax/lists.ts'
import {Problems} from '../../src/inputs/problem.ts'
import {readInputs} from '../../src/inputs/read.ts'
import {allSpecs} from '../../src/inputs/spec/all-inputs.ts'
import {laterInputs} from '../../src/inputs/spec/spec.ts'
import {listForms} from '../../src/inputs/spec/spec-row.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', '=', ',', '"', '#', ' ', '\n', '\r', '\t', '{{', '}}'),
    fc.string({maxLength: 1}),
  ),
})
const syntax = fc.constantFrom<ListSyntax>(...Object.values(listForms))

/** Formats an item as a user does, with quotes only if necessary. */
function formatItem(item: string, {commas}: ListSyntax): string {
  const plain = item === item.trim() && !/^["#]|\n/.test(item) && !(commas && item.includes(','))
  return plain ? item : `"${item.replaceAll('"', '""')}"`
}

test('a formatted list is parsed to its items and their lines', () => {
  const gap = fc.constantFrom('', '\n', '  \n', '# a comment, "\n', '\t# b\r\n')
  const entry = fc.record({item: hostile.filter((item) => item !== ''), gap, indent: fc.constantFrom('', ' ', '\t')})
  const quoting = syntax.filter(({quotes}) => quotes)
  fc.assert(
    fc.property(fc.array(entry), quoting, (entries, chosen) => {
      let text = ''
      const expected = entries.map(({item, gap: before, indent}) => {
        text += before
        const formatted = formatItem(item, chosen)
        const number = text.split('\n').length
        text += `${indent}${formatted}\n`
        return {text: item, number, column: indent.length + (formatted === item ? 1 : 2)}
      })
      expect(parseList(text, chosen)).toEqual({items: expected, problems: []})
    }),
  )
})

test('items between commas are equal to items on separate lines', () => {
  const items = fc.array(hostile.filter((item) => item !== ''))
  fc.assert(
    fc.property(items, (given) => {
      const written = given.map((item) => formatItem(item, listForms.items))
      // At the start of a line, # starts a comment.
      fc.pre(!(written[0] ?? '').startsWith('#'))
      const read = parseList(written.join(' , '), listForms.items)
      expect({texts: read.items.map(({text}) => text), problems: read.problems}).toEqual({texts: given, problems: []})
    }),
  )
})

test('an item has the reported position in any text', () => {
  fc.assert(
    fc.property(hostile, syntax, (given, chosen) => {
      const {items, problems} = parseList(given, chosen)
      const lines = given.split('\n')
      for (const {text, number, column} of items) {
        const rest = [lines[number - 1]?.slice(column - 1), ...lines.slice(number)].join('\n')
        // A doubled quote is one character in the item and two in the text.
        expect(rest.startsWith(text) || text.includes('"')).toBe(true)
      }
      for (const {line, column} of problems) {
        expect(column).toBeGreaterThanOrEqual(1)
        expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1)
      }
    }),
  )
})

test('a formatted pair is parsed to its key and value', () => {
  fc.assert(
    fc.property(hostile, hostile, (key, value) => {
      fc.pre(key !== '' && key === key.trimEnd() && !key.includes('='))
      expect(splitKeyValue(`${key}=${value}`)).toEqual({ok: true, key, value})
    }),
  )
})

test('formatted attributes are parsed to the same attributes', () => {
  const name = fc.stringMatching(/^[a-z]+$/)
  fc.assert(
    fc.property(fc.array(fc.tuple(name, hostile), {minLength: 1}), (given) => {
      const text = given.map(([key, value]) => `"${key}=${value.replaceAll('"', '""')}"`).join(', ')
      const parsed = parseAttributes(text)
      expect(parsed.ok && parsed.attributes.map((attribute) => [attribute.name, attribute.value])).toEqual(given)
    }),
  )
})

test('an attribute has the reported columns in any text', () => {
  fc.assert(
    fc.property(hostile, (given) => {
      const parsed = parseAttributes(given)
      if (!parsed.ok) {
        expect(parsed.column).toBeGreaterThanOrEqual(1)
        expect(parsed.column).toBeLessThanOrEqual(given.length)
        return
      }
      // A doubled quote is one character in the value and two in the text.
      fc.pre(!given.includes('""'))
      for (const {name, value, nameColumn, valueColumn} of parsed.attributes) {
        expect(given.startsWith(name ?? value, nameColumn - 1)).toBe(true)
        expect(given.startsWith(value, valueColumn - 1)).toBe(true)
      }
    }),
  )
})

test('the reader does not throw for any inputs, and messages contain no secret', async () => {
  const names = fc.constantFrom<string>(...Object.keys(allSpecs), ...laterInputs, 'unknown')
  const secretNames = fc.constantFrom('password', 'registry-auth', 'secrets', 'github-token')
  const canary = 'c4n4ry'
  const around = fc.oneof(hostile, fc.constantFrom('- registry: ', '- password: ', '- ', '*', '@', '{', 'id=', '"'))
  await fc.assert(
    fc.asyncProperty(fc.dictionary(names, hostile), secretNames, around, around, async (given, name, before, after) => {
      const problems = new Problems()
      await readInputs(new Map(Object.entries({...given, [name]: `${before}${canary}${after}`})), problems)
      expect(JSON.stringify([problems.all, problems.notices])).not.toContain(canary)
    }),
    {numRuns: times(30)},
  )
})
