import {describe, expect, test} from '@jest/globals'
import {formatProblem} from '../../../../src/inputs/problem.ts'
import {ruleKinds} from '../../../../src/tags/rules/rule.ts'
import {propose, pushOf} from '../../../../testing/plans.ts'

/** An event on which every rule gives a tag. */
const nightly = pushOf('refs/heads/main', {event: 'schedule', eventName: 'schedule'})

/** Tags of these lines, in order, without `latest`. */
function tagsOf(lines: readonly string[]): readonly string[] {
  const {names, problems} = propose(nightly, lines, {
    flavor: {latest: 'false'},
    environment: 'staging',
    files: {'package.json': {ok: true, version: '3.0.0', where: 'package.json, version'}},
  })
  expect(problems.all.map(formatProblem)).toEqual([])
  return names.map((name) => name.replace(/-staging$/, ''))
}

interface Row {
  readonly kind: (typeof ruleKinds)[number]
  readonly line: string
  readonly tag: string
  /** Documented priority: in docker/metadata-action's README ("priority attribute"), or in docs/tags.md. */
  readonly priority: number
}

const rows: readonly Row[] = [
  {kind: 'schedule', line: 'type=schedule', tag: 'nightly', priority: 1000},
  {kind: 'semver', line: 'type=semver,pattern={{version}},value=1.0.0', tag: '1.0.0', priority: 900},
  {kind: 'pep440', line: 'type=pep440,pattern={{version}},value=2.0.0', tag: '2.0.0', priority: 900},
  {kind: 'calver', line: 'type=calver,pattern=YYYY.MM', tag: '2026.1', priority: 900},
  {kind: 'file', line: 'type=file,path=package.json', tag: '3.0.0', priority: 900},
  {kind: 'match', line: 'type=match,pattern=.+,value=matched', tag: 'matched', priority: 800},
  {kind: 'edge', line: 'type=edge', tag: 'edge', priority: 700},
  {kind: 'ref', line: 'type=ref,event=branch', tag: 'main', priority: 600},
  {kind: 'raw', line: 'type=raw,value=own', tag: 'own', priority: 200},
  {kind: 'env', line: 'type=env', tag: 'staging', priority: 200},
  {kind: 'sha', line: 'type=sha', tag: 'sha-860c190', priority: 100},
]

describe('the default priority of a rule', () => {
  test('has a row here for every type', () => {
    expect(rows.map(({kind}) => kind).sort()).toEqual([...ruleKinds].sort())
  })

  test.each(rows)('$kind: $priority', ({line, tag, priority}) => {
    const lines = [
      `type=raw,value=less,priority=${priority - 1}`,
      `type=raw,value=before,priority=${priority}`,
      line,
      `type=raw,value=behind,priority=${priority}`,
      `type=raw,value=more,priority=${priority + 1}`,
    ]
    expect(tagsOf(lines)).toEqual(['more', 'before', tag, 'behind', 'less'])
  })

  const others = [
    {name: 'ref with a Git tag', context: pushOf('refs/tags/nightly'), line: 'type=ref,event=tag', tag: 'nightly'},
    {
      name: 'ref with a pull request',
      context: pushOf('refs/pull/12/merge', {ref: {kind: 'pull', name: '12'}}),
      line: 'type=ref,event=pr',
      tag: 'pr-12',
    },
  ]
  test.each(others)('$name: 600', ({context, line, tag}) => {
    const lines = ['type=raw,value=less,priority=599', line, 'type=raw,value=more,priority=601']
    expect(propose(context, lines, {flavor: {latest: 'false'}}).names).toEqual(['more', tag, 'less'])
  })

  test('a literal has that of raw', () => {
    const lines = ['type=raw,value=less,priority=199', 'own', 'type=raw,value=more,priority=201']
    expect(tagsOf(lines)).toEqual(['more', 'own', 'less'])
  })
})

describe('all rules together come by their priority, and with the same one by their line', () => {
  const documented = [
    'nightly',
    '1.0.0',
    '2.0.0',
    '2026.1',
    '3.0.0',
    'matched',
    'edge',
    'main',
    'own',
    'staging',
    'sha-860c190',
  ]
  const reversed = [
    'nightly',
    '3.0.0',
    '2026.1',
    '2.0.0',
    '1.0.0',
    'matched',
    'edge',
    'main',
    'staging',
    'own',
    'sha-860c190',
  ]
  const lines = rows.map(({line}) => line)

  test.each([
    {name: 'written in the order of the documentation', given: lines, expected: documented},
    {name: 'written the other way round', given: lines.toReversed(), expected: reversed},
  ])('$name', ({given, expected}) => {
    expect(tagsOf(given)).toEqual(expected)
  })
})
