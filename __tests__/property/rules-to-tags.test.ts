import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import type {Digest} from '../../src/oci/digest.ts'
import {versionsOf} from '../../src/plan/version.ts'
import {comparePep440, pep440Values} from '../../src/tags/pep440.ts'
import {compareSemver, versionValues} from '../../src/tags/semver.ts'
import {memoryRegistry} from '../support/memory-registry.ts'
import {publish} from '../support/promotions.ts'
import type {ProposalOptions} from '../support/plans.ts'
import {publicationOf} from '../support/rule-runs.ts'

const timeoutMs = 300_000
const histories = 1000

/** Releases of one repository under rules that stay the same, one after the other. */
interface History {
  readonly rules: readonly string[]
  readonly options: ProposalOptions
  /** Versions as Git tags have them, without the component. */
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
const version = fc.oneof({arbitrary: semverVersion, weight: 3}, {arbitrary: pythonVersion, weight: 1})

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
const rule = fc
  .oneof(
    {arbitrary: pattern.map((one) => `type=semver,pattern=${one}`), weight: 4},
    {arbitrary: pattern.map((one) => `type=pep440,pattern=${one}`), weight: 2},
    {arbitrary: expression.map((one) => `type=match,pattern=${one},group=1`), weight: 1},
    {arbitrary: fc.constantFrom('type=ref,event=tag', 'type=raw,value={{tag}}', 'type=raw,value=stable'), weight: 1},
  )
  .chain((one) => affixes.map((ends) => `${one}${ends}`))
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

/** Below 0 when the first is lower; undefined where the scheme does not know both. */
function compareIn(scheme: string, first: string, second: string): number | undefined {
  const [values, compare] = scheme === 'pep440' ? [pep440Values, comparePep440] : [versionValues, compareSemver]
  const [a, b] = [values(first)?.get('version'), values(second)?.get('version')]
  return a === undefined || b === undefined ? undefined : compare(a, b)
}

interface Played {
  /** Floating version tags that went from a higher version to a lower one. */
  readonly backwards: readonly string[]
  /** Tags that did not move to a version that is higher than all before it, where all of them are ordinary ones. */
  readonly stuck: readonly string[]
}

function isNext(before: readonly string[], own: string, scheme: string): boolean {
  if (![own, ...before].every((one) => /^v?\d+\.\d+\.\d+$/.test(one))) return false
  return before.every((other) => (compareIn(scheme, own, other) ?? 0) > 0)
}

async function play({rules, options: given, versions}: History, isSilent: boolean): Promise<Played> {
  const registry = memoryRegistry()
  const published = new Map<Digest, string>()
  const backwards: string[] = []
  const stuck: string[] = []
  // `1` before 1.2.3 is 11.2.3, and whoever reads that stays on the safe side.
  const hasDigits = [given.flavor?.prefix ?? '', ...rules].some((one) =>
    /\d/.test(one.replace(/type=\w+|group=1/g, '')),
  )
  for (const [index, one] of versions.entries()) {
    const gitTag = given.component === undefined ? one : `${given.component}/${one}`
    const who = `run${index}`
    const run = publicationOf({who, gitTag, rules, options: given, isSilent}, 'registry.example/app')
    const before = registry.tagsOf('app')
    // A Git tag that no rule takes for a version (an epoch, of a component) is none.
    if (versionsOf(run.tags) !== '') published.set(run.image.digest, one)
    const {failure} = await publish(run, [registry])
    const after = registry.tagsOf('app')
    for (const {reference, line} of run.tags) {
      const [held, holds] = [before, after].map((tags) => published.get(tags[reference.tag] ?? 'sha256:'))
      if (line.kind !== 'version') continue
      const order = held === undefined ? undefined : compareIn(line.scheme, held, holds ?? '0.0.0')
      if (order !== undefined && order > 0) backwards.push(`${reference.tag}: ${held ?? ''} -> ${holds ?? 'nothing'}`)
      const isHighest = isNext(versions.slice(0, index), one, line.scheme)
      if (failure === undefined && isHighest && !hasDigits && holds !== one)
        stuck.push(`${reference.tag} is not ${one}`)
    }
  }
  return {backwards, stuck}
}

describe('whatever the rules, releases one after the other', () => {
  test(
    'move no floating version tag from a higher version to a lower one, and none stays behind the highest',
    async () => {
      await fc.assert(
        fc.asyncProperty(history, async (given) => {
          expect(await play(given, false)).toEqual({backwards: [], stuck: []})
        }),
        {numRuns: histories},
      )
    },
    timeoutMs,
  )
})

describe('where an exact version is among the rules, the list of tags alone', () => {
  const name = fc.constantFrom('', '', 'stable-', 'api-', 'v', 'release-v')
  const end = fc.constantFrom('', '', '-slim', '.x', '-x')
  const placed = (patterns: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc
      .tuple(name, patterns, end, name, end)
      .map(
        ([before, one, behind, prefix, suffix]) =>
          `type=semver,pattern=${before}${one}${behind},prefix=${prefix},suffix=${suffix}`,
      )
  const listed: fc.Arbitrary<History> = fc.record({
    rules: fc
      .tuple(
        placed(fc.constantFrom('{{version}}', '{{major}}.{{minor}}.{{patch}}', '{{raw}}')),
        fc.array(placed(fc.constantFrom('{{major}}.{{minor}}', '{{major}}', '{{minor}}', 'newest')), {
          minLength: 1,
          maxLength: 3,
        }),
      )
      .map(([exact, floating]) => [exact, ...floating]),
    options: fc.constantFrom({}, {variant: 'alpine'}, {component: 'api', environment: 'staging'}),
    versions: fc.array(
      fc.tuple(numbers, fc.constantFrom('', '', '-rc.1')).map((parts) => `v${parts.join('')}`),
      {minLength: 2, maxLength: 5},
    ),
  })

  test(
    'moves no floating version tag back, when images say nothing of their versions',
    async () => {
      await fc.assert(
        fc.asyncProperty(listed, async (given) => {
          expect((await play(given, true)).backwards).toEqual([])
        }),
        {numRuns: histories / 2},
      )
    },
    timeoutMs,
  )
})
