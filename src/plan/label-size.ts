import type {Problems} from '../inputs/problem.ts'
import type {Label} from '../tags/labels.ts'

/** Linux limits one argument of a program to 128 KiB, and all arguments and the environment to 2 MiB (execve(2)). */
const maxBytes = 100 * 1024
const maxTotalBytes = 512 * 1024

/** Reports labels that cannot be arguments of the build, because they are too large or contain a NUL character. */
export function checkSizes(input: 'labels' | 'annotations', labels: readonly Label[], problems: Problems): void {
  const sizes = labels.map(({key, value}) => ({key, bytes: new TextEncoder().encode(`${key}=${value}`).length}))
  const remedy = 'Shorten the value, or write it to a file in the image.'
  for (const {key, bytes} of sizes) {
    if (bytes > maxBytes)
      problems.add({input, message: `the value of ${shortName(key)} is larger than 100 KiB`, remedy})
  }
  const total = sizes.reduce((sum, {bytes}) => sum + bytes, 0)
  if (total > maxTotalBytes) problems.add({input, message: 'all of them together are larger than 512 KiB', remedy})
  for (const {key, value} of labels) {
    if (`${key}${value}`.includes('\0')) {
      const message = `${shortName(key)} contains a NUL character`
      problems.add({input, message, remedy: 'Remove it: arguments of a program cannot contain it.'})
    }
  }
}

function shortName(key: string): string {
  return key.length > 100 ? `${key.slice(0, 100)}…` : key
}
