import path from 'node:path'
import type {Files} from '../io/files.ts'
import type {HttpTls} from '../io/http.ts'

/** Where certificates of registries are kept. */
export interface CertificateSources {
  /** Each with a folder for a host, in which `*.crt` are authorities, and `NAME.cert` with `NAME.key` is the client's own. */
  readonly directories: readonly string[]
  /** A file of further authorities for every host (`SSL_CERT_FILE`, which Go's programs heed and Node does not). */
  readonly bundle?: string
}

/**
 * The folders that Docker's tools know: the engine's (https://docs.docker.com/engine/security/certificates/), the one of an
 * engine without root, and Docker Desktop's, which is in the CLI's own configuration.
 */
export function certificateDirectories({
  configHome,
  dockerConfig,
}: {
  /** `$XDG_CONFIG_HOME` or `~/.config`. */
  readonly configHome: string
  /** `$DOCKER_CONFIG` or `~/.docker`. */
  readonly dockerConfig: string
}): readonly string[] {
  return ['/etc/docker/certs.d', path.join(configHome, 'docker', 'certs.d'), path.join(dockerConfig, 'certs.d')]
}

/**
 * What is kept for `host[:port]`, of the first folder that has anything for it. Undefined: nothing is, and what Node trusts is
 * what counts (NODE_EXTRA_CA_CERTS included).
 */
export async function certificatesFor(
  host: string,
  {directories, bundle}: CertificateSources,
  files: Pick<Files, 'list' | 'read'>,
): Promise<HttpTls | undefined> {
  const hostCertificates = await firstOf(directories, async (directory) =>
    readFolder(path.join(directory, host), files),
  )
  const shared = bundle === undefined || bundle === '' ? undefined : await files.read(bundle)
  const ca = [...(hostCertificates?.ca ?? []), ...(shared === undefined ? [] : [shared])]
  if (hostCertificates === undefined && ca.length === 0) return undefined
  return {...hostCertificates, ...(ca.length === 0 ? {} : {ca})}
}

async function firstOf<T>(
  items: readonly string[],
  find: (item: string) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const item of items) {
    const found = await find(item)
    if (found !== undefined) return found
  }
  return undefined
}

async function readFolder(folder: string, files: Pick<Files, 'list' | 'read'>): Promise<HttpTls | undefined> {
  const names = [...(await files.list(folder))].sort()
  const read = async (name: string): Promise<string | undefined> => files.read(path.join(folder, name))
  const authorities = await Promise.all(names.filter((name) => name.endsWith('.crt')).map(read))
  const ca = authorities.filter((text) => text !== undefined)
  const certificate = names.find((name) => name.endsWith('.cert') && names.includes(keyOf(name)))
  const [cert, key] = certificate === undefined ? [] : await Promise.all([certificate, keyOf(certificate)].map(read))
  // The engine's own key may be for the engine alone.
  const hasClientCertificate = cert !== undefined && key !== undefined
  if (ca.length === 0 && !hasClientCertificate) return undefined
  return {...(ca.length === 0 ? {} : {ca}), ...(hasClientCertificate ? {cert, key} : {})}
}

function keyOf(certificate: string): string {
  return certificate.replace(/\.cert$/, '.key')
}
