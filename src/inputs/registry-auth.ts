import {Secret} from '../errors/secret.ts'
import {readHost, type InputReader} from './input-reader.ts'
import type {CredentialInput} from './inputs.ts'
import {YamlList, type YamlItem} from './syntax/yaml-list.ts'

/** Reads the input `registry-auth`: a YAML list of logins, in the format of docker/login-action. No message quotes it. */
export function readRegistryAuth(reader: InputReader): readonly CredentialInput[] {
  const list = new YamlList(reader, 'registry-auth', words)
  return withoutDuplicates(
    list.items().flatMap((item) => readLogin(item, list, reader)),
    list,
  )
}

const words = {
  item: 'login',
  example: 'Write a YAML list: each login begins with "- registry:", and has username and password.',
  keys: ['registry', 'username', 'password'],
  holdsSecrets: true,
  laterKeys: ['ecr', 'scope', 'logout'],
} as const

function readLogin({map, place: {line}}: YamlItem, list: YamlList, reader: InputReader): readonly CredentialInput[] {
  const [registry = '', username = '', password = ''] = words.keys.map((key) => list.text(map, key))
  const host = readHost(reader, 'registry-auth', registry, {...(line === undefined ? {} : {line})})
  if (host === undefined) return []
  const login = {host, username, password: new Secret(password), source: 'registry-auth'} as const
  return [line === undefined ? login : {...login, line}]
}

function withoutDuplicates(logins: readonly CredentialInput[], list: YamlList): readonly CredentialInput[] {
  const first = new Map<string, CredentialInput>()
  for (const login of logins) {
    const known = first.get(login.host)
    if (known === undefined) {
      first.set(login.host, login)
      continue
    }
    const place = login.line === undefined ? {} : {line: login.line}
    list.problem(place, 'another login is for the same registry', duplicateRemedy(known))
  }
  return [...first.values()]
}

function duplicateRemedy({line}: CredentialInput): string {
  return `Write one login for each registry${line === undefined ? '' : `. The first one begins on line ${line}`}.`
}
