import type {Problems} from '../inputs/problem.ts'
import type {Label} from '../tags/labels.ts'

/** Linux takes 128 KiB for one argument of a program, and 2 MiB for all with the environment (execve(2)). */
const maxBytes = 100 * 1024
const maxTotalBytes = 512 * 1024

/** Labels are arguments of the build: what cannot be one is a problem before anything is built. */
export function checkSizes(input: 'labels' | 'annotations', labels: readonly Label[], problems: Problems): void {
  const sizes = labels.map(({key, value}) => ({key, bytes: new TextEncoder().encode(`${key}=${value}`).length}))
  const remedy = 'Shorten what its expressions hold, or put it into a file of the image.'
  for (const {key, bytes} of sizes) {
    if (bytes > maxBytes) problems.add({input, message: `the value of ${shown(key)} is larger than 100 KiB`, remedy})
  }
  const total = sizes.reduce((sum, {bytes}) => sum + bytes, 0)
  if (total > maxTotalBytes) problems.add({input, message: 'all of them together are larger than 512 KiB', remedy})
  for (const {key, value} of labels) {
    if (`${key}${value}`.includes('\0')) {
      const message = `${shown(key)} holds a NUL character`
      problems.add({input, message, remedy: 'Take it out: no argument of a program can hold one.'})
    }
  }
}

function shown(key: string): string {
  return key.length > 100 ? `${key.slice(0, 100)}…` : key
}
