import path from 'node:path'
import {readEventFile} from '../../context/payload.ts'
import {TagboatError} from '../../errors/error.ts'
import type {SignInputs} from '../../inputs/sign-inputs.ts'
import {workspace, type Io} from '../../io/io.ts'
import {field} from '../../oci/manifest.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import {defaultPolicy} from '../../registry/retry.ts'
import type {Signer} from '../../signing/signer.ts'
import type {SigstoreIo} from '../../sigstore/ask.ts'
import {
  keylessSigner,
  requireIdentity,
  requirePrivacy,
  type RepositoryVisibility,
} from '../../sigstore/keyless-signer.ts'
import {publicServices, type SigstoreServices} from '../../sigstore/services.ts'
import {parseSigningConfig} from '../../sigstore/signing-config.ts'
import {certificateVerifierFor} from '../verify/certificate-verifier.ts'

/**
 * Opens the signer with the identity of this job. It requests an ID token, and nothing else yet. A dry run checks only
 * that the job may request one, and whether the event describes a private repository.
 * @throws TagboatError `sign-identity-missing`, `sign-log-public`, `oidc-failed`
 */
export async function openKeyless(sign: SignInputs, {inputs, context}: Prepared, io: Io): Promise<Signer | undefined> {
  const sigstoreIo = sigstoreIoFor(inputs.publish.retries, io)
  requireIdentity(sigstoreIo)
  const {log, config} = sign
  const written = config === undefined ? publicServices : servicesIn(config, io)
  const services = log === 'none' ? {...written, log: undefined} : written
  const mayPublish = log === 'public'
  if (inputs.publish.dryRun) {
    const repository = await repositoryOfEvent(io)
    if (repository !== undefined) requirePrivacy(repository, {services, mayPublish})
    return undefined
  }
  return keylessSigner(
    {
      services,
      certificates: await certificateVerifierFor(inputs.verify?.trustedRoots),
      serverUrl: context.server.url,
      trustFile: inputs.verify?.trustFile,
      mayPublish,
    },
    sigstoreIo,
  )
}

/** Repository that the event describes. Undefined if it does not state whether that is public. */
async function repositoryOfEvent({environment, files}: Io): Promise<RepositoryVisibility | undefined> {
  const {payload} = await readEventFile(environment['GITHUB_EVENT_PATH'], files)
  const repository = field(payload, 'repository')
  const [name, stated, isPrivate] = ['full_name', 'visibility', 'private'].map((one) => field(repository, one))
  const visibility = typeof stated === 'string' ? stated : {true: 'private', false: 'public'}[String(isPrivate)]
  return typeof name === 'string' && visibility !== undefined ? {repository: name, visibility} : undefined
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
