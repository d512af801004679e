import {digestOf} from '../../src/oci/digest.ts'
import type {TargetTag} from '../../src/promote/decide/tag-decision.ts'
import {branchTag, commitTag, releaseTags} from '../promotions.ts'

/** Release or commit that a run publishes. */
export type Subject =
  | {
      readonly kind: 'release'
      readonly name: string
      readonly version: string
      readonly suffix: string
      readonly revision: string
    }
  | {readonly kind: 'commit'; readonly name: string; readonly number: number; readonly revision: string}

/** Release of a version. `tagging` distinguishes commits with the same version: a Git tag may have moved. */
export function release(version: string, suffix = '', tagging = 1): Subject {
  const revision = revisionOf(`${version} ${tagging}`)
  return {kind: 'release', name: `${version}${suffix}`, version, suffix, revision}
}

export function commit(number: number): Subject {
  return {kind: 'commit', name: `commit ${number}`, number, revision: revisionOf(`commit ${number}`)}
}

/** Commit date of a subject, one day per commit. */
export function dateOf(subject: Subject): string | undefined {
  return subject.kind === 'commit' ? `2026-01-0${subject.number}T12:00:00Z` : undefined
}

function revisionOf(text: string): string {
  return digestOf(Buffer.from(text)).slice('sha256:'.length, 'sha256:'.length + 40)
}

const branches = ['main', 'edge'] as const

/** Tags of a subject in one repository. Each has an exact tag for the commit. */
export function tagsFor(subject: Subject, repository: string): readonly TargetTag[] {
  const exact = commitTag(repository, `sha-${subject.revision}${subject.kind === 'release' ? subject.suffix : ''}`)
  return subject.kind === 'release'
    ? [...releaseTags(repository, subject.version, subject.suffix), exact]
    : [exact, ...branches.map((branch) => branchTag(repository, branch))]
}

/** Floating tags of a version, from the narrowest version line to the widest. */
export function floatingOf(version: string, suffix: string): readonly string[] {
  const [major = '', minor = ''] = version.split('.')
  return [`${major}.${minor}`, major, 'latest'].map((tag) => `${tag}${suffix}`)
}

export function compareVersions(a: string, b: string): number {
  const [first, second] = [a, b].map((text) => text.split('.').map(Number))
  for (const index of [0, 1, 2]) {
    const difference = (first?.[index] ?? 0) - (second?.[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
