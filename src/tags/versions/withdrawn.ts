import Range from 'semver/classes/range.js'
import minVersion from 'semver/ranges/min-version.js'
import type {Problem, Problems} from '../../inputs/problem.ts'
import type {ListItem} from '../../inputs/syntax/lists.ts'
import type {Version} from '../tag-role.ts'
import {withoutV} from './version-scheme.ts'
import {versionSchemes} from './version-schemes.ts'

/** Reports whether a version is withdrawn. */
type IsWithdrawn = (version: Version) => boolean

/**
 * Parses the entries of the input `withdrawn`: for semver a version or a range, such as `>=1.2.3 <1.2.5`; for any other
 * scheme a version. A range contains its pre-releases. An invalid entry is added to `problems`.
 */
export function parseWithdrawn(entries: readonly ListItem[], problems: Problems): IsWithdrawn {
  const predicates = entries.flatMap(({text, number, column}) => {
    const parsed = parseEntry(text)
    if (typeof parsed === 'function') return [parsed]
    problems.add({input: 'withdrawn', line: number, column, ...parsed})
    return []
  })
  return (version) => predicates.some((isWithdrawn) => isWithdrawn(version))
}

function parseEntry(text: string): IsWithdrawn | Pick<Problem, 'message' | 'remedy'> {
  const range = rangeOf(text)
  if (range === undefined && !isVersion(text)) return {message: `"${text}" is neither a version nor a range`, remedy}
  if (range !== undefined && minVersion(range) === null) return {message: `no version is in "${text}"`, remedy}
  if (range?.test('0.0.0') === true && range.test(highest))
    return {message: `every version is in "${text}"`, remedy: 'Write the versions that are withdrawn.'}
  return ({scheme, version}) => {
    const plain = withoutV(version)
    return scheme === 'semver' && range !== undefined ? range.test(plain) : isSame({scheme, version: plain}, text)
  }
}

const remedy =
  'Write one entry per line: a version such as 1.2.3, or a range such as >=1.2.3 <1.2.5, with a space between its ends.'

/** Version that only a range without an upper end contains. */
const highest = '999999999.0.0'

function rangeOf(text: string): Range | undefined {
  try {
    return new Range(text, {includePrerelease: true})
  } catch {
    return undefined
  }
}

/** Reports whether a text is a version of any scheme. Some schemes accept separators that no tag contains. */
function isVersion(text: string): boolean {
  if (/[\s,#]/.test(text)) return false
  return Object.values(versionSchemes).some(({parse}) => parse(withoutV(text)) !== undefined)
}

function isSame({scheme, version}: Version, text: string): boolean {
  const {parse, compare} = versionSchemes[scheme]
  const other = withoutV(text)
  return (
    version === other || (parse(version) !== undefined && parse(other) !== undefined && compare(version, other) === 0)
  )
}
