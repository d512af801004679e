import {execFile} from 'node:child_process'
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

/** Creates a certificate for 127.0.0.1 and localhost, with a P-256 key, in a folder. */
export async function makeCertificate(folder: string, commonName: string): Promise<CertificateFiles> {
  const {certificate, key} = certificateFiles(folder)
  const names = 'subjectAltName=IP:127.0.0.1,DNS:localhost'
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
