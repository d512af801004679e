import {describe, expect, test} from '@jest/globals'
import {Problems} from '../../src/inputs/problem.ts'
import {isTag, parseTagRef} from '../../src/oci/reference.ts'
import {parseCalverPattern} from '../../src/tags/versions/calver-pattern.ts'
import {parseRules, isReference} from '../../src/tags/rules/rule-reader.ts'
import {ruleKinds, type TagRule} from '../../src/tags/rules/rule.ts'
import {formatRule} from '../../testing/format-rule.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

/** What the form of the input could stumble over, at every place of a value. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(',', '"', '""', '=', ' ', '\t', '\n', '{{', '}}', "'", '/', ':', '#', '$(id)', 'é', '日', '\u00a0'),
    fc.string({unit: 'binary', maxLength: 1}),
  ),
  maxLength: 8,
})
/** For what holds no expression. */
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

/** Every character stands for itself. */
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

/** Expressions, and between them what neither opens nor closes one. */
const literalPart = hostile.map((text) => text.replace(/[{}'"]/g, ''))
const versionPattern = fc
  .tuple(literalPart, fc.constantFrom('{{version}}', "{{date 'YYYY'}}"), literalPart)
  .map((parts) => parts.join(''))

const version = {
  pattern: versionPattern,
  value: perhaps(hostile),
  match: perhaps(source.map((text) => ({source: text, flags: ''}))),
}

/** What belongs to each kind alone. */
const own = {
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
/** They take `enable` alone, and stand among the literal tags. */
const references = fc.record({
  kind: fc.constant('reference' as const),
  reference,
  priority: fc.constant(200),
  prefix: fc.constant(undefined),
  suffix: fc.constant(undefined),
})

/** Kinds with a prefix of their own have always one. */
const sha = fc.record({kind: fc.constant('sha' as const), format: fc.constantFrom('short', 'long')})
const pulls = fc.record({kind: fc.constant('ref' as const), event: fc.constant('pr' as const)})
const prefixed = fc
  .tuple(common, hostile, fc.oneof(sha, pulls))
  .map(([shared, prefix, mine]): TagRule => ({...shared, prefix, ...mine}))
const mutable = fc.constantFrom({}, {mutable: true})
const {schedule, edge, env, ...movable} = own
const rule: fc.Arbitrary<TagRule> = fc.oneof(
  prefixed,
  ...[schedule, edge, env].map((kind: fc.Arbitrary<object>) =>
    fc.tuple(common, kind).map(([shared, mine]) => ({...shared, ...mine}) as TagRule),
  ),
  ...[...Object.values(movable), literals, references].map((kind: fc.Arbitrary<object>) =>
    fc.tuple(common, kind, mutable).map(([shared, mine, moves]) => ({...shared, ...mine, ...moves}) as TagRule),
  ),
)

/** What a line says, without where it stands; undefined when it says nothing that can be used. */
function read(text: string): readonly object[] | undefined {
  const problems = new Problems()
  const rules = parseRules([{text, number: 1}], 'tags', problems)
  return problems.all.length > 0 ? undefined : rules.map(withoutSource)
}

function withoutSource(rule: TagRule): object {
  const {source, columns, ...said} = rule
  expect(source.origin).toBe('tags')
  expect(typeof columns).toBe('object')
  return said
}

describe('a rule that was printed', () => {
  test('is the same rule again, of every kind and with every text', () => {
    fc.assert(
      fc.property(rule, (given) => {
        expect(read(formatRule(given))).toMatchObject([withoutSource(given)])
      }),
    )
  })

  test('all kinds are among them', () => {
    const kinds = new Set(fc.sample(rule, 1000).map(({kind}) => kind))
    expect([...kinds].sort()).toEqual([...ruleKinds, 'reference'].sort())
  })
})

describe('a line that was read', () => {
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

  test('gives rules that are the same when they are printed and read again', () => {
    let readable = 0
    fc.assert(
      fc.property(line, (text) => {
        const problems = new Problems()
        const rules = parseRules([{text, number: 1}], 'tags', problems)
        const again = rules.flatMap((one) => read(formatRule(one)) ?? ['unreadable'])
        expect(again).toEqual(rules.map(withoutSource))
        if (rules.length > 0) readable += 1
      }),
    )
    expect(readable).toBeGreaterThan(times(100))
  })
})
