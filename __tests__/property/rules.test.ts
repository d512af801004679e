import {describe, expect, test} from '@jest/globals'
import {Problems} from '../../src/inputs/problem.ts'
import {isTag, parseTagRef} from '../../src/oci/reference.ts'
import {calverTag} from '../../src/tags/versions/calver.ts'
import {parseCalverPattern} from '../../src/tags/versions/calver-pattern.ts'
import {readCalver} from '../../src/tags/rules/calver-rule.ts'
import {parseRules, isReference} from '../../src/tags/rules/rule-reader.ts'
import {ruleKinds, type TagRule} from '../../src/tags/rules/rule.ts'
import {formatRule} from '../../testing/format-rule.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

/** Texts with special characters of the input syntax, at every position. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(',', '"', '""', '=', ' ', '\t', '\n', '{{', '}}', "'", '/', ':', '#', '$(id)', 'é', '日', '\u00a0'),
    fc.string({unit: 'binary', maxLength: 1}),
  ),
  maxLength: 8,
})
/** Texts of attributes without expressions. */
const plain = hostile.map((text) => text.replaceAll('{{', ''))
const perhaps = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, {nil: undefined})

const common = fc.record({
  source: fc.constant({origin: 'tags', line: 1, text: ''} as const),
  columns: fc.constant({}),
  priority: fc.oneof(fc.constantFrom(0, 100, 200, 900), fc.integer()),
  enable: fc.oneof(
    fc.constantFrom('true', 'false'),
    hostile.map((text) => `{{${text}`),
  ),
  prefix: perhaps(hostile),
  suffix: perhaps(hostile),
})

/** Patterns in which every character is literal. */
const source = hostile
  .filter((text) => text !== '')
  .map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`))
const flags = fc.constantFrom('', 'g', 'i', 'im', 'su', 'v', 'dgimsy')
const calver = fc.constantFrom('YYYY.0M.MICRO', 'YY.MM.DD-MODIFIER', 'YYYY0M0D', '0Y.0W_MINOR').map((text) => {
  const pattern = parseCalverPattern(text)
  if (!pattern.ok) throw new Error(`${text}: ${pattern.reason}`)
  return pattern
})
const reference = fc.constantFrom('alpine:3', 'user/app:RC', 'localhost:5000/a/b:x', 'ghcr.io/o/a:1.0').map((text) => {
  const parsed = parseTagRef(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.reason}`)
  return parsed.value
})
const literal = fc
  .oneof(
    fc.string({maxLength: 8}).filter(isTag),
    hostile.map((text) => `{{${text}`),
  )
  .filter((text) => !isReference(text))

/** Expressions, separated by texts without braces. */
const literalPart = hostile.map((text) => text.replace(/[{}'"]/g, ''))
const versionPattern = fc
  .tuple(literalPart, fc.constantFrom('{{version}}', "{{date 'YYYY'}}"), literalPart)
  .map((parts) => parts.join(''))

const version = {
  pattern: versionPattern,
  value: perhaps(hostile),
  match: perhaps(source.map((text) => ({source: text, flags: ''}))),
}

/** Attributes per kind of rule. */
const kindFields = {
  schedule: fc.record({kind: fc.constant('schedule' as const), pattern: hostile}),
  semver: fc.record({kind: fc.constant('semver' as const), ...version}),
  pep440: fc.record({kind: fc.constant('pep440' as const), ...version}),
  match: fc.record({
    kind: fc.constant('match' as const),
    pattern: fc.record({source, flags}),
    group: fc.nat({max: 999}),
    value: perhaps(hostile),
  }),
  calver: fc.record({
    kind: fc.constant('calver' as const),
    tagOf: fc.constant(calverTag),
    pattern: calver,
    value: perhaps(hostile),
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin'),
  }),
  file: fc.record({kind: fc.constant('file' as const), path: plain, pattern: versionPattern}),
  edge: fc.record({kind: fc.constant('edge' as const), branch: perhaps(plain)}),
  ref: fc.record({kind: fc.constant('ref' as const), event: fc.constantFrom('branch', 'tag')}),
  raw: fc.record({kind: fc.constant('raw' as const), value: hostile, literal: fc.constant(false)}),
  env: fc.record({kind: fc.constant('env' as const)}),
}
const literals = fc.record({kind: fc.constant('raw' as const), value: literal, literal: fc.constant(true)})
/** Whole references, which accept only `enable` and have the priority of literal tags. */
const references = fc.record({
  kind: fc.constant('reference' as const),
  reference,
  priority: fc.constant(200),
  prefix: fc.constant(undefined),
  suffix: fc.constant(undefined),
})

/** Kinds with a default prefix, which is always set. */
const sha = fc.record({kind: fc.constant('sha' as const), format: fc.constantFrom('short', 'long')})
const pulls = fc.record({kind: fc.constant('ref' as const), event: fc.constant('pr' as const)})
const prefixed = fc
  .tuple(common, hostile, fc.oneof(sha, pulls))
  .map(([shared, prefix, mine]): TagRule => ({...shared, prefix, ...mine}))
const mutable = fc.constantFrom({}, {mutable: true})
const {schedule, edge, env, ...movable} = kindFields
const rule: fc.Arbitrary<TagRule> = fc.oneof(
  prefixed,
  ...[schedule, edge, env].map((kind: fc.Arbitrary<object>) =>
    fc.tuple(common, kind).map(([shared, mine]) => ({...shared, ...mine}) as TagRule),
  ),
  ...[...Object.values(movable), literals, references].map((kind: fc.Arbitrary<object>) =>
    fc.tuple(common, kind, mutable).map(([shared, mine, moves]) => ({...shared, ...mine, ...moves}) as TagRule),
  ),
)

/** Rules of a line without their position. Undefined if the line is invalid. */
function read(text: string): readonly object[] | undefined {
  const problems = new Problems()
  const rules = parseRules([{text, number: 1}], {origin: 'tags', readCalver}, problems)
  return problems.all.length > 0 ? undefined : rules.map(withoutSource)
}

function withoutSource(rule: TagRule): object {
  const {source, columns, ...content} = rule
  expect(source.origin).toBe('tags')
  expect(typeof columns).toBe('object')
  return content
}

describe('a formatted rule', () => {
  test('is parsed to the same rule, for every kind and text', () => {
    fc.assert(
      fc.property(rule, (given) => {
        expect(read(formatRule(given))).toMatchObject([withoutSource(given)])
      }),
    )
  })

  test('is of every kind', () => {
    const kinds = new Set(fc.sample(rule, 1000).map(({kind}) => kind))
    expect([...kinds].sort()).toEqual([...ruleKinds, 'reference'].sort())
  })
})

describe('a parsed line', () => {
  const attribute = fc.oneof(
    hostile,
    fc.constantFrom('x', '{{branch}}', 'user/app:1', 'value=a', '"value=a, b"', 'enable=false', 'priority=-5'),
    fc
      .tuple(fc.constantFrom('prefix', 'suffix', 'value', 'pattern', 'branch', 'path', 'Type'), hostile)
      .map((pair) => pair.join('=')),
  )
  const line = fc
    .tuple(
      fc.constantFrom('', ...ruleKinds.map((kind) => `type=${kind}`), 'type=ref,event=pr'),
      fc.array(attribute, {maxLength: 3}),
    )
    .map(([type, more]) => [type, ...more].join(','))

  test('results in rules that are equal after formatting and parsing', () => {
    let readable = 0
    fc.assert(
      fc.property(line, (text) => {
        const problems = new Problems()
        const rules = parseRules([{text, number: 1}], {origin: 'tags', readCalver}, problems)
        const again = rules.flatMap((one) => read(formatRule(one)) ?? ['unreadable'])
        expect(again).toEqual(rules.map(withoutSource))
        if (rules.length > 0) readable += 1
      }),
    )
    expect(readable).toBeGreaterThan(times(100))
  })
})
