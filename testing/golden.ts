import {readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'

const folder = path.join(import.meta.dirname, '..', '__tests__', 'golden')

/**
 * What stands in this file of `golden/`. With TAGBOAT_UPDATE_GOLDEN=1 the file is written first, from what the code gives
 * now: look at the difference before you commit it.
 */
export function golden(name: string, actual: () => string): string {
  const file = path.join(folder, name)
  if (process.env['TAGBOAT_UPDATE_GOLDEN'] === '1') writeFileSync(file, actual())
  return readFileSync(file, 'utf8')
}
