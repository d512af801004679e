import type {PolicyGroup} from '../../inputs/prune/policy.ts'
import {versionSchemes} from '../../tags/versions/version-schemes.ts'
import type {Candidate} from './candidate.ts'

/** Tag with a version. */
type VersionCandidate = Candidate & Required<Pick<Candidate, 'version' | 'affixes'>>

export function hasVersion(candidate: Candidate): candidate is VersionCandidate {
  return candidate.version !== undefined && candidate.affixes !== undefined
}

/** Compares versions of one scheme, the highest first. */
export function byVersion(a: VersionCandidate, b: VersionCandidate): number {
  return versionSchemes[a.version.scheme].compare(b.version.version, a.version.version)
}

/**
 * Name of the narrowest line of a version: `1.2.x` for three numbers, `1.x` for two, and `all versions` for one. The text
 * around the version is part of it: `api-1.2.x-alpine`.
 */
function lineOf({version, affixes}: VersionCandidate): string {
  const {major = '', minor = ''} = versionSchemes[version.scheme].parse(version.version) ?? {}
  const count = (/^(?:\d+!)?\d+(?:[.-]\d+)*/.exec(version.version)?.[0] ?? '').split(/[.-]/).length
  const numbers = count > 2 ? `${major}.${minor}.x` : count === 2 ? `${major}.x` : 'all versions'
  return `${affixes.prefix}${numbers}${affixes.suffix}`
}

/** Key of the group in which a version is counted. Versions of different schemes cannot be compared. */
export function groupOf({version, affixes}: VersionCandidate, per: PolicyGroup | undefined): string {
  const {scheme} = version
  const {major = '', minor = ''} = versionSchemes[scheme].parse(version.version) ?? {}
  const {prefix, suffix} = affixes
  switch (per) {
    case undefined:
      return scheme
    case 'component':
      return JSON.stringify([scheme, prefix])
    case 'variant':
      return JSON.stringify([scheme, suffix])
    case 'major':
      return JSON.stringify([scheme, prefix, suffix, major])
    case 'minor':
      return JSON.stringify([scheme, prefix, suffix, major, minor])
  }
}

/** Newest whole releases of their lines, and newest pre-releases of lines without one, with the name of the line. */
export function newestOfLines(candidates: readonly Candidate[]): ReadonlyMap<Candidate, string> {
  const versions = candidates.filter(hasVersion).filter(({isBroken}) => !isBroken)
  const lines = Map.groupBy(versions, (one) => JSON.stringify([one.version.scheme, lineOf(one)]))
  const newest = [...lines.values()].flatMap((line) => {
    const releases = line.filter((one) => one.class === 'release')
    const [first, ...others] = (releases.length > 0 ? releases : line).toSorted(byVersion)
    return first === undefined ? [] : [first, ...others.filter((one) => byVersion(first, one) === 0)]
  })
  return new Map(newest.map((one) => [one, lineOf(one)]))
}
