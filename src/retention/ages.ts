import {factsOf, manifestsOf} from './classes/image-statement.ts'
import type {RepositoryContent} from './repository-content.ts'

/** First release of Docker. Earlier dates are defaults of programs, such as 1970 and 1980. */
const earliest = Date.parse('2013-03-01T00:00:00Z')
const dayMs = 86_400_000

interface Dated {
  readonly digest: string
  readonly tag?: string | undefined
}

/**
 * Returns the youngest date that is known of an image, in milliseconds: a promoted, restored or overwritten image is young,
 * whenever it was built. Dates are those that the registry states for the image and its tag, and those of the build.
 *
 * Undefined if nothing states the age, if the registry states times for other tags but not for this one, or if a date is in
 * the future by more than a day. Dates before the first release of
 * Docker do not count, nor do dates of the build that are the date of the commit, unless the registry states when it was
 * pushed: a reproducible image has the date of its commit whenever it is built.
 */
export function youngestDate(content: RepositoryContent, {digest, tag}: Dated, now: Date): number | undefined {
  const stated = [content.pushedAt.get(digest), tag === undefined ? undefined : content.taggedAt.get(tag)]
  if (tag !== undefined && content.taggedAt.size > 0 && !content.taggedAt.has(tag)) return undefined
  const registry = stated.flatMap((date) => date?.getTime() ?? []).filter(isKnown)
  const commit = Date.parse(factsOf(content, digest).commitDate ?? '')
  const built = manifestsOf(content, digest)
    .flatMap(({facts, configuredAt}) => [Date.parse(facts.created ?? ''), configuredAt?.getTime() ?? Number.NaN])
    .filter((date) => isKnown(date) && (registry.length > 0 || !isSameSecond(date, commit)))
  const youngest = Math.max(...registry, ...built)
  return Number.isFinite(youngest) && youngest <= now.getTime() + dayMs ? youngest : undefined
}

function isKnown(date: number): boolean {
  return date >= earliest
}

function isSameSecond(a: number, b: number): boolean {
  return Math.floor(a / 1000) === Math.floor(b / 1000)
}
