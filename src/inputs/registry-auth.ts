import {isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type YAMLMap} from 'yaml'
import {Secret} from '../errors/secret.ts'
import type {InputReader, Place} from './input-reader.ts'
import type {CredentialInput} from './inputs.ts'
import {nearest} from './nearest.ts'
import {readHost} from './registry-host.ts'

/**
 * The input `registry-auth`: a YAML list of logins, as docker/login-action takes it. Every scalar is text, so that a
 * password of digits stays what it is. No message quotes anything of the input.
 */
export function readRegistryAuth(reader: InputReader): readonly CredentialInput[] {
  return new RegistryAuth(reader).read()
}

const supportedKeys = ['registry', 'username', 'password'] as const
/** Keys that docker/login-action knows besides. */
const laterKeys = ['ecr', 'scope', 'logout']
const exampleRemedy = 'Write a YAML list: each login begins with "- registry:", and has username and password.'
const specialRemedy = 'Check the indentation, and put values with special characters in single quotes.'

type SupportedKey = (typeof supportedKeys)[number]

class RegistryAuth {
  readonly #reader: InputReader
  readonly #lines = new LineCounter()
  readonly #document: Document

  constructor(reader: InputReader) {
    this.#reader = reader
    const options = {lineCounter: this.#lines, prettyErrors: false, schema: 'failsafe'} as const
    this.#document = parseDocument(reader.untrimmed('registry-auth'), options)
  }

  read(): readonly CredentialInput[] {
    // The parser's own messages quote the text; its codes do not.
    for (const {code, pos} of this.#document.errors) {
      const reason = code.toLowerCase().replaceAll('_', ' ')
      this.#problem(this.#placeAt(pos[0]), `the YAML cannot be read here (${reason})`, specialRemedy)
    }
    return this.#document.errors.length > 0 ? [] : this.#withoutDuplicates(this.#readList())
  }

  #readList(): readonly CredentialInput[] {
    const list = this.#resolve(this.#document.contents)
    if (!isSeq(list)) {
      this.#problem({}, 'this is no YAML list', exampleRemedy)
      return []
    }
    if (list.items.length === 0) this.#problem({}, 'the list is empty', exampleRemedy)
    return list.items.flatMap((item) => this.#readLogin(this.#resolve(item)))
  }

  #readLogin(node: unknown): readonly CredentialInput[] {
    if (!isMap(node)) {
      this.#problem(this.#placeOf(node), 'this item is no login', exampleRemedy)
      return []
    }
    this.#checkKeys(node)
    const {line} = this.#placeOf(node)
    const [registry = '', username = '', password = ''] = supportedKeys.map((key) => this.#text(node, key))
    const host = readHost(this.#reader, 'registry-auth', registry, {...(line === undefined ? {} : {line})})
    if (host === undefined) return []
    const login = {host, username, password: new Secret(password), source: 'registry-auth'} as const
    return [line === undefined ? login : {...login, line}]
  }

  #checkKeys(map: YAMLMap): void {
    for (const {key} of map.items) {
      const name = isScalar(key) && typeof key.value === 'string' ? key.value : ''
      if (supportedKeys.some((known) => known === name)) continue
      if (laterKeys.includes(name)) {
        this.#problem(this.#placeOf(key), `${name} is not supported yet`, 'Remove it.')
        continue
      }
      const match = nearest(name, [...supportedKeys, ...laterKeys])
      const remedy = match === undefined ? `Use these: ${supportedKeys.join(', ')}.` : `Did you mean "${match}"?`
      this.#problem(this.#placeOf(key), 'unknown key', remedy)
    }
  }

  #text(map: YAMLMap, key: SupportedKey): string {
    const node = this.#resolve(map.get(key, true))
    if (node === undefined || node === null) return ''
    if (isScalar(node)) return typeof node.value === 'string' ? node.value.trim() : ''
    const remedy = 'Write the value behind the colon; put one with special characters in single quotes.'
    this.#problem(this.#placeOf(node), `the value of ${key} is no text`, remedy)
    return ''
  }

  #withoutDuplicates(logins: readonly CredentialInput[]): readonly CredentialInput[] {
    const first = new Map<string, CredentialInput>()
    for (const login of logins) {
      const known = first.get(login.host)
      if (known === undefined) first.set(login.host, login)
      else
        this.#problem(placeAtLine(login.line), `the login before it is for the same registry`, duplicateRemedy(known))
    }
    return [...first.values()]
  }

  #resolve(node: unknown): unknown {
    if (!isAlias(node)) return node
    const target = node.resolve(this.#document)
    // A password that begins with * and has no quotes: the parser takes it for the name of an anchor.
    if (target === undefined) this.#problem(this.#placeOf(node), 'there is no anchor of this name', specialRemedy)
    return target
  }

  #placeOf(node: unknown): Place {
    const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
    const start: unknown = Array.isArray(range) ? range[0] : undefined
    return typeof start === 'number' ? this.#placeAt(start) : {}
  }

  #placeAt(offset: number): Place {
    const {line, col} = this.#lines.linePos(offset)
    return {line, column: col}
  }

  #problem(place: Place, message: string, remedy: string): void {
    this.#reader.problem('registry-auth', place, message, remedy)
  }
}

function placeAtLine(line: number | undefined): Place {
  return line === undefined ? {} : {line}
}

function duplicateRemedy({line}: CredentialInput): string {
  return `Write one login for each registry${line === undefined ? '' : `; the first one begins on line ${line}`}.`
}
