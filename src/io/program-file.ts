import {writeFile} from 'node:fs/promises'

/** Facts about this machine that a new program depends on. */
export const runtime = {platform: process.platform, node: process.execPath}

/** Creates a file that this user can run. @throws NodeJS.ErrnoException `EEXIST` if the path exists. */
export async function writeProgram(file: string, text: string): Promise<void> {
  await writeFile(file, text, {mode: 0o700, flag: 'wx'})
}
