import {copyFile, mkdir, writeFile, readFile} from 'node:fs/promises'
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
