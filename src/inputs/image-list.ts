import {formatRepository, parseRepository, type Repository} from '../oci/reference.ts'
import {parseAttributes, type Attribute} from './syntax/attributes.ts'
import type {InputReader} from './input-reader.ts'
import type {ImageInput} from './inputs.ts'
import type {ListItem} from './syntax/lists.ts'
import {suggestion} from './syntax/nearest.ts'
import type {Problem} from './problem.ts'

/** Reads the input `images`. A line is a name, several names separated by commas, or `name=…,enable=…,required=…`. */
export function readImages(reader: InputReader): readonly ImageInput[] {
  return reader.list('images').flatMap((item) => readLine(new ImageLine(reader, item)))
}

function readLine(line: ImageLine): readonly ImageInput[] {
  const attributes = line.attributes()
  const named = attributes.some(({name}) => name !== undefined)
  if (named) return readNamed(line, attributes)
  return attributes.flatMap((word) => toImage(line, word, 'true'))
}

/** Reads a line with attributes. A bare word is the name of the image. */
function readNamed(line: ImageLine, attributes: readonly Attribute[]): readonly ImageInput[] {
  const names = attributes.filter(({name}) => name === undefined || name.toLowerCase() === 'name')
  const enable = attributes.findLast(({name}) => name?.toLowerCase() === 'enable')
  const required = attributes.findLast(({name}) => name?.toLowerCase() === 'required')
  const checks = [
    enable === undefined || checkEnable(line, enable),
    required === undefined || checkRequired(line, required),
  ]
  let usable = !checks.includes(false)
  for (const {name, nameColumn} of attributes) {
    if (name === undefined || knownAttributes.includes(name.toLowerCase())) continue
    line.problem(nameColumn, `unknown attribute "${name}"`, suggestion(name, knownAttributes))
    usable = false
  }
  const [name, second] = names
  if (name === undefined) line.problem(1, 'the image has no name', 'Write name=…, such as name=ghcr.io/owner/app.')
  if (second !== undefined)
    line.problem(second.nameColumn, 'the line has attributes and several names', 'Write one image per line.')
  if (name === undefined || second !== undefined || !usable) return []
  return toImage(line, name, enable?.value ?? 'true').map((image) => ({
    ...image,
    ...(enable !== undefined && {enableColumn: line.column(enable)}),
    ...(required?.value === 'false' && {isBestEffort: true}),
  }))
}

const knownAttributes = ['name', 'enable', 'required']

function checkRequired(line: ImageLine, {value, valueColumn}: Attribute): boolean {
  if (isEnable(value)) return true
  line.problem(
    valueColumn,
    `required is "${value}", which is neither true nor false`,
    'Write required=true or required=false.',
  )
  return false
}

function checkEnable(line: ImageLine, {value, valueColumn}: Attribute): boolean {
  if (isEnable(value) || value.includes('{{')) return true
  const {message, remedy} = enableProblem(value)
  line.problem(valueColumn, message, remedy)
  return false
}

function toImage(line: ImageLine, {value, valueColumn}: Attribute, enable: string): readonly ImageInput[] {
  // Only a variable that another event or repository has may complete the name.
  if (enable === 'false') return [{repository: undefined, enable, line: line.number}]
  const parsed = parseRepository(value)
  if (!parsed.ok) {
    line.problem(valueColumn + parsed.column - 1, parsed.reason, nameRemedy)
    return []
  }
  if (/[A-Z]/.test(value)) line.noticeLowerCase(valueColumn, parsed.value)
  return [{repository: parsed.value, enable, line: line.number}]
}

const nameRemedy =
  'Write host/path, such as ghcr.io/owner/app, or a name on Docker Hub, such as user/app. Tags belong in `tags`.'

/** Line of `images`, with columns relative to its text. */
class ImageLine {
  readonly number: number
  readonly #reader: InputReader
  readonly #item: ListItem

  constructor(reader: InputReader, item: ListItem) {
    this.number = item.number
    this.#reader = reader
    this.#item = item
  }

  attributes(): readonly Attribute[] {
    const parsed = parseAttributes(this.#item.text)
    if (parsed.ok) return parsed.attributes
    this.problem(parsed.column, parsed.reason, 'Close the quote, or remove it.')
    return []
  }

  /** Column of the value of an attribute in the original line. */
  column({valueColumn}: Attribute): number {
    return this.#place(valueColumn).column
  }

  problem(column: number, message: string, remedy: string): void {
    this.#reader.problem('images', this.#place(column), message, remedy)
  }

  noticeLowerCase(column: number, repository: Repository): void {
    const name = formatRepository(repository)
    this.#reader.notice('images', this.#place(column), `image names are lower case, so ${name} is used`)
  }

  #place(column: number): {line: number; column: number} {
    return {line: this.number, column: this.#item.column + column - 1}
  }
}

/** Reports whether an `enable`, as written or rendered, is a boolean. */
export function isEnable(text: string): text is 'true' | 'false' {
  return text === 'true' || text === 'false'
}

/** Message and remedy for an `enable` that is not a boolean. */
export function enableProblem(text: string): Pick<Problem, 'message' | 'remedy'> {
  return {
    message: `enable is "${text}", which is neither true nor false`,
    remedy: 'Write true, false, or an expression for one of them, such as {{is_default_branch}}.',
  }
}
