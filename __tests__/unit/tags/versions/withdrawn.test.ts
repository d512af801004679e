import {describe, expect, test} from '@jest/globals'
import {Problems} from '../../../../src/inputs/problem.ts'
import {parseList} from '../../../../src/inputs/syntax/lists.ts'
import {listForms} from '../../../../src/inputs/spec/spec-row.ts'
import type {SchemeName} from '../../../../src/tags/tag-role.ts'
import {parseWithdrawn} from '../../../../src/tags/versions/withdrawn.ts'

function parse(text: string): {readonly problems: Problems; readonly is: ReturnType<typeof parseWithdrawn>} {
  const problems = new Problems()
  return {problems, is: parseWithdrawn(parseList(text, listForms.lines).items, problems)}
}

describe('parseWithdrawn', () => {
  const rows: readonly {
    readonly text: string
    readonly scheme?: SchemeName
    readonly yes: readonly string[]
    readonly no: readonly string[]
  }[] = [
    {text: '1.2.3', yes: ['1.2.3', 'v1.2.3'], no: ['1.2.4', '1.2.2', '1.2.3-rc.1', '11.2.3']},
    {text: 'v1.2.3', yes: ['1.2.3'], no: ['1.2.4']},
    {text: '>=1.2.3 <1.2.5', yes: ['1.2.3', '1.2.4', '1.2.4-rc.1'], no: ['1.2.2', '1.2.5', '1.2.3-rc.1']},
    {text: '1.2.x', yes: ['1.2.0', '1.2.99'], no: ['1.3.0', '1.1.9']},
    {text: '1.2.3 || 2.0.0\n# a note\n^3.1.0', yes: ['1.2.3', '2.0.0', '3.9.9'], no: ['2.0.1', '3.0.9', '4.0.0']},
    {text: '>=2.0.0', yes: ['2.0.0', '9.0.0'], no: ['1.9.9']},
    {text: '2026.02.0', scheme: 'calver', yes: ['2026.02.0'], no: ['2026.02.1', '2026.03.0']},
    {text: '24.04', scheme: 'numeric', yes: ['24.04'], no: ['24.10', '24.04.1']},
    {text: '1.2', scheme: 'numeric', yes: ['1.2'], no: ['1.2.3', '1.3']},
    {text: '1!1.2.3rc1', scheme: 'pep440', yes: ['1!1.2.3rc1'], no: ['1.2.3', '1!1.2.3']},
  ]
  test.each(rows)('$text ($scheme)', ({text, scheme = 'semver', yes, no}) => {
    const {problems, is} = parse(text)
    expect(problems.all).toEqual([])
    expect(yes.filter((version) => !is({scheme, version}))).toEqual([])
    expect(no.filter((version) => is({scheme, version}))).toEqual([])
  })

  const invalid = [
    {name: 'a name', text: '1.2.3\nlatest', line: 2, column: 1},
    {name: 'a comma', text: '>=1.2.3, <1.2.5', line: 1, column: 1},
    {name: 'versions with a comma between them', text: '1.2.4, 1.2.3', line: 1, column: 1},
    {name: 'a comma after a version', text: '1.3.0,', line: 1, column: 1},
    {name: 'a comment after a version', text: '1.3.0 # broken', line: 1, column: 1},
    {name: 'two versions in one line', text: '1.2.3 1.2.4', line: 1, column: 1},
    {name: 'every version', text: '*', line: 1, column: 1},
    {name: 'every version, written as a range', text: '>=0.0.0', line: 1, column: 1},
  ]
  test.each(invalid)('refuses $name', ({text, line, column}) => {
    expect(parse(text).problems.all).toMatchObject([{input: 'withdrawn', line, column}])
  })
})
