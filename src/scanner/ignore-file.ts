import path from 'node:path'
import {workspace} from '../io/io.ts'
import type {ScannerPlace} from './scanner.ts'

/** Ignore file for a scanner: that of the input, or else the first one of these in the workspace. */
export async function ignoreFile(
  {inputs, io}: Pick<ScannerPlace, 'inputs' | 'io'>,
  names: readonly string[],
): Promise<string | undefined> {
  if (inputs.ignoreFile !== undefined) return inputs.ignoreFile
  const root = workspace(io)
  for (const name of names) {
    const file = path.join(root, name)
    if ((await io.files.kindOf(file)) === 'file') return file
  }
  return undefined
}
