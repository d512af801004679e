import {parseRepository, parseTagRef, type Repository} from '../../oci/reference.ts'
import type {InputReader} from '../input-reader.ts'
import {parseList, type ListItem} from '../syntax/lists.ts'
import type {Protected} from './policy.ts'

/** Reads `protect`: references and digests, one per line or separated by commas, or a JSON list of them. */
export function readProtected(reader: InputReader): readonly Protected[] {
  const text = reader.verbatim('protect')
  return itemsIn(text, reader).flatMap((item) => {
    const place = {line: item.number, column: item.column}
    if (isShortened(item.text)) {
      reader.problem('protect', place, `"${item.text}" is only the start of a digest`, wholeDigest)
      return []
    }
    const parsed = parseProtected(item.text)
    if (parsed !== undefined) return [parsed]
    reader.problem('protect', place, `"${item.text}" is neither an image reference nor a digest`, remedy)
    return []
  })
}

const wholeDigest = 'Write all 64 digits, as in the outputs `deleted` and `kept`.'

/** Reports whether a text ends in a digest that lacks digits, as reports show it: it would be read as a tag. */
function isShortened(text: string): boolean {
  const [, digits] = /^(?:.*@)?sha256:([0-9a-f]+)$/.exec(text) ?? []
  return digits !== undefined && digits.length < 64
}

const remedy = 'Write one per line, such as ghcr.io/owner/app:1.2.3, ghcr.io/owner/app@sha256:… or sha256:….'

function itemsIn(text: string, reader: InputReader): readonly ListItem[] {
  if (!/^\s*[[{"]/.test(text)) return parseList(text, {commas: true, quotes: false}).items
  const items = textsInJson(text)
  if (items === undefined)
    reader.problem(
      'protect',
      {},
      'it begins like JSON, but is not a list of strings',
      'Write ["ghcr.io/owner/app:1.2.3"].',
    )
  return (items ?? []).map((item) => ({text: item, number: 1, column: 1}))
}

/** Texts of a JSON list; undefined for any other text. */
function textsInJson(text: string): readonly string[] | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [undefined]
  const texts = values.filter((one) => typeof one === 'string')
  return texts.length === values.length ? texts.map((one) => one.trim()).filter((one) => one !== '') : undefined
}

/** Form of digests of any algorithm: https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests */
const digestForm = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-f]{32,}$/

/**
 * Parses a reference or a digest. After an `@`, the digest is the image, whatever is before it: the runtime of a cluster
 * names images such as `docker-pullable://ghcr.io/acme/app@sha256:…`. A name without a tag has `latest`.
 */
function parseProtected(text: string): Protected | undefined {
  const at = text.lastIndexOf('@')
  const digest = text.slice(at + 1)
  if (digestForm.test(digest)) {
    if (at === -1) return {kind: 'digest', digest, isAlone: true}
    const of = parseRepository(text.slice(0, at).replace(/^[\w-]+:\/\//, ''))
    return {kind: 'digest', digest, ...(of.ok && {of: placeOf(of.value)})}
  }
  const reference = parseTagRef(text)
  if (reference.ok)
    return {kind: 'reference', ...placeOf(reference.value.repository), tag: reference.value.tag, ...hostless(text)}
  const repository = parseRepository(text)
  return repository.ok ? {kind: 'reference', ...placeOf(repository.value), tag: 'latest', ...hostless(text)} : undefined
}

function placeOf({host, path}: Repository): Pick<Repository, 'host' | 'path'> {
  return {host, path}
}

/** The text, if it names no registry: `preview-1`, `acme/app:1.2.3`. */
function hostless(text: string): {readonly withoutHost?: string} {
  const [first = '', ...rest] = text.split('/')
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? {} : {withoutHost: text}
}
