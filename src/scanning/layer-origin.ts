import {field, parseJson} from '../oci/manifest.ts'
import {listField, plainText, textField} from './json-fields.ts'

/** Origin of a layer. */
export interface LayerOrigin {
  /** Instruction that made it, or `base image`. */
  readonly origin: string
  /** Line of the instruction in the Dockerfile. */
  readonly line?: number
}

/** Longest instruction that is shown. */
const maxInstruction = 120

/**
 * Origins of the layers of an image, by `diff_id`, from the history in its configuration
 * (https://github.com/opencontainers/image-spec/blob/main/config.md). With the Dockerfile, the layers below the first of
 * its instructions are those of the base image.
 */
export function layerOrigins(
  configuration: Uint8Array,
  dockerfile: string | undefined,
): ReadonlyMap<string, LayerOrigin> {
  const config = parseJson(configuration)
  const diffIds = listField(field(config, 'rootfs'), 'diff_ids')
  const made = listField(config, 'history').filter((entry) => field(entry, 'empty_layer') !== true)
  // An exporter may write a history that does not match its layers.
  if (made.length !== diffIds.length) return new Map()
  const written = dockerfile === undefined ? [] : instructions(dockerfile)
  const texts = made.map((entry) => createdBy(textField(entry, 'created_by')))
  const lines = texts.map((text) => written.find((one) => matches(one, text))?.line)
  const first = lines.findIndex((line) => line !== undefined)
  return new Map(
    diffIds.flatMap((id, index) => {
      const text = texts[index] ?? ''
      const line = lines[index]
      const origin = index < first ? baseImage : text.slice(0, maxInstruction)
      return typeof id !== 'string' || origin === '' ? [] : [[id, {origin, ...(line !== undefined && {line})}] as const]
    }),
  )
}

/** Origin of layers that the Dockerfile of this run did not make. */
const baseImage = 'base image'

/** Instruction as in a Dockerfile, from the `created_by` of BuildKit or of the classic builder. */
function createdBy(text: string): string {
  return oneLine(text)
    .replace(/ # buildkit$/, '')
    .replace(/^\/bin\/sh -c #\(nop\) +/, '')
    .replace(/^\/bin\/sh -c /, 'RUN ')
    .replace(/^RUN \|\d+ .*?\/bin\/sh -c /, 'RUN ')
    .replace(/^RUN \/bin\/sh -c /, 'RUN ')
}

function oneLine(text: string): string {
  return plainText(text).replace(/\s+/g, ' ')
}

interface Instruction {
  readonly name: string
  /** Literal parts of the arguments, between variables. */
  readonly parts: readonly string[]
  readonly line: number
}

/** Instructions of a Dockerfile that make layers, with their lines. */
function instructions(dockerfile: string): readonly Instruction[] {
  const found: Instruction[] = []
  let open: {text: string; line: number} | undefined
  for (const [index, raw] of dockerfile.split('\n').entries()) {
    const text = raw.trim()
    if (text.startsWith('#')) continue
    const joined = open === undefined ? text : `${open.text} ${text}`
    const line = open?.line ?? index + 1
    open = undefined
    if (joined.endsWith('\\')) open = {text: joined.slice(0, -1), line}
    else found.push(...instruction(joined, line))
  }
  return found
}

function instruction(text: string, line: number): readonly Instruction[] {
  const [name = '', ...words] = text.split(/\s+/)
  if (!/^(?:RUN|COPY|ADD|WORKDIR)$/i.test(name)) return []
  const rest = words.join(' ').replace(/^(?:--\S+ )+/, '')
  const isShell = name.toUpperCase() === 'RUN'
  // A shell replaces the variables of RUN, so that the history shows them as written.
  const parts = isShell ? [rest] : rest.split(/\$\{[^}]*\}|\$\w+/)
  return rest === '' || rest.includes('<<') ? [] : [{name: name.toUpperCase(), parts, line}]
}

/** Reports whether a text of the history is an instruction with any values of its variables. */
function matches({name, parts}: Instruction, text: string): boolean {
  if (!text.startsWith(`${name} `)) return false
  let at = name.length + 1
  for (const part of parts) {
    const found = text.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return parts.some((part) => part.trim() !== '')
}
