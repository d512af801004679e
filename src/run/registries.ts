import path from 'node:path'
import {keychain} from '../credentials/keychain.ts'
import type {DockerConfig} from '../credentials/docker-config.ts'
import type {Login} from '../credentials/login.ts'
import {loginName} from '../credentials/scoped-logins.ts'
import {TagboatError} from '../errors/error.ts'
import {isTooShortToMask} from '../errors/known-secrets.ts'
import {
  certificateDirectories,
  certificatePaths,
  certificatesFor,
  type CertificatePaths,
} from '../registry/certificates.ts'
import {registryClients, type HostClients} from '../registry/client.ts'
import type {CredentialLookup} from '../registry/auth/credentials.ts'
import {isLoopbackHost} from '../registry/hosts.ts'
import {engineRegistries, insecureRegistries, type EngineRegistries} from '../registry/insecure.ts'
import {readable} from '../io/files.ts'
import {delayed} from '../io/timer.ts'
import type {Repository} from '../oci/reference.ts'
import type {RegistryClients} from '../registry/repository-client.ts'
import {defaultPolicy} from '../registry/retry.ts'
import type {ServiceIo} from '../registry/vendors/service-io.ts'
import {childEnvironment, type Io} from '../io/io.ts'
import type {MintedCredentials} from './clouds.ts'
import {configHomeOf} from './private-config.ts'
import {RegistryLog} from './registry-log.ts'

/** Sources of credentials for registries. */
export interface RegistryUser {
  readonly logins: readonly Login[]
  readonly minted?: readonly MintedCredentials[]
  readonly userConfig: DockerConfig
  /** Path of the user's Docker CLI configuration directory. */
  readonly userDirectory: string
  readonly pushedTo: readonly Repository[]
  /** Number of requests that the run begins with, by host. Their connections are opened at the same time. Default: 1. */
  readonly firstRequests?: (host: string) => number
}

/** Registry clients of a run. */
export interface Registries extends Disposable {
  readonly clients: HostClients
  /** Requests to services of registries, such as a web API with another address. */
  readonly services: ServiceIo
  /** Returns clients that roll back changes after cancellation, within a fixed time. */
  readonly undoClients: () => RegistryClients
  /** Returns the paths of the certificates for `host[:port]`. */
  readonly certificates: (host: string) => Promise<CertificatePaths>
  /** Reports the registries that the Docker engine treats as insecure, and its mirrors. */
  readonly engine: () => Promise<EngineRegistries>
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
  const credentials = credentialsOf(user, mask, io)
  const {listed, engine} = await insecureOf(user, configHome, io)
  const directories = certificateDirectories({configHome, dockerConfig: user.userDirectory})
  const bundle = environment['SSL_CERT_FILE'] ?? ''
  const activity = registryLog(io)
  // Requests that are still in progress end with the clients, without a line in the log.
  const closing = new AbortController()
  const open = (runSignal: AbortSignal, graceMs = 0): HostClients => {
    const signal = AbortSignal.any([runSignal, closing.signal])
    return registryClients({
      http: io.http(graceMs === 0 ? runSignal : delayed(runSignal, graceMs)),
      credentials,
      login: (host, scope) => loginName([...user.logins, ...(user.minted ?? [])], host, scope),
      pushedTo: user.pushedTo,
      firstRequests: runSignal === io.signal ? user.firstRequests : undefined,
      tls: async (host) => certificatesFor(host, {directories, bundle}, files),
      insecure: (host) => listed.some((isInsecure) => isInsecure(host)),
      retries,
      timer: {...io.timer(signal), now},
      activity,
      secrets: {keep: mask, hide: workflow.hide},
      signal,
    })
  }
  const clients = open(io.signal, requestGraceMs)
  let services: ServiceIo | undefined
  let undo: RegistryClients | undefined
  return {
    clients,
    get services() {
      return (services ??= serviceIo({credentials, retries, activity, mask}, io))
    },
    certificates: async (host) => {
      const {ca, pair} = await certificatePaths(host, {directories, bundle}, files)
      // Node.js reads this file by itself.
      const extra = await certificatePaths(
        '',
        {directories: [], bundle: environment['NODE_EXTRA_CA_CERTS'] ?? ''},
        files,
      )
      return {ca: [...ca, ...extra.ca], pair}
    },
    engine,
    undoClients: () => (undo ??= open(AbortSignal.timeout(undoMs))),
    [Symbol.dispose]() {
      closing.abort(new TagboatError('cancelled', {evidence: ['the registry clients were closed']}))
      clients[Symbol.dispose]()
      services?.http[Symbol.dispose]()
      undo?.[Symbol.dispose]()
      activity[Symbol.dispose]()
    },
  }
}

interface ServiceRequest {
  readonly credentials: CredentialLookup
  readonly retries: number
  readonly activity: RegistryLog
  readonly mask: (text: string) => void
}

function serviceIo({credentials, retries, activity, mask}: ServiceRequest, io: Io): ServiceIo {
  const {signal, now, workflow} = io
  return {
    http: io.http(signal),
    credentials,
    retrier: {policy: {...defaultPolicy, retries}, timer: {...io.timer(signal), now}, activity, signal},
    secrets: {keep: mask, hide: workflow.hide},
  }
}

function credentialsOf(user: RegistryUser, mask: (text: string) => void, io: Io): CredentialLookup {
  const lookUp = keychain({...user, processes: io.processes, env: childEnvironment(io), onSecret: mask})
  return async (host, use) => {
    const found = await lookUp(host, use)
    // The form of a request header: a server that echoes the request would expose it in the log.
    if (found?.kind === 'basic' && !isTooShortToMask(found.password.reveal())) {
      mask(Buffer.from(`${found.username}:${found.password.reveal()}`).toString('base64'))
    }
    return found
  }
}

function registryLog({workflow, now, every}: Io): RegistryLog {
  return new RegistryLog({
    write: (line) => {
      workflow.info(line)
    },
    now: () => now().getTime(),
    every,
  })
}

interface InsecureHosts {
  /** Predicates of the sources of this run. */
  readonly listed: readonly ((host: string) => boolean)[]
  /** Registries in the settings of the engine and in the files of this machine. */
  readonly engine: () => Promise<EngineRegistries>
}

/** Reads the insecure registries of this machine. The engine is queried once, when it is needed. */
async function insecureOf({pushedTo}: RegistryUser, configHome: string, io: Io): Promise<InsecureHosts> {
  const files = readable(io.files)
  const daemonFiles = ['/etc/docker/daemon.json', path.join(configHome, 'docker', 'daemon.json')]
  const listed = await Promise.all(daemonFiles.map(async (file) => insecureRegistries((await files.read(file)) ?? '')))
  let asked: Promise<EngineRegistries> | undefined
  const ask = async (): Promise<EngineRegistries> => (asked ??= askEngine(io))
  if (pushedTo.some(({host}) => mayBeInsecure(host))) listed.push((await ask()).isInsecure)
  return {
    listed,
    engine: async () => {
      const {isInsecure, mirrors} = await ask()
      return {mirrors, isInsecure: (host) => isInsecure(host) || listed.some((known) => known(host))}
    },
  }
}

/**
 * Reports whether a host looks like a private registry: an address, or a name with a port. The engine is
 * queried only for these, since that takes time, and a promote does not need it.
 */
function mayBeInsecure(host: string): boolean {
  return !isLoopbackHost(host) && /:\d+$|^\[|^\d+(?:\.\d+){3}$/.test(host)
}

/** Registries of the engine of the Docker CLI; none without an engine. */
async function askEngine(io: Io): Promise<EngineRegistries> {
  const args = ['info', '--format', '{{json .RegistryConfig}}']
  try {
    const {stdout} = await io.processes.capture({file: 'docker', args, env: childEnvironment(io)})
    return engineRegistries(stdout)
  } catch (error) {
    if (io.signal.aborted) throw error
    return engineRegistries('')
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
