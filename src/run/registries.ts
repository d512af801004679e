import path from 'node:path'
import {keychain} from '../credentials/keychain.ts'
import type {DockerConfig} from '../credentials/docker-config.ts'
import type {Login} from '../credentials/login.ts'
import {isTooShortToMask} from '../errors/known-secrets.ts'
import {certificateDirectories, certificatesFor} from '../registry/certificates.ts'
import {registryClients} from '../registry/client.ts'
import type {CredentialLookup} from '../registry/auth/credentials.ts'
import {insecureRegistries} from '../registry/insecure.ts'
import {readable} from '../io/files.ts'
import {delayed} from '../io/timer.ts'
import type {Repository} from '../oci/reference.ts'
import type {RegistryClients} from '../registry/repository-client.ts'
import {childEnvironment, type Io} from '../io/io.ts'
import {configHomeOf} from './private-config.ts'
import {transferLog} from './transfer-log.ts'

/** Sources of credentials for registries. */
export interface RegistryUser {
  readonly logins: readonly Login[]
  readonly userConfig: DockerConfig
  /** Path of the user's Docker CLI configuration directory. */
  readonly userDirectory: string
  readonly pushedTo: readonly Repository[]
}

/** Registry clients of a run. */
export interface Registries extends Disposable {
  readonly clients: RegistryClients
  /** Returns clients that roll back changes after cancellation, within a fixed time. */
  readonly undoClients: () => RegistryClients
}

/**
 * Time that a request in progress has after cancellation. The runner kills a cancelled step after some seconds, and
 * child processes and credentials must be removed before that. But a PUT that is cut off could take effect after it was
 * rolled back.
 */
const requestGraceMs = 1_000
const undoMs = 2_500

/** Creates the clients, with the certificates and insecure hosts that the user and the engine configure. */
export async function openRegistries(user: RegistryUser, retries: number, io: Io): Promise<Registries> {
  const {environment, workflow, now} = io
  const files = readable(io.files)
  const configHome = configHomeOf(io)
  const mask = masking(workflow)
  const lookUp = keychain({...user, processes: io.processes, env: childEnvironment(io), onSecret: mask})
  const credentials: CredentialLookup = async (host) => {
    const found = await lookUp(host)
    // The form of a request header: a server that echoes the request would expose it in the log.
    if (found?.kind === 'basic' && !isTooShortToMask(found.password.reveal())) {
      mask(Buffer.from(`${found.username}:${found.password.reveal()}`).toString('base64'))
    }
    return found
  }
  const daemonFiles = ['/etc/docker/daemon.json', path.join(configHome, 'docker', 'daemon.json')]
  const listed = await Promise.all(daemonFiles.map(async (file) => insecureRegistries((await files.read(file)) ?? '')))
  const directories = certificateDirectories({configHome, dockerConfig: user.userDirectory})
  const bundle = environment['SSL_CERT_FILE'] ?? ''
  const onSent = transferLog((line) => {
    workflow.info(line)
  }, now)
  const open = (signal: AbortSignal, graceMs = 0): RegistryClients =>
    registryClients({
      http: io.http(graceMs === 0 ? signal : delayed(signal, graceMs)),
      credentials,
      pushedTo: user.pushedTo,
      tls: async (host) => certificatesFor(host, {directories, bundle}, files),
      insecure: (host) => listed.some((isInsecure) => isInsecure(host)),
      retries,
      timer: {...io.timer(signal), now},
      onRetry: (line) => {
        workflow.info(line)
      },
      onSent,
      secrets: {keep: mask, hide: workflow.hide},
      signal,
    })
  const clients = open(io.signal, requestGraceMs)
  let undo: RegistryClients | undefined
  return {
    clients,
    undoClients: () => (undo ??= open(AbortSignal.timeout(undoMs))),
    [Symbol.dispose]() {
      clients[Symbol.dispose]()
      undo?.[Symbol.dispose]()
    },
  }
}

/** Returns a function that masks each text once. */
function masking(workflow: Io['workflow']): (text: string) => void {
  const masked = new Set<string>()
  return (text) => {
    if (masked.has(text) || isTooShortToMask(text)) return
    masked.add(text)
    workflow.mask(text)
  }
}
