import {parseTagRef, type TagRef} from '../oci/reference.ts'
import {parseLevel} from './syntax/annotation-level.ts'
import type {InputReader} from './input-reader.ts'
import type {AnnotationInput, BuildInputs, ImageOutput} from './inputs.ts'
import type {KeyValue} from './syntax/key-value.ts'
import type {ListItem} from './syntax/lists.ts'
import {formatOutput, parseOutput, parseSwitch, type OutputEntry} from './syntax/output-entry.ts'

/**
 * Reads the input `outputs`. An image output that pushes or has no name is the image of this run: its attributes apply to
 * the published image, and its names are published like image references in `tags`. Buildx itself never pushes an output.
 * Any other output is kept unchanged.
 */
export function readOutputs(reader: InputReader): Pick<BuildInputs, 'outputs' | 'image'> {
  const outputs = reader.list('outputs').flatMap((item) => readOutput(reader, item) ?? [])
  const imageOutputs = outputs.filter(({isRunImage}) => isRunImage)
  const shaping = imageOutputs.length > 0 ? imageOutputs : outputs.filter(({isImage}) => isImage)
  return {
    outputs: outputs.flatMap(({kept}) => kept ?? []),
    image: {
      hasImageOutput: imageOutputs.length > 0,
      ...mergeAttributes(reader, shaping),
      references: outputs.flatMap(({references, item}) =>
        references.map((reference) => ({reference, line: item.number})),
      ),
      pushingLines: outputs.filter(({pushes}) => pushes).map(({item}) => item.number),
      unpushedLines: outputs.filter(staysImplicitly).map(({item}) => item.number),
    },
  }
}

/** Reports whether an output that was kept is an image in the store of the builder. */
export function staysInBuilder(output: string): boolean {
  const parsed = parseOutput(output)
  return parsed.ok && isImageType(parsed.entry.type)
}

function isImageType(type: string): boolean {
  return type === 'image' || type === 'registry'
}

interface ReadOutput {
  readonly item: ListItem
  readonly entry: OutputEntry
  readonly isImage: boolean
  /** Whether it is the image of this run. */
  readonly isRunImage: boolean
  readonly pushes: boolean
  readonly references: readonly TagRef[]
  /** Value of `--output`, or undefined for the image of this run. */
  readonly kept: string | undefined
}

function readOutput(reader: InputReader, item: ListItem): ReadOutput | undefined {
  const parsed = parseOutput(item.text)
  if (!parsed.ok) {
    const place = {line: item.number, column: item.column + parsed.column - 1}
    reader.problem(
      'outputs',
      place,
      parsed.reason,
      'Write key=value pairs separated by commas, such as type=local,dest=out.',
    )
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
  const isRunImage = isImage && (pushes || names.length === 0)
  return {
    item,
    entry,
    isImage,
    isRunImage,
    pushes,
    references: pushes ? names.flatMap((name) => readReference(reader, item, name) ?? []) : [],
    kept: isRunImage ? undefined : isImage ? formatOutput(withoutPush(entry)) : item.text,
  }
}

/** Reports whether an output names an image in a registry without setting `push`. A name without a slash is local. */
function staysImplicitly({isImage, isRunImage, entry: {fields}}: ReadOutput): boolean {
  return isImage && !isRunImage && !fields.has('push') && (fields.get('name') ?? '').includes('/')
}

/** Reports whether an output pushes, and adds a problem for contradictory attributes. */
function readPushes(reader: InputReader, item: ListItem, {type, fields}: OutputEntry): boolean {
  const push = readSwitch(reader, item, fields, 'push')
  const byDigest = readSwitch(reader, item, fields, 'push-by-digest')
  const place = {line: item.number, column: item.column}
  // With the builder of the engine, Buildx pushes an image of `type=docker` with `push=true`.
  if (push && type !== 'image' && type !== 'registry') {
    reader.problem('outputs', place, `type=${type} cannot push`, 'Remove push=true, or write type=image.')
    return false
  }
  const pushes = push || type === 'registry'
  if (pushes && byDigest) reader.problem('outputs', place, digestReason, digestRemedy)
  else if (pushes && reader.text('push').toLowerCase() === 'false') {
    reader.problem('outputs', place, 'this output pushes, but the input push is false', contradictionRemedy)
  }
  return pushes
}

const expressionReason = 'expressions are not allowed in outputs'
const expressionRemedy =
  'Write the name in `images` and the tag in `tags`, for example `type=semver,pattern={{version}}`.'
const digestReason = 'Tagboat always pushes by digest before it pushes a tag'
const digestRemedy =
  'Remove this output, and add its name to `images`. To build an image in several jobs, use `tagboat/tagboat/stage@v1` and `tagboat/tagboat/promote@v1` (docs/distributed.md).'
const contradictionRemedy =
  'Remove the output or its attributes that push (push=true, type=registry), or set `push: auto`, which does not push for pull requests.'

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

/** Parses a name. The default tag is `latest`, as in Docker. */
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

type MergedAttributes = Pick<ImageOutput, 'attributes' | 'storage' | 'annotations'>

/** Merges the attributes of several outputs, which must agree because one build publishes one image. */
function mergeAttributes(reader: InputReader, outputs: readonly ReadOutput[]): MergedAttributes {
  const merged = new Map<string, {readonly value: string; readonly line: number}>()
  for (const {entry, item} of outputs) {
    for (const [key, value] of entry.fields) {
      if (destinationKeys.has(key)) continue
      const known = merged.get(key)
      if (known !== undefined && known.value !== value) {
        const reason = `${key} is "${value}" here but "${known.value}" on line ${known.line}, and a build publishes one image`
        const remedy = 'Set it once, or build the other image in a separate step.'
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

/** Keys that this run sets itself. */
const destinationKeys = new Set(['type', 'name', 'push', 'push-by-digest', 'dest', 'tar', 'attestation-inline'])
/** Keys for the image store of the builder. They do not apply to a staged image. */
const storageKeys = new Set(['store', 'unpack', 'name-canonical', 'dangling-name-prefix', 'danging-name-empty-only'])

/** `annotation.key`, `annotation-index.key` or `annotation-manifest[linux/amd64].key`. */
const annotationKey = /^annotation(?:-([a-z-]+))?(\[[^\]]*\])?\.(.+)$/

function readAnnotation(reader: InputReader, {key, value, line}: KeyValue): AnnotationInput | undefined {
  const [whole, written = 'manifest', platform = '', name = ''] = annotationKey.exec(key) ?? []
  if (whole === undefined) return undefined
  const parsed = parseLevel(`${written}${platform}`)
  if (parsed.ok) return {key: name, value, line, levels: [parsed.level]}
  reader.problem('outputs', {line}, parsed.message, parsed.remedy)
  return undefined
}

/** Fields of an output without the keys that push it. */
function withoutPush({fields}: OutputEntry): readonly (readonly [string, string])[] {
  return [...fields].filter(([key]) => key !== 'push' && key !== 'push-by-digest')
}
