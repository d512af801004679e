import {readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'

const folder = path.join(import.meta.dirname, '..', '__tests__', 'golden')

/**
 * Reads a file of `golden/`. With TAGBOAT_UPDATE_GOLDEN=1, the file is first overwritten with the actual text: check the
 * difference before you commit it.
 */
export function golden(name: string, actual: () => string): string {
  const file = path.join(folder, name)
  if (process.env['TAGBOAT_UPDATE_GOLDEN'] === '1') writeFileSync(file, actual())
  return readFileSync(file, 'utf8')
}
