import {cloudVendor} from '../../oci/cloud-vendor.ts'
import {dockerHub} from '../../oci/reference.ts'
import type {YamlEntry, YamlItem} from '../syntax/yaml-item.ts'
import type {YamlList} from '../syntax/yaml-list.ts'
import {bareProvider, itemFormats} from './identity-formats.ts'
import type {Identity} from './identity.ts'

/** Kind of identity that an item of `registry-auth` may have. */
interface Kind {
  /** Value of the key `type` in docker/github-builder. */
  readonly type?: string
  /** Keys that the identity needs. The first one names the kind in messages. */
  readonly needs: readonly [string, ...string[]]
  /** Keys that it may have. */
  readonly may: readonly string[]
  /** Whether the registry can be of the vendor. */
  readonly isFor: (host: string, keys: ReadonlyMap<string, string>) => boolean
  /** Identity with valid values. */
  readonly read: (keys: ReadonlyMap<string, string>) => Identity
}

/** Registries for which Docker Hub issues tokens: https://docs.docker.com/enterprise/security/oidc-connections/ */
const hubHosts: readonly string[] = [dockerHub.name, 'dhi.io']

const kinds: readonly Kind[] = [
  {
    type: 'aws-ecr',
    needs: ['aws-role'],
    may: ['aws-region', 'role-session-name', 'role-duration-seconds', 'audience'],
    // The region is not a part of another name.
    isFor: (host, keys) => cloudVendor(host) === 'aws' || keys.has('aws-region'),
    read: (keys) => ({
      vendor: 'aws',
      region: keys.get('aws-region'),
      identity: {
        kind: 'role',
        role: keys.get('aws-role') ?? '',
        audience: keys.get('audience'),
        sessionName: keys.get('role-session-name'),
        sessionSeconds: numberOf(keys.get('role-duration-seconds')),
      },
    }),
  },
  {
    type: 'gcp-wif',
    needs: ['gcp-workload-identity-provider'],
    may: ['gcp-service-account', 'audience', 'project-id'],
    isFor: (host) => cloudVendor(host) === 'google',
    read: (keys) => ({
      vendor: 'google',
      identity: {
        provider: bareProvider(keys.get('gcp-workload-identity-provider') ?? ''),
        serviceAccount: keys.get('gcp-service-account'),
        audience: keys.get('audience'),
      },
    }),
  },
  {
    needs: ['azure-client-id', 'azure-tenant-id'],
    may: ['audience', 'subscription-id'],
    isFor: (host) => cloudVendor(host) === 'azure',
    read: (keys) => ({
      vendor: 'azure',
      identity: {
        clientId: keys.get('azure-client-id') ?? '',
        tenantId: keys.get('azure-tenant-id') ?? '',
        audience: keys.get('audience'),
      },
    }),
  },
  {
    type: 'dockerhub',
    needs: ['dockerhub-connection-id', 'username'],
    may: [],
    isFor: (host) => hubHosts.includes(host),
    read: (keys) => ({
      vendor: 'docker-hub',
      identity: {connectionId: keys.get('dockerhub-connection-id') ?? '', username: keys.get('username') ?? ''},
    }),
  },
  {
    needs: ['robot'],
    may: ['audience'],
    // Quay and JFrog run under any name.
    isFor: (host) => !hubHosts.includes(host),
    read: (keys) => ({vendor: 'quay', identity: {robot: keys.get('robot') ?? '', audience: keys.get('audience')}}),
  },
  {
    needs: ['provider-name'],
    may: ['project-key', 'identity-mapping-name', 'audience', 'platform'],
    isFor: (host) => !hubHosts.includes(host),
    read: (keys) => ({
      vendor: 'jfrog',
      identity: {
        providerName: keys.get('provider-name') ?? '',
        projectKey: keys.get('project-key'),
        mappingName: keys.get('identity-mapping-name'),
        audience: keys.get('audience'),
        platform: keys.get('platform'),
      },
    }),
  },
]

/** Keys of items with an identity. */
export const identityKeys: readonly string[] = [
  ...new Set(kinds.flatMap(({needs, may}) => [...needs, ...may]).filter((key) => key !== 'username')),
  'type',
]

/** Names of these keys in other actions. */
export const otherNames: ReadonlyMap<string, string> = new Map([
  ['role-to-assume', 'aws-role'],
  ['region', 'aws-region'],
  ['workload-identity-provider', 'gcp-workload-identity-provider'],
  ['service-account', 'gcp-service-account'],
  ['client-id', 'azure-client-id'],
  ['tenant-id', 'azure-tenant-id'],
  ['connection-id', 'dockerhub-connection-id'],
  ['oidc-provider-name', 'provider-name'],
  ['oidc-audience', 'audience'],
])

/** Result for an item: its identity, or the keys without which it has none. */
type ItemResult = {readonly identity: Identity} | {readonly emptyKeys: readonly string[]} | undefined

/** Item of `registry-auth`, with the host that it is for. */
export interface HostItem extends YamlItem {
  readonly host: string
}

/**
 * Reads the identity of an item. Undefined if it has none, or a wrong one, which is a problem. No message quotes a value,
 * which may be a secret in the wrong place.
 */
export function readItemIdentity(item: HostItem, list: YamlList): ItemResult {
  const entries = entriesOf(item, list)
  const given = entries.filter(({key}) => key !== 'username' && key !== 'password' && key !== 'aws-region')
  if (given.length === 0) return undefined
  const kind = kindOf(entries, list, item)
  if (kind === undefined) return {emptyKeys: []}
  const missing = kind.needs.filter((key) => !entries.some((one) => one.key === key))
  for (const key of missing) list.problem(item.place, `the item has no ${key}`, `Add ${key} to ${kind.needs[0]}.`)
  if (!areAllowed(entries, kind, list) || missing.length > 0) return {emptyKeys: []}
  const emptyKeys = entries.flatMap(({key, name, text}) => (kind.needs.includes(key) && text === '' ? [name] : []))
  if (emptyKeys.length > 0) return {emptyKeys}
  const keys = new Map(entries.flatMap(({key, text}) => (text === '' ? [] : [[key, text] as const])))
  const isValid = entries.map((entry) => checkFormat(entry, list)).every(Boolean)
  if (isValid && kind.isFor(item.host, keys)) return {identity: kind.read(keys)}
  if (isValid) list.problem(item.place, `${kind.needs[0]} is not for this registry`, hostRemedy(kind))
  return {emptyKeys: []}
}

interface Entry extends YamlEntry {
  readonly key: string
}

function entriesOf({map}: YamlItem, list: YamlList): readonly Entry[] {
  return [...identityKeys, 'username', 'password'].flatMap((key) => {
    const entry = list.entry(map, key)
    return entry === undefined || (key === 'password' && entry.text === '') ? [] : [{key, ...entry}]
  })
}

/** The only kind whose first key the item has; undefined, with a problem, if there is not exactly one. */
function kindOf(entries: readonly Entry[], list: YamlList, item: HostItem): Kind | undefined {
  const first = kinds.flatMap((kind) => {
    const entry = entries.find(({key}) => kind.needs.includes(key) && key !== 'username')
    return entry === undefined ? [] : [{kind, entry}]
  })
  const [one, other] = first
  const type = entries.find(({key}) => key === 'type')
  if (other !== undefined) {
    const names = first.map(({entry}) => entry.name).join(' and ')
    list.problem(other.entry.place, `the item has two identities: ${names}`, 'Write one item for each registry.')
    return undefined
  }
  if (one === undefined) {
    const [alone] = entries.filter(({key}) => key !== 'username' && key !== 'password')
    const firsts = kinds.map(({needs}) => needs[0]).join(', ')
    list.problem(alone?.place ?? item.place, `${alone?.name ?? 'the item'} has no identity`, `Add one of: ${firsts}.`)
    return undefined
  }
  if (type === undefined || type.text === one.kind.type) return one.kind
  const known = kinds.flatMap(({type: name}) => (name === undefined ? [] : [name])).join(', ')
  const remedy = `Remove type: ${one.entry.name} says the same. In docker/github-builder, it is one of: ${known}.`
  list.problem(type.place, `type and ${one.entry.name} are for different registries`, remedy)
  return undefined
}

/** Keys that other actions need, and these identities do not. */
const needless: readonly string[] = ['project-id', 'subscription-id']

function areAllowed(entries: readonly Entry[], {needs, may}: Kind, list: YamlList): boolean {
  const allowed = [...needs, ...may, 'type']
  const wrong = entries.filter(({key, text}) => !allowed.includes(key) && (key !== 'username' || text !== ''))
  for (const {name, place} of wrong)
    list.problem(place, `${name} does not belong to ${needs[0]}`, 'Write one way to log in for each item.')
  for (const {key, name, place} of entries)
    if (needless.includes(key) && wrong.length === 0) list.notice(place, `${name} is not needed`)
  return wrong.length === 0
}

function checkFormat({key, name, text, place}: Entry, list: YamlList): boolean {
  const format = itemFormats[key]
  if (format === undefined || text === '' || format.isValid(text)) return true
  list.problem(place, `the value of ${name} is ${format.reason}`, format.remedy)
  return false
}

function hostRemedy({needs}: Kind): string {
  const other = needs[0] === 'aws-role' ? ' For another name of a registry of Amazon ECR, add aws-region.' : ''
  return `Check the spelling of registry.${other}`
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text)
}
