import {readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {fileURLToPath} from 'node:url'
import {field, parseJson} from '../src/oci/manifest.ts'

/**
 * Writes `src/verifying/public-trusted-root.ts` with the trusted root of the public instance of Sigstore, which the
 * package @sigstore/tuf contains. A test reports a file that is out of date after an update of the package.
 */
const root = path.resolve(import.meta.dirname, '..')
export const trustedRootFile = path.join(root, 'src', 'verifying', 'public-trusted-root.ts')

/** Text of the file for the installed version of the package. */
export async function renderTrustedRoot(): Promise<string> {
  const seeds = path.join(path.dirname(fileURLToPath(import.meta.resolve('@sigstore/tuf/package.json'))), 'seeds.json')
  const seed = field(parseJson(await readFile(seeds)), 'https://tuf-repo-cdn.sigstore.dev')
  const document = field(field(seed, 'targets'), 'trusted_root.json')
  if (typeof document !== 'string') throw new Error(`${seeds} does not contain the trusted root of the public instance`)
  const json = JSON.stringify(parseJson(Buffer.from(document, 'base64')), undefined, 2)
  return [
    '/**',
    ' * Trusted root of the public instance of Sigstore: https://github.com/sigstore/root-signing. Written by',
    ' * `node scripts/trusted-root.ts`, from the version in the package @sigstore/tuf.',
    ' */',
    `export const publicTrustedRoot = \`${json}\``,
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(trustedRootFile, await renderTrustedRoot())
