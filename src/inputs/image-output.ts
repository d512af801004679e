import {parseTagRef, type TagRef} from '../oci/reference.ts'
import {knownLevels} from './annotation-inputs.ts'
import type {InputReader} from './input-reader.ts'
import type {AnnotationInput, BuildInputs, ImageOutput} from './inputs.ts'
import type {KeyValue} from './syntax/key-value.ts'
import type {ListItem} from './syntax/lists.ts'
import {formatOutput, parseOutput, parseSwitch, type OutputEntry} from './syntax/output-entry.ts'

/**
 * The input `outputs`. An output of the image that has no name, or that pushes, is the image of this run: its attributes shape
 * what is published, and what it names is published like a whole reference in `tags`. So no output pushes by itself. Every
 * other output is kept as it was written.
 */
export function readOutputs(reader: InputReader): Pick<BuildInputs, 'outputs' | 'image'> {
  const outputs = reader.list('outputs').flatMap((item) => readOutput(reader, item) ?? [])
  const asked = outputs.filter(({isAsked}) => isAsked)
  const shaping = asked.length > 0 ? asked : outputs.filter(({isImage}) => isImage)
  return {
    outputs: outputs.flatMap(({kept}) => kept ?? []),
    image: {
      isAsked: asked.length > 0,
      ...mergeShapes(reader, shaping),
      references: outputs.flatMap(({references, item}) =>
        references.map((reference) => ({reference, line: item.number})),
      ),
      pushingLines: outputs.filter(({pushes}) => pushes).map(({item}) => item.number),
      stayingLines: outputs.filter(staysUnsaid).map(({item}) => item.number),
    },
  }
}

/** Whether an output that is kept as it was written is an image for the store of the builder alone: none of those pushes. */
export function staysInBuilder(output: string): boolean {
  const parsed = parseOutput(output)
  return parsed.ok && isImageType(parsed.entry.type)
}

function isImageType(type: string): boolean {
  return type === 'image' || type === 'registry'
}

/** Of a run that has no output of the image. */
export const noImageOutput: ImageOutput = {
  isAsked: false,
  attributes: [],
  storage: [],
  annotations: [],
  references: [],
  pushingLines: [],
  stayingLines: [],
}

interface ReadOutput {
  readonly item: ListItem
  readonly entry: OutputEntry
  readonly isImage: boolean
  /** It is the image of this run. */
  readonly isAsked: boolean
  readonly pushes: boolean
  readonly references: readonly TagRef[]
  /** For `--output`; undefined where the image of this run stands for it. */
  readonly kept: string | undefined
}

function readOutput(reader: InputReader, item: ListItem): ReadOutput | undefined {
  const parsed = parseOutput(item.text)
  if (!parsed.ok) {
    const place = {line: item.number, column: item.column + parsed.column - 1}
    reader.problem('outputs', place, parsed.reason, 'Write key=value between commas, such as type=local,dest=out.')
    return undefined
  }
  const {entry} = parsed
  const isImage = isImageType(entry.type)
  const pushes = readPushes(reader, item, entry)
  const names = (entry.fields.get('name') ?? '').split(',').filter((name) => name !== '')
  if (names.some((name) => name.includes('{{'))) {
    reader.problem('outputs', {line: item.number, column: item.column}, expressionReason, expressionRemedy)
    return undefined
  }
  const isAsked = isImage && (pushes || names.length === 0)
  return {
    item,
    entry,
    isImage,
    isAsked,
    pushes,
    references: pushes ? names.flatMap((name) => readReference(reader, item, name) ?? []) : [],
    kept: isAsked ? undefined : isImage ? formatOutput(withoutPush(entry)) : item.text,
  }
}

/** A name without a slash, such as \`target\`, only says which image an attribute is for. */
function staysUnsaid({isImage, isAsked, entry: {fields}}: ReadOutput): boolean {
  return isImage && !isAsked && !fields.has('push') && (fields.get('name') ?? '').includes('/')
}

/** Whether the output would push by itself; what can never be what its author means is reported. */
function readPushes(reader: InputReader, item: ListItem, {type, fields}: OutputEntry): boolean {
  const push = readSwitch(reader, item, fields, 'push')
  const byDigest = readSwitch(reader, item, fields, 'push-by-digest')
  const place = {line: item.number, column: item.column}
  // With the engine's own builder, Buildx pushes an image of `type=docker` that says `push=true`.
  if (push && type !== 'image' && type !== 'registry') {
    reader.problem('outputs', place, `type=${type} cannot push`, 'Remove push=true, or write type=image.')
    return false
  }
  const pushes = push || type === 'registry'
  if (pushes && byDigest) reader.problem('outputs', place, digestReason, digestRemedy)
  else if (pushes && reader.text('push').toLowerCase() === 'false') {
    reader.problem('outputs', place, 'this output pushes, and push is false', contradictionRemedy)
  }
  return pushes
}

const expressionReason = 'outputs hold no expressions'
const expressionRemedy =
  'Write the name in `images` and the tag in `tags`, which hold them: `type=semver,pattern={{version}}`, say.'
const digestReason = 'Tagboat itself pushes by digest before it gives any tag, so no output has to'
const digestRemedy =
  'Remove this output and list its name in `images`. To build parts of an image in several jobs, use `tagboat/tagboat/stage` and `tagboat/tagboat/promote` (docs/distributed.md).'
const contradictionRemedy =
  'Remove the output or what pushes of it (push=true, type=registry); or set `push: auto`, which pushes except for pull requests and the like.'

function readSwitch(
  reader: InputReader,
  item: ListItem,
  fields: OutputEntry['fields'],
  name: 'push' | 'push-by-digest',
): boolean {
  const written = fields.get(name)
  if (written === undefined) return false
  const value = parseSwitch(written)
  if (value === undefined) {
    const place = {line: item.number, column: item.column}
    reader.problem('outputs', place, `${name}=${written} is neither true nor false`, 'Write true or false.')
  }
  return value ?? false
}

/** Docker reads a name without a tag as that of `latest`. */
function readReference(reader: InputReader, item: ListItem, name: string): TagRef | undefined {
  const text = name.trim()
  const isTagged = text.lastIndexOf(':') > text.lastIndexOf('/')
  const parsed = parseTagRef(isTagged ? text : `${text}:latest`)
  if (parsed.ok) return parsed.value
  const place = {line: item.number, column: item.column}
  reader.problem(
    'outputs',
    place,
    `"${text}" cannot be pushed: ${parsed.reason}`,
    'Write name:tag, such as user/app:1.0.',
  )
  return undefined
}

type Shape = Pick<ImageOutput, 'attributes' | 'storage' | 'annotations'>

/** One build publishes one image, so outputs that shape it have to agree. */
function mergeShapes(reader: InputReader, outputs: readonly ReadOutput[]): Shape {
  const merged = new Map<string, {readonly value: string; readonly line: number}>()
  for (const {entry, item} of outputs) {
    for (const [key, value] of entry.fields) {
      if (whereKeys.has(key)) continue
      const known = merged.get(key)
      if (known !== undefined && known.value !== value) {
        const reason = `${key} is "${value}" here and "${known.value}" in line ${known.line}, and one build publishes one image`
        const remedy = 'Write it once, or build the other image in a step of its own.'
        reader.problem('outputs', {line: item.number, column: item.column}, reason, remedy)
      }
      merged.set(key, {value, line: item.number})
    }
  }
  const fields = [...merged].map(([key, {value, line}]) => ({key, value, line}))
  const annotations = fields.flatMap((field) => readAnnotation(reader, field) ?? [])
  const rest = fields.filter(({key}) => !annotationKey.test(key))
  return {
    annotations,
    attributes: rest.filter(({key}) => !storageKeys.has(key)),
    storage: rest.filter(({key}) => storageKeys.has(key)),
  }
}

/** Where an image goes is said by the run itself. */
const whereKeys = new Set(['type', 'name', 'push', 'push-by-digest', 'dest', 'tar', 'attestation-inline'])
/** What becomes of an image in the builder's own store: of no account where it is only staged. */
const storageKeys = new Set(['store', 'unpack', 'name-canonical', 'dangling-name-prefix', 'danging-name-empty-only'])

/** `annotation.key`, `annotation-index.key`; one of a platform (`annotation[linux/amd64].key`) is left to BuildKit. */
const annotationKey = /^annotation(?:-([a-z-]+))?\.(.+)$/

function readAnnotation(reader: InputReader, {key, value, line}: KeyValue): AnnotationInput | undefined {
  const [whole, written = 'manifest', name = ''] = annotationKey.exec(key) ?? []
  if (whole === undefined) return undefined
  const level = knownLevels.find((known) => known === written)
  if (level === undefined) {
    const remedy = `Write annotation, or annotation- with one of ${knownLevels.join(', ')}.`
    reader.problem('outputs', {line}, `unknown level "${written}" of an annotation`, remedy)
    return undefined
  }
  return {key: name, value, line, levels: [level]}
}

/** Without a push, by digest or not, the name alone is what the output is for. */
function withoutPush({fields}: OutputEntry): readonly (readonly [string, string])[] {
  return [...fields].filter(([key]) => key !== 'push' && key !== 'push-by-digest')
}
