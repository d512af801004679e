import {describe, expect, test} from '@jest/globals'
import moment from 'moment-timezone'
import {parseVersionFile, readVersionFile} from '../../src/context/version-files/version-file.ts'
import {boundedRegex} from '../../src/io/bounded-regex.ts'
import {calendarDate, weeksInYear} from '../../src/tags/versions/calendar-date.ts'
import {formatCalver, parseCalver, type CalverParts} from '../../src/tags/versions/calver.ts'
import {calverTokens, parseCalverPattern, partOf, type CalverToken} from '../../src/tags/versions/calver-pattern.ts'
import {matchTag, parsePattern} from '../../src/tags/rules/match.ts'
import {isExactPep440, isPep440Stable, pep440Values} from '../../src/tags/versions/pep440.ts'
import {effectivePattern} from '../../src/tags/versions/semver.ts'
import fc from '../../testing/properties.ts'

const anyText = fc.oneof(fc.string({unit: 'binary', maxLength: 60}), fc.string({unit: 'grapheme', maxLength: 60}))
const number = fc.nat({max: 99_999})

describe('PEP 440', () => {
  const optional = (part: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), part)
  const separator = fc.constantFrom('', '.', '-', '_')
  const lettered = (words: readonly string[]): fc.Arbitrary<string> =>
    fc
      .tuple(separator, fc.constantFrom(...words), separator, optional(number.map(String)))
      .map(([before, word, between, digits]) => `${before}${word}${digits === '' ? '' : `${between}${digits}`}`)
  const version = fc
    .tuple(
      fc.constantFrom('', 'v', 'V'),
      optional(number.map((epoch) => `${epoch}!`)),
      fc.array(number, {minLength: 1, maxLength: 5}).map((release) => release.join('.')),
      optional(lettered(['a', 'b', 'c', 'rc', 'alpha', 'Beta', 'pre', 'preview'])),
      optional(lettered(['post', 'rev', 'r', 'POST'])),
      optional(lettered(['dev', 'Dev'])),
      optional(fc.stringMatching(/^\+[a-zA-Z0-9]{1,5}(?:[-_.][a-zA-Z0-9]{1,5}){0,2}$/)),
    )
    .map((parts) => parts.join(''))

  test('the normal form of a version does not change', () => {
    fc.assert(
      fc.property(version, (text) => {
        const normal = pep440Values(text)?.get('version') ?? ''
        expect(normal).not.toBe('')
        expect(pep440Values(normal)?.get('version')).toBe(normal)
        expect(isPep440Stable(normal)).toBe(isPep440Stable(text))
      }),
    )
  })

  test('a pre-release gets a separate tag', () => {
    fc.assert(
      fc.property(
        version,
        fc.constantFrom('{{major}}', '{{major}}.{{minor}}', 'latest', '{{raw}}-x'),
        (text, pattern) => {
          fc.pre(!isPep440Stable(text))
          expect(isExactPep440(effectivePattern(pattern, !isPep440Stable(text)), pep440Values(text) ?? new Map())).toBe(
            true,
          )
        },
      ),
    )
  })

  test('no text throws', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(pep440Values(text)?.get('raw') ?? text).toBe(text)
        expect(typeof isPep440Stable(text)).toBe('boolean')
      }),
    )
  })
})

describe('the calendar', () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kathmandu',
    'Pacific/Kiritimati',
    'Pacific/Pago_Pago',
  ]
  const moments = fc.date({min: new Date('1990-01-01'), max: new Date('2199-12-31'), noInvalidDate: true})

  test('is equal to that of moment in every time zone', () => {
    fc.assert(
      fc.property(moments, fc.constantFrom(...zones), (date, zone) => {
        // The time zone data of both differ for later years. Weeks do not depend on it.
        const there = zone === 'UTC' ? moment.utc(date) : moment.tz(new Date(Math.min(date.getTime(), 1.9e12)), zone)
        expect(calendarDate(there.toDate(), zone)).toEqual({
          year: there.year(),
          month: there.month() + 1,
          day: there.date(),
          week: there.isoWeek(),
          weekYear: there.isoWeekYear(),
        })
        expect(weeksInYear(there.year())).toBe(there.isoWeeksInYear())
      }),
    )
  })
})

describe('calendar versions', () => {
  const year = fc.constantFrom<CalverToken>('YYYY', 'YY', '0Y')
  const others = fc.shuffledSubarray(calverTokens.filter((token) => partOf[token] !== 'year'))
  const pattern = fc
    .tuple(year, others, fc.infiniteStream(fc.constantFrom('', '.', '-', '_')))
    .map(([first, rest, separators]) =>
      [first, ...rest.flatMap((token) => [String(separators.next().value), token])].join(''),
    )
  /** Day with its counters. The week has a separate year. */
  const parts: fc.Arbitrary<CalverParts & {readonly weekYear: number}> = fc
    .tuple(
      fc.date({min: new Date('2000-01-03'), max: new Date('2099-12-31'), noInvalidDate: true}),
      fc.record({major: number, minor: number, micro: number}),
      fc.stringMatching(/^(?:[a-zA-Z][a-zA-Z0-9]{0,5})?$/),
    )
    .map(([date, counters, modifier]) => {
      const day = calendarDate(date, 'UTC')
      return {year: 0, weekYear: 0, ...day, ...counters, modifier}
    })

  test('formatted versions are parsed', () => {
    fc.assert(
      fc.property(pattern, parts, (text, given) => {
        const parsed = parseCalverPattern(text)
        fc.pre(parsed.ok)
        const {weekYear, ...all} = given
        const version = parsed.parts.has('week') ? {...all, year: weekYear} : all
        const tag = formatCalver(version, parsed)
        const back = parseCalver(tag, parsed)
        const named = Object.entries(version).filter(([part]) => [...parsed.parts].some((known) => known === part))
        expect(back).toEqual({modifier: '', ...Object.fromEntries(named)})
        expect(back && formatCalver(back, parsed)).toBe(tag)
        expect(tag).toMatch(/^[0-9][A-Za-z0-9._-]*$/)
      }),
      {maxSkipsPerRun: 1000},
    )
  })

  test('the position of a problem is within the pattern', () => {
    const almost = fc
      .array(fc.oneof(fc.constantFrom<string>(...calverTokens, '.', '-'), fc.string({maxLength: 3})))
      .map((all) => all.join(''))
    fc.assert(
      fc.property(fc.oneof(almost, anyText), anyText, (text, other) => {
        const parsed = parseCalverPattern(text)
        if (parsed.ok) expect(parseCalver(other, parsed)?.year ?? 0).toBeGreaterThanOrEqual(0)
        else {
          expect(parsed.column).toBeGreaterThanOrEqual(1)
          expect(parsed.column).toBeLessThanOrEqual(Math.max(1, text.length))
        }
      }),
    )
  })
})

describe('regular expressions of users', () => {
  const regex = boundedRegex()

  test('an escaped text matches itself', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (before, text, after) => {
        fc.pre(text !== '')
        const pattern = parsePattern(`/${escapeAll(text)}/u`)
        if (!pattern.ok) throw new Error(pattern.reason)
        fc.pre(pattern.source.length <= 1000 && isWellFormed(before, text, after))
        expect(matchTag({pattern, group: 0, text: `${before}${text}${after}`}, regex)).toEqual({
          kind: 'text',
          text,
          matched: text,
        })
      }),
    )
  })

  test('no pattern throws', () => {
    fc.assert(
      fc.property(anyText, fc.nat({max: 3}), anyText, (source, group, text) => {
        const pattern = parsePattern(source)
        if (pattern.ok) expect(['text', 'nothing', 'problem']).toContain(matchTag({pattern, group, text}, regex).kind)
        else expect(pattern.reason).not.toBe('')
      }),
    )
  })

  function escapeAll(text: string): string {
    return Array.from(text, (char) => `\\u{${char.codePointAt(0)?.toString(16) ?? ''}}`).join('')
  }

  /** Adjacent halves of surrogate pairs would form another character. */
  function isWellFormed(...texts: readonly string[]): boolean {
    return texts.every((text) => text.isWellFormed())
  }
})

describe('version files', () => {
  const regex = boundedRegex()
  const samples: Readonly<Record<string, string>> = {
    'package.json': '{"name": "x", "version": "1.2.3", "config": {"version": "9"}}',
    'Cargo.toml': '[package]\nname = "x"\nversion.workspace = true\n[workspace.package]\nversion = "1.2.3"\n',
    'pyproject.toml': '[project]\nname = "x"\ndynamic = ["version"]\n[tool.poetry]\nversion = "1.2.3"\n',
    'pom.xml': '<project><version>${revision}</version><properties><revision>1.2.3</revision></properties></project>',
    'gradle.properties': '# x\nversion = 1.2\\\n  .3\norg.x=\\u0041\n',
    'Chart.yaml': 'name: x\nversion: &v 0.1.0\nappVersion: "1.2.3"\n',
    VERSION: '1.2.3\n',
    'x.py#version = "(.*)"': 'version = "1.2.3"\n',
  }
  const damaged = fc
    .tuple(fc.constantFrom(...Object.keys(samples)), fc.nat({max: 120}), fc.nat({max: 20}), anyText)
    .map(([name, at, length, text]) => {
      const sample = samples[name] ?? ''
      return {name, text: `${sample.slice(0, at)}${text}${sample.slice(at + length)}`}
    })

  test.each(Object.entries(samples))('%s is read', async (name, text) => {
    expect(await readVersionFile(parseVersionFile(name), async () => Promise.resolve(text), regex)).toMatchObject({
      version: '1.2.3',
    })
  })

  test('result in one word, or in a reason of one line', async () => {
    await fc.assert(
      fc.asyncProperty(damaged, async ({name, text}) => {
        const result = await readVersionFile(parseVersionFile(name), async () => Promise.resolve(text), regex)
        if (result.ok) expect(result.version).toMatch(/^[\x21-\x7e]{1,256}$/)
        else expect(result.reason).toMatch(/^[^\p{Cc}]{10,400}$/u)
      }),
    )
  })

  test('can have any name', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(parseVersionFile(text).path).not.toMatch(/^\.\/|#/)
      }),
    )
  })
})
