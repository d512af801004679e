import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

/** Recorder of the files that a Node process loads as modules. */
export interface LoadedFiles extends AsyncDisposable {
  /** Variables for the process. */
  readonly env: Readonly<Record<string, string>>
  /** Lists the absolute paths, without duplicates. */
  list(): Promise<readonly string[]>
}

export async function watchLoadedFiles(): Promise<LoadedFiles> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tagboat-loaded-'))
  const file = path.join(directory, 'urls')
  const hook = `import {registerHooks} from 'node:module'; import {appendFileSync} from 'node:fs';
    registerHooks({load(url, context, next) {
      if (url.startsWith('file:')) appendFileSync(${JSON.stringify(file)}, url + '\\n')
      return next(url, context)
    }})`
  return {
    env: {NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}`},
    async list() {
      const urls = (await readFile(file, 'utf8')).trim().split('\n')
      return [...new Set(urls)].map((url) => fileURLToPath(url))
    },
    [Symbol.asyncDispose]: async () => rm(directory, {recursive: true}),
  }
}
