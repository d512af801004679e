import type {TagPlanner} from '../../plan/tag-planner.ts'

/** Maximum number of numbers in a version that is guessed. */
const maxNumbers = 3

/**
 * Reports whether a release may have this tag: the Git tag of a version with the numbers of the tag gives it. So `12` and
 * `1.12` are those of versions if rules give them to 12.0.0 and 1.12.0.
 */
export function isVersionTag(tag: string, planner: TagPlanner, component: string | undefined): boolean {
  const starts = component === undefined ? ['v', ''] : [`${component}/v`, `${component}@`]
  return versionsIn(tag)
    .flatMap((version) => starts.map((start) => `${start}${version}`))
    .some((gitTag) =>
      planner({kind: 'tag', tag: gitTag}).some(
        ({tag: name, role}) => name === tag && (role.kind === 'release' || role.kind === 'version-line'),
      ),
    )
}

/** Versions that contain numbers of a text, in their order: those of `a-1.12` are 1.12.0, 1.0.0, 12.0.0, 1.12.0 and so on. */
function versionsIn(text: string): readonly string[] {
  const numbers = [...text.matchAll(/\d+/g)].map(([digits]) => digits)
  const runs = numbers.flatMap((_, start) =>
    Array.from({length: Math.min(maxNumbers, numbers.length - start)}, (__, index) =>
      numbers.slice(start, start + index + 1),
    ),
  )
  return [...new Set(runs.flatMap(completed).map((parts) => parts.join('.')))]
}

/** Versions of three numbers that contain these. */
function completed(numbers: readonly string[]): readonly (readonly string[])[] {
  const missing = maxNumbers - numbers.length
  return Array.from({length: missing + 1}, (_, before) => [
    ...Array.from({length: before}, () => '1'),
    ...numbers,
    ...Array.from({length: missing - before}, () => '0'),
  ])
}
