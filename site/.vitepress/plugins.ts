import {createReadStream, existsSync} from 'node:fs'
import path from 'node:path'
import type {Plugin} from 'vite'
import {licencesOf} from '../../scripts/playground/licences.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}

/** Serves the built playground during development. `npm run site` copies it beside the pages. */
export function playground(folder: string): Plugin {
  return {
    name: 'tagboat-playground',
    configureServer(server) {
      server.middlewares.use('/playground', (request, response, next) => {
        const name = (request.url ?? '/').replace(/[?#].*$/, '')
        const file = path.join(folder, name.endsWith('/') ? `${name}index.html` : name)
        if (!file.startsWith(folder) || !existsSync(file)) return next()
        response.setHeader('content-type', types[path.extname(file)] ?? 'application/octet-stream')
        createReadStream(file).pipe(response)
      })
    },
  }
}

/** Writes the licences of the packages in the pages. */
export function licencesOfSite(folder: string): Plugin {
  return {
    name: 'tagboat-licences',
    apply: 'build',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((file) =>
        file.type === 'chunk' ? Object.entries(file.modules) : [],
      )
      const files = modules.filter(([, {renderedLength}]) => renderedLength > 0).map(([id]) => id)
      this.emitFile({type: 'asset', fileName: 'licenses.txt', source: licencesOf(files, folder)})
    },
  }
}

/** Finds Vue for the pages, which are outside of the folder that has the packages. */
export function packagesOfSite(): Plugin {
  return {
    name: 'tagboat-packages',
    enforce: 'pre',
    async resolveId(id, importer, options) {
      if (!/^vue(?:$|\/)/.test(id) || importer?.includes('.md') !== true) return undefined
      return this.resolve(id, import.meta.filename, {...options, skipSelf: true})
    },
  }
}
