import {Secret} from '../../errors/secret.ts'
import {parseBoolean, readHost, type InputReader} from '../input-reader.ts'
import type {CredentialInput} from './credentials.ts'
import {ecrProblem} from '../secrets/ecr-login.ts'
import {asJson, isJsonText} from '../secrets/json-password.ts'
import {YamlList, type YamlItem} from '../syntax/yaml-list.ts'

/** Reads the input `registry-auth`: a YAML list of logins, in the format of docker/login-action. No message quotes it. */
export function readRegistryAuth(reader: InputReader): readonly CredentialInput[] {
  const list = new YamlList(reader, 'registry-auth', words)
  return withoutDuplicates(
    list.items().flatMap((item) => readLogin(item, list, reader)),
    list,
  )
}

const credentialKeys = ['registry', 'username', 'password'] as const

const words = {
  item: 'login',
  example: 'Write a YAML list: each login begins with "- registry:", and has username and password.',
  keys: [...credentialKeys, 'enable'],
  holdsSecrets: true,
  secretKey: 'password',
  laterKeys: {
    ecr: 'Remove it: registries of Amazon ECR are recognized by their hosts. For another host, set the input ecr.',
    scope: 'Remove it. A login is for all repositories of its registry.',
    logout: 'Remove it. The logins of this step always end with it.',
  },
} as const

function readLogin(item: YamlItem, list: YamlList, reader: InputReader): readonly CredentialInput[] {
  const {map, place} = item
  const [registry = '', username = '', password = ''] = credentialKeys.map((key) => list.text(map, key))
  if (!isEnabled(item, list)) return []
  const {line} = place
  const host = readHost(reader, 'registry-auth', registry, {...(line === undefined ? {} : {line})})
  if (host === undefined) return []
  const login = {host, username, password: new Secret(password), source: 'registry-auth'} as const
  if (isJsonText(login.password))
    reader.warning(
      'registry-auth',
      {...(line !== undefined && {line})},
      `${asJson}; write toJSON without quotes around it`,
    )
  const problem = ecrProblem(login)
  if (problem !== undefined) list.problem({...(line !== undefined && {line})}, problem.message, problem.remedy)
  return [line === undefined ? login : {...login, line}]
}

/** Reads `enable`, which switches a login on and off. Without it, a login is enabled. */
function isEnabled({map, place}: YamlItem, list: YamlList): boolean {
  if (!map.has('enable')) return true
  const enable = parseBoolean(list.text(map, 'enable'))
  if (enable === undefined) {
    const remedy = "Write true, false, or an expression for one of them, such as ${{ secrets.NAME != '' }}."
    list.problem(place, 'enable is neither true nor false', remedy)
  }
  return enable ?? true
}

/**
 * Keeps one login for each registry. Equal logins count once, and a complete login replaces an incomplete one, which is
 * usually the alternative whose secret is not set.
 */
function withoutDuplicates(logins: readonly CredentialInput[], list: YamlList): readonly CredentialInput[] {
  const first = new Map<string, CredentialInput>()
  for (const login of logins) {
    const known = first.get(login.host)
    if (known === undefined || !isComplete(known)) {
      if (known === undefined || isComplete(login)) first.set(login.host, login)
    } else if (isComplete(login) && !areEqual(login, known)) {
      const place = login.line === undefined ? {} : {line: login.line}
      list.problem(place, 'another login is for the same registry', duplicateRemedy(known))
    }
  }
  return [...first.values()]
}

function isComplete({username, password}: CredentialInput): boolean {
  return username !== '' && !password.isEmpty
}

function areEqual(a: CredentialInput, b: CredentialInput): boolean {
  return a.username === b.username && a.password.reveal() === b.password.reveal()
}

function duplicateRemedy({line}: CredentialInput): string {
  return `Write one login for each registry${line === undefined ? '' : `. The first one begins on line ${line}`}.`
}
