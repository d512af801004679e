import {parseRepository, parseTagRef} from '../../oci/reference.ts'
import type {InputReader} from '../input-reader.ts'
import {parseList, type ListItem} from '../syntax/lists.ts'
import type {Protected} from './policy.ts'

/** Reads `protect`: references and digests, one per line or separated by commas, or a JSON list of them. */
export function readProtected(reader: InputReader): readonly Protected[] {
  const text = reader.verbatim('protect')
  return itemsIn(text, reader).flatMap((item) => {
    const parsed = parseProtected(item.text)
    if (parsed !== undefined) return [parsed]
    const message = `"${item.text}" is neither an image reference nor a digest`
    reader.problem('protect', {line: item.number, column: item.column}, message, remedy)
    return []
  })
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
  const digest = text.slice(text.lastIndexOf('@') + 1)
  if (digestForm.test(digest)) return {kind: 'digest', digest}
  const reference = parseTagRef(text)
  if (reference.ok) {
    const {repository, tag} = reference.value
    return {kind: 'reference', host: repository.host, path: repository.path, tag}
  }
  const repository = parseRepository(text)
  if (!repository.ok) return undefined
  return {kind: 'reference', host: repository.value.host, path: repository.value.path, tag: 'latest'}
}
