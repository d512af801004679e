import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {copyFile, mkdir, writeFile, readFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import path from 'node:path'
import {gunzipSync} from 'node:zlib'
import {projectRoot} from './runner.ts'

/** Versions of the packages in an image to scan; a package without a version is left out. */
interface Packages {
  readonly openssl?: string
  readonly tar?: string
}

/** Files of an image with the package database of Debian 12. */
function debian(root: string, {openssl, tar}: Packages): Readonly<Record<string, readonly string[]>> {
  const entry = (name: string, version: string | undefined): readonly string[] =>
    version === undefined
      ? []
      : [`Package: ${name}`, 'Status: install ok installed', `Version: ${version}`, 'Architecture: all', '']
  return {
    [`${root}/etc/os-release`]: [
      'ID=debian',
      'VERSION_ID="12"',
      'VERSION_CODENAME=bookworm',
      'NAME="Debian GNU/Linux"',
    ],
    [`${root}/etc/debian_version`]: ['12.8'],
    [`${root}/var/lib/dpkg/status`]: [...entry('openssl', openssl), ...entry('tar', tar)],
  }
}

/**
 * Files of a workspace whose images have known vulnerabilities. The build argument `SYSTEM` selects the packages of Debian:
 * `vulnerable` has CVE-2024-5535 on amd64 only, which is fixed in `fixed`; both have CVE-2005-2541, which has no fix.
 * `LODASH` is the version of a package of npm.
 */
export const scannedFiles: Readonly<Record<string, string | readonly string[]>> = {
  Dockerfile: [
    'FROM scratch',
    'ARG SYSTEM=vulnerable TARGETARCH',
    'COPY ${SYSTEM}/${TARGETARCH} /',
    'ARG LODASH=4.17.21',
    'COPY lodash-${LODASH} /app/node_modules/lodash',
  ],
  ...debian('vulnerable/amd64', {openssl: '3.0.11-1~deb12u2', tar: '1.34+dfsg-1.2+deb12u1'}),
  ...debian('vulnerable/arm64', {tar: '1.34+dfsg-1.2+deb12u1'}),
  ...debian('fixed/amd64', {openssl: '3.0.15-1~deb12u1', tar: '1.34+dfsg-1.2+deb12u1'}),
  ...debian('fixed/arm64', {tar: '1.34+dfsg-1.2+deb12u1'}),
  ...Object.fromEntries(
    ['4.17.11', '4.17.20', '4.17.21'].map((version) => [
      `lodash-${version}/package.json`,
      JSON.stringify({name: 'lodash', version, license: 'MIT'}),
    ]),
  ),
}

const fixtures = path.join(projectRoot, '__tests__', 'fixtures', 'vulnerability-database')

/** Writes the database for GRYPE_DB_CACHE_DIR, which `testing/vulnerability-database` has made. */
export async function writeDatabase(directory: string): Promise<void> {
  const folder = path.join(directory, '6')
  await mkdir(folder, {recursive: true})
  const packed = await readFile(path.join(fixtures, 'vulnerability.db.gz'))
  await writeFile(path.join(folder, 'vulnerability.db'), gunzipSync(packed))
  await copyFile(path.join(fixtures, 'import.json'), path.join(folder, 'import.json'))
}

/** Server of databases for Grype. */
export interface DatabaseServer extends AsyncDisposable {
  /** Address whose listing fails. */
  readonly broken: string
  /** Address with the database. */
  readonly working: string
  readonly requests: readonly string[]
}

/** Serves the database in `directory` as Grype downloads it: a listing, and an archive with its checksum. */
export async function serveDatabase(directory: string): Promise<DatabaseServer> {
  const archive = execFileSync('tar', ['-czf', '-', '-C', path.join(directory, '6'), 'vulnerability.db'])
  const checksum = `sha256:${createHash('sha256').update(archive).digest('hex')}`
  const built = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const listing = {status: 'active', schemaVersion: 'v6.1.10', built, path: 'database.tar.gz', checksum}
  const requests: string[] = []
  const server = createServer(({url = ''}, response) => {
    requests.push(url)
    if (url === '/working/v6/latest.json') response.end(JSON.stringify(listing))
    else if (url.startsWith('/working/v6/database.tar.gz')) response.end(archive)
    else response.writeHead(url.startsWith('/broken/') ? 503 : 404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  return {
    broken: `http://127.0.0.1:${port}/broken`,
    working: `http://127.0.0.1:${port}/working`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
