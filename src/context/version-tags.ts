import rcompare from 'semver/functions/rcompare.js'
import valid from 'semver/functions/valid.js'

/** Tags that are a full version without any prefix (`v1.2.3`), the highest first. */
export function versionTags(names: readonly string[]): readonly string[] {
  return byVersion(names.filter((name) => valid(name) !== null))
}

/** Sorts versions first, the highest first, then other names in descending natural order (`10` before `9`). */
export function byVersion(names: readonly string[]): readonly string[] {
  // Created here, not with the module: it loads locale data, which takes milliseconds, and few runs read the clone.
  const collator = new Intl.Collator('en', {numeric: true})
  return [...names].sort((a, b) => {
    const [first, second] = [versionIn(a), versionIn(b)]
    if (first !== undefined && second !== undefined) {
      const order = rcompare(first, second)
      if (order !== 0) return order
    } else if (first !== second) return first === undefined ? 1 : -1
    return collator.compare(b, a)
  })
}

/** Version at the end of a name such as `v1.2.3`, `refs/tags/v1.2.3` or `api-v1.2.3`. */
function versionIn(name: string): string | undefined {
  const text = /(?:^|[/@-])(v?\d+\.\d+\.\d+[0-9A-Za-z.+-]*)$/.exec(name)?.[1]
  return text !== undefined && valid(text) !== null ? text : undefined
}
