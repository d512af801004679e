import {listAt, record} from '../worker/json.ts'
import type {Pair} from '../worker/messages.ts'
import {isShared} from './shared-value.ts'
import type {PageState, TypedValues} from './state.ts'

/** Version of the format, so that later pages recognize old links. */
const prefix = '#1.'

/**
 * Writes the difference from the initial state as a fragment of an address: JSON, compressed, in the URL-safe alphabet of
 * Base64. Browsers do not send fragments to servers. The initial state is an empty text. Secrets are left out: an address
 * is passed on, and stays in the history of the browser.
 */
export async function formatAddress(state: PageState, initial: PageState): Promise<string> {
  const known: Readonly<Record<string, unknown>> = {...initial}
  const changed = Object.entries({...state, values: state.values.filter(([name]) => isShared(name))}).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(known[key]),
  )
  if (changed.length === 0) return ''
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(changed)))
  return prefix + base64Url(await piped(json, new CompressionStream('deflate-raw')))
}

/** Reads a fragment. Undefined: it contains no state that this page can read. */
export async function parseAddress(fragment: string, initial: PageState): Promise<PageState | undefined> {
  if (!fragment.startsWith(prefix)) return undefined
  try {
    const compressed = bytesOf(fragment.slice(prefix.length))
    const json = await piped(compressed, new DecompressionStream('deflate-raw'))
    const value: unknown = JSON.parse(new TextDecoder().decode(json))
    return withValues(initial, record(value))
  } catch {
    return undefined
  }
}

/** Takes over the values that have the expected types. */
function withValues(initial: PageState, values: Readonly<Record<string, unknown>>): PageState {
  const text = (key: 'text' | 'event' | 'repository' | 'defaultBranch' | 'registry' | 'convert'): string => {
    const value = values[key]
    return typeof value === 'string' ? value : initial[key]
  }
  return {
    view: values['view'] === 'convert' ? 'convert' : 'plan',
    text: text('text'),
    event: text('event'),
    typed: typedOf(values['typed']),
    repository: text('repository'),
    defaultBranch: text('defaultBranch'),
    registry: text('registry'),
    values: pairsOf(values['values']),
    convert: text('convert'),
    crlf: values['crlf'] === true,
  }
}

function pairsOf(value: unknown): readonly Pair[] {
  return listAt({value}, 'value').flatMap((pair): readonly Pair[] => {
    const [name, text] = listAt({pair}, 'pair')
    return typeof name === 'string' && typeof text === 'string' ? [[name, text]] : []
  })
}

function typedOf(value: unknown): Readonly<Record<string, TypedValues>> {
  const entries = Object.entries(record(value)).flatMap(([id, typed]): readonly (readonly [string, TypedValues])[] => {
    const {ref} = record(typed)
    return typeof ref === 'string' ? [[id, {ref}]] : []
  })
  return Object.fromEntries(entries)
}

async function piped(
  bytes: Uint8Array<ArrayBuffer>,
  transform: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(transform)
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

function base64Url(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}
