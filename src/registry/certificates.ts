import path from 'node:path'
import type {Files} from '../io/files.ts'
import type {HttpTls} from '../io/http.ts'

/** Locations of certificates of registries. */
interface CertificateSources {
  /**
   * Directories with a folder per host: `*.crt` are authorities, `NAME.cert` with `NAME.key` is a client certificate.
   */
  readonly directories: readonly string[]
  /**
   * File with additional authorities for all hosts (`SSL_CERT_FILE`, which programs in Go support and Node.js does
   * not).
   */
  readonly bundle?: string
}

/**
 * Certificate directories of Docker's tools: that of the engine
 * (https://docs.docker.com/engine/security/certificates/), of a rootless engine, and of Docker Desktop, which is in the
 * configuration directory of the CLI.
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
 * Reads the certificates for `host[:port]` from the first folder that has any. Undefined without certificates: then the
 * authorities of Node.js apply (NODE_EXTRA_CA_CERTS included).
 */
export async function certificatesFor(
  host: string,
  {directories, bundle}: CertificateSources,
  files: Pick<Files, 'list' | 'read'>,
): Promise<HttpTls | undefined> {
  const hostCertificates = await hostFiles(host, directories, files)
  const shared = bundle === undefined || bundle === '' ? undefined : await files.read(bundle)
  const ca = [...(hostCertificates?.ca ?? []).map(({text}) => text), ...(shared === undefined ? [] : [shared])]
  const pair = hostCertificates?.pair
  if (pair === undefined && ca.length === 0) return undefined
  return {...(pair && {cert: pair.cert.text, key: pair.key.text}), ...(ca.length === 0 ? {} : {ca})}
}

/** Paths of certificates. */
export interface CertificatePaths {
  readonly ca: readonly string[]
  readonly pair: {readonly cert: string; readonly key: string} | undefined
}

/** Paths of the certificates for `host[:port]`, in the order of `certificatesFor`. Unreadable files are left out. */
export async function certificatePaths(
  host: string,
  {directories, bundle}: CertificateSources,
  files: Pick<Files, 'list' | 'read'>,
): Promise<CertificatePaths> {
  const found = await hostFiles(host, directories, files)
  const isShared = bundle !== undefined && bundle !== '' && (await files.read(bundle)) !== undefined
  const pair = found?.pair
  return {
    ca: [...(found?.ca ?? []).map(({file}) => file), ...(isShared ? [bundle] : [])],
    pair: pair && {cert: pair.cert.file, key: pair.key.file},
  }
}

async function hostFiles(
  host: string,
  directories: readonly string[],
  files: Pick<Files, 'list' | 'read'>,
): Promise<HostFiles | undefined> {
  return firstOf(directories, async (directory) => readFolder(path.join(directory, host), files))
}

interface ReadFile {
  readonly file: string
  readonly text: string
}

interface HostFiles {
  readonly ca: readonly ReadFile[]
  readonly pair: {readonly cert: ReadFile; readonly key: ReadFile} | undefined
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

async function readFolder(folder: string, files: Pick<Files, 'list' | 'read'>): Promise<HostFiles | undefined> {
  const names = [...(await files.list(folder))].sort()
  const read = async (name: string): Promise<ReadFile | undefined> => {
    const file = path.join(folder, name)
    const text = await files.read(file)
    return text === undefined ? undefined : {file, text}
  }
  const authorities = await Promise.all(names.filter((name) => name.endsWith('.crt')).map(read))
  const ca = authorities.filter((one) => one !== undefined)
  const certificate = names.find((name) => name.endsWith('.cert') && names.includes(keyOf(name)))
  const [cert, key] = certificate === undefined ? [] : await Promise.all([certificate, keyOf(certificate)].map(read))
  // The key of the engine may be readable for the engine only.
  const pair = cert !== undefined && key !== undefined ? {cert, key} : undefined
  return ca.length === 0 && pair === undefined ? undefined : {ca, pair}
}

function keyOf(certificate: string): string {
  return certificate.replace(/\.cert$/, '.key')
}
