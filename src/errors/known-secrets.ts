import {withoutAddressSecrets} from './addresses.ts'

/** Function that replaces secrets in a text with `***`. */
export type Hide = (text: string) => string

/** Collection of the secrets of a run. */
export interface SecretKeeper {
  /** Adds a secret. A text of less than four characters is ignored. */
  readonly keep: (secret: string) => void
  /** Hides every known secret in each encoding that a server or a program may print, and the secrets in addresses. */
  readonly hide: Hide
}

/** Reports whether a text is too short to mask. The runner would mask every occurrence, such as `1` in every number. */
export function isTooShortToMask(value: string): boolean {
  return value.length < 4
}

/** Reports whether a text is the name of a file with a key, which is written in place of the key by mistake. */
export function namesKeyFile(text: string): boolean {
  return /^[\w./-]{1,200}\.(?:key|pem)$/.test(text)
}

export function secretKeeper(): SecretKeeper {
  const secrets = new Set<string>()
  let forms: readonly string[] | undefined
  return {
    keep(secret) {
      if (secrets.has(secret)) return
      secrets.add(secret)
      forms = undefined
    },
    hide(text) {
      forms ??= [...new Set([...secrets].flatMap(formsOf))]
      return withoutAddressSecrets(withoutTokens(withoutForms(text, forms)))
    },
  }
}

/**
 * Texts for the runner to mask: the secret, each of its lines, and the trimmed lines. Short lines are left out, such as the
 * braces of a JSON key file.
 */
export function maskedTexts(secret: string): readonly string[] {
  const lines = secret.split(/\r\n|\r|\n/).filter((line) => !isTooShortToMask(line.trim()))
  const whole = /[\r\n]/.test(secret.trim()) ? [secret] : []
  return [...new Set([...whole, ...lines, ...lines.map((line) => line.trim())])]
}

/** Encodings of a secret and of each of its lines that are long enough to hide. */
function formsOf(secret: string): readonly string[] {
  const wholes = [secret, secret.trim()]
  const texts = [...wholes, ...maskedTexts(secret)].filter((text) => !isTooShortToMask(text.trim()))
  const written = [...texts.flatMap(encodings), ...wholes.flatMap(base64Forms)]
  return [...texts, ...written.filter((text) => !isTooShortToMask(text))]
}

/** Base64 encodings without padding, which is optional. */
function base64Forms(text: string): readonly string[] {
  const bytes = new TextEncoder().encode(text)
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  const base64 = btoa(binary).replace(/={1,2}$/, '')
  return [base64, base64.replaceAll('+', '-').replaceAll('/', '_')]
}

/** Encodings of a text in JSON, URLs, forms and HTML, and the text with collapsed whitespace. */
function encodings(text: string): readonly string[] {
  const formed = text.toWellFormed()
  const json = inJson(text)
  const component = encodeURIComponent(formed)
  return [
    json,
    inGoJson(text),
    inJson(json),
    inGoJson(inGoJson(text)),
    component,
    lowerCaseHex(component),
    encodeURI(formed),
    inQuery(formed),
    new URLSearchParams([['', formed]]).toString().slice(1),
    inHtml(text),
    text.replace(/\s+/g, ' ').trim(),
  ]
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** Encodes a text as JSON like Go, which also escapes the special characters of HTML. */
function inGoJson(text: string): string {
  return inJson(text).replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`)
}

/** Encodes a text like the query state of a URL parser, which does not escape every special character (https://url.spec.whatwg.org/#query-state). */
function inQuery(text: string): string {
  return text
    .replace(/[\t\r\n]/g, '')
    .replace(/[ "#'<>]|[^ -~]/gu, (one) => (one === "'" ? '%27' : encodeURIComponent(one)))
}

function lowerCaseHex(text: string): string {
  return text.replace(/%[\dA-F]{2}/g, (escape) => escape.toLowerCase())
}

const htmlNames: Readonly<Record<string, string>> = {'&': 'amp', '<': 'lt', '>': 'gt', '"': '#34', "'": '#39'}

function inHtml(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&${htmlNames[one] ?? ''};`)
}

/** Hides the encodings of secrets. All occurrences are found before any is replaced, so that overlapping secrets are hidden, too. */
function withoutForms(text: string, forms: readonly string[]): string {
  const ranges: (readonly [number, number])[] = []
  for (const form of forms) {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length)) {
      ranges.push([at, at + form.length])
    }
  }
  if (ranges.length === 0) return text
  ranges.sort(([a], [b]) => a - b)
  const shown: string[] = []
  let end = 0
  for (const [from, to] of ranges) {
    if (from >= end) shown.push(text.slice(end, from), '***')
    end = Math.max(end, to)
  }
  return [...shown, text.slice(end)].join('')
}

/** Hides tokens by their format, such as those issued to a program of the run, which the run does not know. */
function withoutTokens(text: string): string {
  if (!/bearer|eyJ/i.test(text)) return text
  return text
    .replace(/(?<![\w-])(Bearer\s{1,4})[\w.~+/-]{16,}=*/gi, '$1***')
    .replace(/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)*/g, '***')
}
