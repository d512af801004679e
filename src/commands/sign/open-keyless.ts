import path from 'node:path'
import {TagboatError} from '../../errors/error.ts'
import type {SignInputs} from '../../inputs/sign-inputs.ts'
import {workspace, type Io} from '../../io/io.ts'
import {parseJson} from '../../oci/manifest.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import {defaultPolicy} from '../../registry/retry.ts'
import type {Signer} from '../../signing/signer.ts'
import type {SigstoreIo} from '../../sigstore/ask.ts'
import {keylessSigner, requireIdentity} from '../../sigstore/keyless-signer.ts'
import {publicServices, type SigstoreServices} from '../../sigstore/services.ts'
import {parseSigningConfig} from '../../sigstore/signing-config.ts'
import {certificateVerifier} from '../../verifying/certificates.ts'
import {publicTrustedRoot} from '../../verifying/public-trusted-root.ts'

/**
 * Opens the signer with the identity of this job. It requests an ID token, and nothing else yet. A dry run checks only
 * that the job may request one.
 * @throws TagboatError `sign-identity-missing`, `sign-log-public`, `oidc-failed`
 */
export async function openKeyless(sign: SignInputs, {inputs, context}: Prepared, io: Io): Promise<Signer | undefined> {
  const sigstoreIo = sigstoreIoFor(inputs.publish.retries, io)
  requireIdentity(sigstoreIo)
  if (inputs.publish.dryRun) return undefined
  const {log, config} = sign
  const services = config === undefined ? publicServices : servicesIn(config, io)
  const roots = inputs.verify?.trustedRoots ?? [parseJson(Buffer.from(publicTrustedRoot))]
  return keylessSigner(
    {
      services: log === 'none' ? {...services, log: undefined} : services,
      certificates: certificateVerifier(roots),
      serverUrl: context.server.url,
      trustFile: inputs.verify?.trustFile,
      mayPublish: log === 'public',
    },
    sigstoreIo,
  )
}

function servicesIn(config: unknown, io: Io): SigstoreServices {
  const services = parseSigningConfig(config, io.now())
  if (typeof services === 'string')
    throw new TagboatError('input-invalid', {evidence: [`sigstore-config: ${services}.`]})
  return services
}

/** Retries in addition to `retries`: the public services are away for longer than registries. */
const moreRetries = 2

/** Side effects of requests to Sigstore. */
export function sigstoreIoFor(retries: number, io: Io): SigstoreIo {
  const {signal, workflow} = io
  return {
    http: io.http(signal),
    retrier: {
      policy: {...defaultPolicy, retries: retries + moreRetries, maxMs: 60_000},
      timer: {...io.timer(signal), now: io.now},
      activity: {
        request: () => () => undefined,
        retry: (line: string) => {
          workflow.info(line)
        },
      },
      signal,
    },
    secrets: {
      keep: (secret: string) => {
        workflow.mask(secret)
      },
      hide: workflow.hide,
    },
    environment: io.environment,
    readFile: async (file: string) => io.files.read(path.resolve(workspace(io), file)),
  }
}
