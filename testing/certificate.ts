import {execFile} from 'node:child_process'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {missing} from './missing.ts'

const run = promisify(execFile)

export interface CertificateFiles {
  /** Path of the self-signed certificate (PEM). */
  readonly certificate: string
  readonly key: string
}

export function certificateFiles(folder: string): CertificateFiles {
  return {certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem')}
}

/** Creates a certificate with a P-256 key in a folder. Default: for 127.0.0.1 and localhost. */
export async function makeCertificate(
  folder: string,
  commonName: string,
  alternatives = 'IP:127.0.0.1,DNS:localhost',
): Promise<CertificateFiles> {
  const {certificate, key} = certificateFiles(folder)
  const names = `subjectAltName=${alternatives}`
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const named = ['-subj', `/CN=${commonName}`, '-addext', names]
  const files = ['-keyout', key, '-out', certificate]
  await run('openssl', ['req', '-x509', ...curve, '-nodes', '-days', '2', ...named, ...files]).catch(
    (error: unknown) => {
      throw missing('openssl', error)
    },
  )
  return {certificate, key}
}

/** Creates a certificate for 127.0.0.1 in a folder that expired in 2020. */
export async function makeExpiredCertificate(folder: string, commonName: string): Promise<CertificateFiles> {
  const {certificate, key} = await makeCertificate(folder, commonName)
  const configuration = join(folder, 'ca.conf')
  const request = join(folder, 'request.pem')
  await writeFile(join(folder, 'index.txt'), '')
  await writeFile(
    configuration,
    [
      ...['[ca]', 'default_ca = own', '[own]', `database = ${folder}/index.txt`, `new_certs_dir = ${folder}`],
      ...['default_md = sha256', 'policy = names', 'rand_serial = yes', 'copy_extensions = copy'],
      ...['[names]', 'commonName = supplied', ''],
    ].join('\n'),
  )
  await run('openssl', [
    'x509',
    '-x509toreq',
    '-copy_extensions',
    'copy',
    '-in',
    certificate,
    '-key',
    key,
    '-out',
    request,
  ])
  const dates = ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z']
  const files = ['-in', request, '-keyfile', key, '-out', certificate]
  await run('openssl', ['ca', '-batch', '-selfsign', '-notext', '-config', configuration, ...dates, ...files])
  return {certificate, key}
}
