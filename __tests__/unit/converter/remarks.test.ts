import {readFileSync} from 'node:fs'
import path from 'node:path'
import {expect, test} from '@jest/globals'
import {remarkCodes} from '../../../src/converter/remarks.ts'

test('docs/migrating.md lists every remark', () => {
  const text = readFileSync(path.join(import.meta.dirname, '../../../docs/migrating.md'), 'utf8')
  const section = text.slice(text.indexOf('### Remarks of the converter\n'))
  const rows = [...section.matchAll(/^\| `(?<code>[a-z-]+)` +\| (?<meaning>.*?) *\|$/gm)].map(({groups}) => [
    groups?.['code'],
    groups?.['meaning'],
  ])
  expect(Object.fromEntries(rows)).toEqual(remarkCodes)
})
