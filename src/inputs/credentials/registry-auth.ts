import {Secret} from '../../errors/secret.ts'
import {parseBoolean, readHost, type InputReader, type Place} from '../input-reader.ts'
import {asJson, isJsonText} from '../secrets/json-password.ts'
import type {YamlItem} from '../syntax/yaml-item.ts'
import {YamlList} from '../syntax/yaml-list.ts'
import {readAwsPair} from './aws-pair.ts'
import type {CredentialInput} from './credentials.ts'
import type {IdentityItem} from './identity.ts'
import {formatLoginScope, parseLoginScope, type LoginScope} from './login-scope.ts'
import {identityKeys, otherNames, readItemIdentity, type HostItem} from './item-identity.ts'

/** Items of `registry-auth`, or of the single inputs: logins with a password, and identities. */
export interface AuthItems {
  readonly logins: readonly CredentialInput[]
  readonly identities: readonly IdentityItem[]
}

/** Login, or identity. */
type AuthItem = CredentialInput | IdentityItem

/**
 * Reads the input `registry-auth`: a YAML list, in the formats of docker/login-action and of the `registry-identities` of
 * docker/github-builder. No message quotes it.
 */
export function readRegistryAuth(reader: InputReader): AuthItems {
  const list = new YamlList(reader, 'registry-auth', words)
  const items = withoutDuplicates(
    list.items().flatMap((item) => readItem(item, list, reader)),
    list,
  )
  return {
    logins: items.flatMap((item) => (isIdentity(item) ? [] : [item])),
    identities: items.flatMap((item) => (isIdentity(item) ? [item] : [])),
  }
}

const credentialKeys = ['registry', 'username', 'password'] as const

/** Keys that were probably meant, by the words that are written instead. */
const slips: ReadonlyMap<string, string> = new Map([
  ...['host', 'hostname', 'server', 'url', 'address'].map((word) => [word, 'registry'] as const),
  ...['user', 'login', 'account', 'email'].map((word) => [word, 'username'] as const),
  ...['pass', 'secret', 'token'].map((word) => [word, 'password'] as const),
  ...['enabled', 'if'].map((word) => [word, 'enable'] as const),
])

const words = {
  item: 'login',
  example: 'Write a YAML list: each login begins with "- registry:", and has username and password, or an identity.',
  keys: [...credentialKeys, 'scope', 'enable', 'ecr', 'logout', ...identityKeys],
  otherNames,
  slips,
  holdsSecrets: true,
  secretKey: 'password',
} as const

function isIdentity(item: AuthItem): item is IdentityItem {
  return 'identity' in item
}

function readItem(item: YamlItem, list: YamlList, reader: InputReader): readonly AuthItem[] {
  const place = lineOf(item)
  const host = isEnabled(item, list)
    ? readHost(reader, 'registry-auth', list.text(item.map, 'registry'), list.keyPlace(item, 'registry'))
    : undefined
  if (host === undefined) return []
  if (!isOn({...item, key: 'logout'}, list))
    list.notice(item.place, 'logout: the logins of this step always end with it')
  const found = readItemIdentity({...item, host}, list)
  const {line} = place
  const scope = readScope(item, list)
  if (found === undefined) return readLogin({...item, host}, {list, reader, scope})
  if ('identity' in found) return [{host, scope, identity: found.identity, line}]
  const nothing = {username: '', password: new Secret(''), source: 'registry-auth'} as const
  return [{host, scope, ...nothing, line, emptyKeys: found.emptyKeys}]
}

function lineOf({place: {line}}: YamlItem): Place {
  return line === undefined ? {} : {line}
}

interface LoginReading {
  readonly list: YamlList
  readonly reader: InputReader
  readonly scope: LoginScope | undefined
}

/** Reads `scope`, the part of the registry that an item is for. */
function readScope({map}: YamlItem, list: YamlList): LoginScope | undefined {
  const entry = list.entry(map, 'scope')
  if (entry === undefined || entry.text === '') return undefined
  const scope = parseLoginScope(entry.text)
  if (scope === undefined) {
    const remedy = 'Write the path of a repository or its beginning, and optionally @push or @pull: acme/app@push.'
    list.problem(entry.place, 'this is not a scope', remedy)
  }
  return scope
}

function readLogin(item: HostItem, {list, reader, scope}: LoginReading): readonly AuthItem[] {
  const {map, host} = item
  const place = lineOf(item)
  const [username = '', password = '', region = ''] = ['username', 'password', 'aws-region'].map((key) =>
    list.text(map, key),
  )
  const login = {host, scope, username, password: new Secret(password), source: 'registry-auth', ...place} as const
  if (isJsonText(login.password))
    reader.warning('registry-auth', list.keyPlace(item, 'password'), `${asJson}; write toJSON without quotes around it`)
  const pair = readAwsPair({...login, ecr: readEcr(item, list), region: region === '' ? undefined : region})
  if (pair !== undefined && 'identity' in pair) return [{host, scope, identity: pair.identity, ...place}]
  if (pair !== undefined) list.problem(list.keyPlace(item, 'username'), pair.problem.message, pair.problem.remedy)
  return [login]
}

function readEcr(item: YamlItem, list: YamlList): 'auto' | 'true' | 'false' {
  const text = list.text(item.map, 'ecr').toLowerCase()
  if (text === '' || text === 'auto') return 'auto'
  if (text === 'true' || text === 'false') return text
  list.problem(
    list.keyPlace(item, 'ecr'),
    'ecr is not auto, true or false',
    'Write auto, true or false, or remove it: auto is the default.',
  )
  return 'auto'
}

/** Reads `enable`, which switches a login on and off. Without it, a login is enabled. */
function isEnabled(item: YamlItem, list: YamlList): boolean {
  return isOn({...item, key: 'enable'}, list)
}

/** Reads a Boolean, whose default is true. */
function isOn({map, key}: YamlItem & {readonly key: string}, list: YamlList): boolean {
  const entry = list.entry(map, key)
  if (entry === undefined) return true
  const value = parseBoolean(entry.text)
  if (value === undefined) {
    const remedy = "Write true, false, or an expression for one of them, such as ${{ secrets.NAME != '' }}."
    list.problem(entry.place, `${key} is neither true nor false`, remedy)
  }
  return value ?? true
}

/**
 * Keeps one item for each registry and scope. Equal items count once, and a complete one replaces an incomplete one, which is
 * usually the alternative whose secret is not set.
 */
function withoutDuplicates(items: readonly AuthItem[], list: YamlList): readonly AuthItem[] {
  const first = new Map<string, AuthItem>()
  for (const item of items) {
    const key = `${item.host} ${item.scope === undefined ? '' : formatLoginScope(item.scope)}`
    const known = first.get(key)
    if (known === undefined || !isComplete(known)) {
      if (known === undefined || isComplete(item)) first.set(key, item)
    } else if (isComplete(item) && !areEqual(item, known)) {
      const place = item.line === undefined ? {} : {line: item.line}
      list.problem(place, duplicateReason(item), duplicateRemedy(known))
    }
  }
  return [...first.values()]
}

function isComplete(item: AuthItem): boolean {
  return isIdentity(item) || (item.username !== '' && !item.password.isEmpty)
}

function areEqual(a: AuthItem, b: AuthItem): boolean {
  // A secret key of AWS is hidden in the JSON; its access key determines it.
  if (isIdentity(a) || isIdentity(b))
    return isIdentity(a) && isIdentity(b) && JSON.stringify(a.identity) === JSON.stringify(b.identity)
  return a.username === b.username && a.password.reveal() === b.password.reveal()
}

function duplicateReason({scope}: AuthItem): string {
  return `another login is for the same registry${scope === undefined ? '' : ' and scope'}`
}

function duplicateRemedy({line}: AuthItem): string {
  const first = line === undefined ? '' : ` The first one begins on line ${line}.`
  return `Write one login for each registry, or add scope with the beginning of the repositories to each.${first}`
}
