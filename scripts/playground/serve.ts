import {createReadStream, existsSync, statSync} from 'node:fs'
import {createServer} from 'node:http'
import path from 'node:path'

/** Running server of a folder. */
export interface FolderServer {
  readonly url: string
  /** Paths of the requests so far. */
  readonly requested: readonly string[]
  close(): Promise<void>
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
}

/** Serves the files of a folder on the loopback interface, as a static host does. Port 0 is any free port. */
export async function serveFolder(folder: string, port = 0): Promise<FolderServer> {
  const requested: string[] = []
  const server = createServer((request, response) => {
    const {pathname} = new URL(request.url ?? '/', 'http://localhost')
    requested.push(pathname)
    const found = fileOf(folder, decodeURIComponent(pathname))
    const file = found ?? path.join(folder, '404.html')
    if (!existsSync(file)) {
      response.writeHead(404).end()
      return
    }
    const type = types[path.extname(file)] ?? 'application/octet-stream'
    response.writeHead(found === undefined ? 404 : 200, {'content-type': type, 'cache-control': 'no-cache'})
    createReadStream(file).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address()
  const used = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://127.0.0.1:${used}/`,
    requested,
    close: async () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

/** File for the path of an address. The extension of a page may be left out, as at GitHub Pages. */
function fileOf(folder: string, pathname: string): string | undefined {
  const name = pathname.endsWith('/') ? `${pathname}index.html` : pathname
  return [name, `${name}.html`]
    .map((one) => path.join(folder, one))
    .find((file) => file.startsWith(folder + path.sep) && existsSync(file) && statSync(file).isFile())
}
