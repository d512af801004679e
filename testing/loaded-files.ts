import {mkdtemp, readFile, rm, stat} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

/** Recorder of the files that a Node process loads as modules. */
export interface LoadedFiles extends AsyncDisposable {
  /** Variables for the process. */
  readonly env: Readonly<Record<string, string>>
  /** Lists the absolute paths, without duplicates. */
  list(): Promise<readonly string[]>
  /** Sum of the sizes of the files. */
  bytes(): Promise<number>
}

export async function watchLoadedFiles(): Promise<LoadedFiles> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tagboat-loaded-'))
  const file = path.join(directory, 'urls')
  const hook = `import {registerHooks} from 'node:module'; import {appendFileSync} from 'node:fs';
    registerHooks({load(url, context, next) {
      if (url.startsWith('file:')) appendFileSync(${JSON.stringify(file)}, url + '\\n')
      return next(url, context)
    }})`
  const list = async (): Promise<readonly string[]> => {
    const urls = (await readFile(file, 'utf8')).trim().split('\n')
    return [...new Set(urls)].map((url) => fileURLToPath(url))
  }
  return {
    env: {NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}`},
    list,
    async bytes() {
      const sizes = await Promise.all((await list()).map(async (loaded) => (await stat(loaded)).size))
      return sizes.reduce((sum, size) => sum + size, 0)
    },
    [Symbol.asyncDispose]: async () => rm(directory, {recursive: true}),
  }
}
