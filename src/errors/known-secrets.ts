import {withoutAddressSecrets} from './addresses.ts'

/** Puts `***` for what must not be seen. */
export type Hide = (text: string) => string

/** The secrets that a run knows. */
export interface SecretKeeper {
  /** Remembers a secret. A text of less than four characters is ignored. */
  readonly keep: (secret: string) => void
  /** Hides every known secret, in each form that a server or a program may repeat it in, and those of addresses. */
  readonly hide: Hide
}

/** The runner would blank so short a text wherever it stands in the log: `1` in every number. */
export function isTooShortToMask(value: string): boolean {
  return value.length < 4
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
 * The texts that the runner is told to mask: the secret, each of its lines, and the lines without the blanks around them.
 * Short lines are left out, such as the braces of a key in JSON.
 */
export function maskedTexts(secret: string): readonly string[] {
  const lines = secret.split(/\r\n|\r|\n/).filter((line) => !isTooShortToMask(line.trim()))
  const whole = /[\r\n]/.test(secret.trim()) ? [secret] : []
  return [...new Set([...whole, ...lines, ...lines.map((line) => line.trim())])]
}

/** The forms of a secret, and of each of its lines, that are long enough to be hidden. */
function formsOf(secret: string): readonly string[] {
  const wholes = [secret, secret.trim()]
  const texts = [...wholes, ...maskedTexts(secret)].filter((text) => !isTooShortToMask(text.trim()))
  const written = [...texts.flatMap(writtenForms), ...wholes.flatMap(base64Forms)]
  return [...texts, ...written.filter((text) => !isTooShortToMask(text))]
}

/** Without the padding, which some leave out. */
function base64Forms(text: string): readonly string[] {
  const bytes = Buffer.from(text)
  return [bytes.toString('base64').replace(/={1,2}$/, ''), bytes.toString('base64url')]
}

/** A text as JSON, addresses, forms and HTML write it, and as it stands where runs of blanks are one blank. */
function writtenForms(text: string): readonly string[] {
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

/** Go escapes what HTML would read. */
function inGoJson(text: string): string {
  return inJson(text).replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`)
}

/** As it stands in the query of an address that was put together without care (https://url.spec.whatwg.org/#query-state). */
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

/** Places are found in the whole text first: of two secrets that overlap, nothing is left. */
function withoutForms(text: string, forms: readonly string[]): string {
  const places: (readonly [number, number])[] = []
  for (const form of forms) {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length)) {
      places.push([at, at + form.length])
    }
  }
  if (places.length === 0) return text
  places.sort(([a], [b]) => a - b)
  const shown: string[] = []
  let end = 0
  for (const [from, to] of places) {
    if (from >= end) shown.push(text.slice(end, from), '***')
    end = Math.max(end, to)
  }
  return [...shown, text.slice(end)].join('')
}

/** Tokens that were issued to a program this run started, and that the run does not know: by their form alone. */
function withoutTokens(text: string): string {
  if (!/bearer|eyJ/i.test(text)) return text
  return text
    .replace(/(?<![\w-])(Bearer\s{1,4})[\w.~+/-]{16,}=*/gi, '$1***')
    .replace(/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)*/g, '***')
}
