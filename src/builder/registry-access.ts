import type {RegistrySettings} from './buildkitd-config.ts'
import {contextImages, repositoryOfImage} from '../buildx/base-images.ts'
import type {Inputs} from '../inputs/inputs.ts'
import {parseOutput} from '../inputs/syntax/output-entry.ts'
import {dockerHub, type Repository} from '../oci/reference.ts'
import type {CertificatePaths} from '../registry/certificates.ts'
import {isLoopbackHost} from '../registry/hosts.ts'
import type {EngineRegistries} from '../registry/insecure.ts'

/** Sources of the image names that a build reads or writes. */
interface BuildImages {
  readonly inputs: Pick<Inputs, 'build' | 'builder'>
  readonly pushedTo: readonly Repository[]
  /** Names of the images that the Dockerfile reads. */
  readonly baseImages: readonly string[]
}

/** Hosts of the registries of a build, without duplicates: of images, caches, base images, contexts and mirrors. */
export function registryHosts({inputs, pushedTo, baseImages}: BuildImages): readonly string[] {
  const {build, builder} = inputs
  const images = [...baseImages, ...contextImages(build), ...[...build.cacheFrom, ...build.cacheTo].flatMap(cacheImage)]
  const hosts = images.map((image) => repositoryOfImage(image)?.host).filter((host) => host !== undefined)
  const mirrors = builder.mirrors.map(({location}) => location.split('/', 1)[0] ?? location)
  return [...new Set([...pushedTo.map(({host}) => host), ...hosts, ...mirrors])]
}

/** Image of a registry cache: `user/app:cache`, or `type=registry,ref=user/app:cache`. */
function cacheImage(cache: string): readonly string[] {
  if (!/[=,]/.test(cache)) return [cache]
  const parsed = parseOutput(cache)
  const ref = parsed.ok && parsed.entry.type === 'registry' ? parsed.entry.fields.get('ref') : undefined
  return ref === undefined ? [] : [ref]
}

/** Facts about registries on this machine. */
interface RegistryFacts {
  readonly engine: EngineRegistries
  readonly certificates: (host: string) => Promise<CertificatePaths>
  /** Scheme in which a registry responds; undefined if it does not respond. */
  readonly scheme: (host: string) => Promise<'http' | 'https' | undefined>
  /** Text of `/etc/hosts`. */
  readonly hostsFile: string
}

/** Settings that a BuildKit in a container needs to reach the registries that this machine and its engine reach. */
export interface RegistryAccess {
  readonly registries: readonly RegistrySettings[]
  /** Hosts that only the network of this machine reaches: loopback addresses, and names of `/etc/hosts`. */
  readonly localHosts: readonly string[]
}

/**
 * Derives the settings of a new builder from those of the engine: insecure registries, certificates, mirrors of Docker
 * Hub, and registries that only the network of this machine reaches.
 */
export async function registryAccess(hosts: readonly string[], facts: RegistryFacts): Promise<RegistryAccess> {
  const {engine, hostsFile} = facts
  const mirrors = hosts.includes(dockerHub.name) ? engine.mirrors.flatMap(mirrorOf) : []
  const all = [...new Set([...hosts, ...mirrors.map(({host}) => host)])]
  const settings = await Promise.all(all.map(async (host) => settingsOf(host, facts)))
  const plain = mirrors.flatMap(({host, http}) => (http ? [host] : []))
  const known = settings.map((one) => (plain.includes(one.host) ? {...one, http: true} : one))
  const hub: RegistrySettings = {host: dockerHub.name, mirrors: mirrors.map(({host}) => host)}
  const named = namesIn(hostsFile)
  return {
    registries: merged([...known, ...(mirrors.length > 0 ? [hub] : [])]),
    localHosts: all.filter((host) => isLoopbackHost(host) || named.has(nameOf(host))),
  }
}

async function settingsOf(host: string, {engine, certificates, scheme}: RegistryFacts): Promise<RegistrySettings> {
  const isTrusted = isLoopbackHost(host) || engine.isInsecure(host)
  const [{ca, pair}, found] = await Promise.all([certificates(host), isTrusted ? scheme(host) : undefined])
  const isPlain = isTrusted && found !== 'https'
  return {
    host,
    // By default, BuildKit uses plain HTTP on loopback, and HTTPS elsewhere.
    ...(isTrusted && isPlain !== isLoopbackHost(host) ? {http: isPlain} : {}),
    ...(isTrusted && !isPlain && ca.length === 0 ? {insecure: true as const} : {}),
    ...(ca.length > 0 ? {ca} : {}),
    ...(pair === undefined ? {} : {keypair: [pair]}),
  }
}

/** Merges the settings of each host, since Docker Hub may have two. Hosts without a setting are left out. */
function merged(settings: readonly RegistrySettings[]): readonly RegistrySettings[] {
  const byHost = new Map<string, RegistrySettings>()
  for (const one of settings) byHost.set(one.host, {...byHost.get(one.host), ...one})
  return [...byHost.values()].filter((one) => Object.keys(one).length > 1)
}

interface EngineMirror {
  readonly host: string
  readonly http: boolean
}

function mirrorOf(address: string): readonly EngineMirror[] {
  if (!URL.canParse(address)) return []
  const {protocol, host} = new URL(address)
  return host === '' ? [] : [{host, http: protocol === 'http:' && !isLoopbackHost(host)}]
}

/** Names that a hosts file lists (hosts(5)). */
function namesIn(hostsFile: string): ReadonlySet<string> {
  const lines = hostsFile.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
  return new Set(lines.flatMap(([, ...names]) => names.map((name) => name.toLowerCase())))
}

function nameOf(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase()
}
