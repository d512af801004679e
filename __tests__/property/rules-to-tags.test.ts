import {describe, expect, test} from '@jest/globals'
import {compareNumeric, numericVersion} from '../../src/tags/versions/numeric-version.ts'
import {comparePep440, pep440Values} from '../../src/tags/versions/pep440.ts'
import {compareSemver, versionValues} from '../../src/tags/versions/semver.ts'
import {memoryRegistry} from '../../testing/memory-registry.ts'
import {publish, type Publication} from '../../testing/promotions.ts'
import type {ProposalOptions} from '../../testing/plans.ts'
import {publicationOf} from '../../testing/rule-runs.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const histories = 100

/** Consecutive releases of one repository with the same rules. */
interface History {
  readonly rules: readonly string[]
  readonly options: ProposalOptions
  /** Versions as in Git tags, without the component. */
  readonly versions: readonly string[]
}

const number = fc.constantFrom(0, 1, 2, 9, 10, 11, 12)
const numbers = fc.tuple(fc.constantFrom(1, 2, 11), number, number).map((three) => three.join('.'))
const semverVersion = fc
  .tuple(fc.constantFrom('', 'v'), numbers, fc.constantFrom('', '', '', '-rc.1', '-1', '+b7', '-rc.1+b7'))
  .map((parts) => parts.join(''))
const pythonVersion = fc
  .tuple(fc.constantFrom('', '', '1!'), numbers, fc.constantFrom('', '', '', '.4', 'rc1', '.post1', '+cu118', '-1'))
  .map((parts) => parts.join(''))
const otherVersion = fc.oneof(
  fc.tuple(fc.constantFrom('2026.02.', '2026.10.', 'v24.04.', '1.2.3.'), number).map((parts) => parts.join('')),
  fc.constantFrom('24.04', '24.10', '2026-02-01', '2026.02.0-rc1', '2027.1.0'),
)
const version = fc.oneof(
  {arbitrary: semverVersion, weight: 6},
  {arbitrary: pythonVersion, weight: 2},
  {arbitrary: otherVersion, weight: 2},
)

const piece = fc.constantFrom('{{version}}', '{{raw}}', '{{major}}', '{{minor}}', '{{patch}}', '{{sha}}', '{{tag}}')
const text = fc.constantFrom('', '', '.', '-', 'x', 'v', '1', '.x', 'release-', 'py1-', '-slim', 'stable')
const usual = fc.constantFrom('{{version}}', '{{major}}.{{minor}}', '{{major}}', 'v{{major}}.{{minor}}', '{{raw}}')
const pattern = fc.oneof(
  usual,
  fc.tuple(text, piece, text, fc.oneof(piece, text), text).map((parts) => parts.join('')),
  fc.tuple(piece, text, piece, text, piece).map((parts) => parts.join('')),
)
const around = fc.constantFrom('', '-', 'v', '1', 'stable-', 'api/', '-slim', '{{sha}}-', '1.2.', 'a+')
const affixes = fc
  .record({prefix: fc.option(around), suffix: fc.option(around)})
  .map(({prefix, suffix}) =>
    [prefix === null ? '' : `,prefix=${prefix}`, suffix === null ? '' : `,suffix=${suffix}`].join(''),
  )
const expression = fc.constantFrom(
  'v?(\\d+)',
  '(\\d+\\.\\d+)',
  '(\\d+\\.\\d+\\.\\d+)',
  '(v?\\d+)\\.',
  '([a-z]+)',
  '(.*)',
)
const word = fc.constantFrom('latest', 'stable', 'lts', 'latest-alpine', 'a-stable', '1', '1.2', 'v1', 'v11.2-slim')
const moving = fc.constantFrom('', '', ',mutable=true')
/** Literal names and full versions. */
const name = fc.oneof(
  word,
  word.map((text) => `type=raw,value=${text}`),
  word.map((text) => `registry.example/app:${text}`),
  fc
    .tuple(
      fc.constantFrom('5.0.0', 'type=raw,value={{tag}}', 'type=raw,value=1.2.9', 'type=semver,pattern={{version}}'),
      moving,
    )
    .map((parts) => parts.join('')),
)
const versionRule = fc
  .oneof(
    {arbitrary: pattern.map((one) => `type=semver,pattern=${one}`), weight: 4},
    {arbitrary: pattern.map((one) => `type=pep440,pattern=${one}`), weight: 2},
    {arbitrary: expression.map((one) => `type=match,pattern=${one},group=1`), weight: 1},
    {arbitrary: fc.constantFrom('type=ref,event=tag', 'type=raw,value={{tag}}', 'type=raw,value=stable'), weight: 1},
  )
  .chain((one) => affixes.map((ends) => `${one}${ends}`))
const rule = fc.oneof({arbitrary: versionRule, weight: 3}, {arbitrary: name, weight: 1})
const options: fc.Arbitrary<ProposalOptions> = fc
  .record({
    latest: fc.constantFrom('auto' as const, 'auto' as const, 'true' as const),
    prefix: fc.constantFrom('', '', 'p-', '1', '{{sha}}-'),
    prefixOnLatest: fc.boolean(),
    suffix: fc.constantFrom('', '', '-slim', '.0'),
    suffixOnLatest: fc.boolean(),
    component: fc.constantFrom(undefined, undefined, 'api'),
    variant: fc.constantFrom(undefined, undefined, 'alpine'),
    isDefaultVariant: fc.boolean(),
    maxTagLength: fc.constantFrom(128, 128, 128, 12),
  })
  .map(({component, variant, isDefaultVariant, maxTagLength, ...flavor}) => ({
    flavor,
    isDefaultVariant,
    maxTagLength,
    ...(component === undefined ? {} : {component}),
    ...(variant === undefined ? {} : {variant}),
  }))
const history: fc.Arbitrary<History> = fc.record({
  rules: fc.array(rule, {minLength: 1, maxLength: 4}),
  options,
  versions: fc.array(version, {minLength: 2, maxLength: 5}),
})

/** Compares two versions. Undefined if the scheme does not accept both. */
function compareIn(scheme: string, first: string, second: string): number | undefined {
  if (scheme === 'numeric' || [first, second].some((one) => scheme === 'semver' && versionValues(one) === undefined))
    return [first, second].every((one) => numericVersion(one) !== undefined) ? compareNumeric(first, second) : undefined
  const [values, compare] = scheme === 'pep440' ? [pep440Values, comparePep440] : [versionValues, compareSemver]
  const [a, b] = [values(first)?.get('version'), values(second)?.get('version')]
  return a === undefined || b === undefined ? undefined : compare(a, b)
}

interface HistoryResult {
  /** Floating version tags that moved to a lower version. */
  readonly backwards: readonly string[]
  /** Tags that did not move to a version that is higher than all earlier ones, if all are plain versions. */
  readonly stuck: readonly string[]
}

function isNext(before: readonly string[], version: string, scheme: string): boolean {
  if (![version, ...before].every((one) => /^v?\d+\.\d+\.\d+$/.test(one))) return false
  return before.every((other) => (compareIn(scheme, version, other) ?? 0) > 0)
}

/** Versions from which the rules created the tags, by tag. */
function versionsIn({tags}: Publication): ReadonlyMap<string, string> {
  return new Map(tags.flatMap(({reference, role}) => ('version' in role ? [[reference.tag, role.version]] : [])))
}

async function runHistory({rules, options: options, versions}: History, isUnstated: boolean): Promise<HistoryResult> {
  const registry = memoryRegistry()
  const published = new Map<string | undefined, ReadonlyMap<string, string>>()
  const backwards: string[] = []
  const stuck: string[] = []
  for (const [index, one] of versions.entries()) {
    const gitTag = options.component === undefined ? one : `${options.component}/${one}`
    const run = publicationOf(
      {client: `run${index}`, gitTag, rules, options: options, isUnstated},
      'registry.example/app',
    )
    const before = registry.tagsOf('app')
    published.set(run.image.digest, versionsIn(run))
    const {failure} = await publish(run, [registry])
    const after = registry.tagsOf('app')
    for (const {reference, role} of run.tags) {
      if (role.kind !== 'version-line') continue
      const [previous, next] = [before, after].map((tags) => published.get(tags[reference.tag])?.get(reference.tag))
      const isLower = previous !== undefined && (compareIn(role.scheme, previous, next ?? '0.0.0') ?? 0) > 0
      if (isLower) backwards.push(`${reference.tag}: ${previous} -> ${next ?? 'nothing'}`)
      const isHighest = isNext(versions.slice(0, index), one, role.scheme)
      if (failure === undefined && isHighest && next !== role.version) stuck.push(`${reference.tag} is not ${one}`)
    }
  }
  return {backwards, stuck}
}

describe('for any rules, consecutive releases', () => {
  test('never move a floating version tag backwards', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (options) => {
        expect((await runHistory(options, false)).backwards).toEqual([])
      }),
      {numRuns: times(histories)},
    )
  })
})

describe('with ordinary rules', () => {
  const name = fc.constantFrom('', '', 'stable-', 'api-', 'v', 'release-v')
  const end = fc.constantFrom('', '', '-slim', '.x', '-x')
  const placed = (patterns: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc
      .tuple(name, patterns, end, name, end)
      .map(
        ([before, one, behind, prefix, suffix]) =>
          `type=semver,pattern=${before}${one}${behind},prefix=${prefix},suffix=${suffix}`,
      )
  const exact = placed(fc.constantFrom('{{version}}', '{{major}}.{{minor}}.{{patch}}', '{{raw}}'))
  const floating = fc.array(placed(fc.constantFrom('{{major}}.{{minor}}', '{{major}}', 'newest')), {
    minLength: 1,
    maxLength: 3,
  })
  const options: fc.Arbitrary<ProposalOptions> = fc.constantFrom(
    {},
    {variant: 'alpine'},
    {component: 'api', environment: 'staging'},
  )
  const versions = fc.array(
    fc.tuple(numbers, fc.constantFrom('', '', '', '-rc.1')).map((parts) => `v${parts.join('')}`),
    {minLength: 2, maxLength: 5},
  )

  test('never move backwards if images state no version', async () => {
    const rules = fc.tuple(exact, floating).map(([first, others]) => [first, ...others])
    const listed = fc.record({rules, options: options, versions})
    await fc.assert(
      fc.asyncProperty(listed, async (one) => {
        expect((await runHistory(one, true)).backwards).toEqual([])
      }),
      {numRuns: times(histories / 2)},
    )
  })

  test('all move to the next higher version, with or without an exact tag', async () => {
    const rules = fc
      .tuple(fc.option(exact), floating)
      .map(([first, others]) => (first === null ? others : [first, ...others]))
    const any = fc.record({rules, options: options, versions})
    await fc.assert(
      fc.asyncProperty(any, async (one) => {
        expect(await runHistory(one, false)).toEqual({backwards: [], stuck: []})
      }),
      {numRuns: times(histories / 2)},
    )
  })
})
