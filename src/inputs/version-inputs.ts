import type {InputReader} from './input-reader.ts'
import type {VariantInput, VersionInput} from './inputs.ts'

const filePrefix = 'file:'

/** `auto`, `file:PATH`, `file:PATH#REGEX`, or the version itself. */
export function readVersion(reader: InputReader): VersionInput {
  const text = reader.optionalText('version')
  if (text === undefined || text === 'auto') return {kind: 'auto', given: text !== undefined}
  if (text.startsWith(filePrefix)) return {kind: 'file', path: text.slice(filePrefix.length)}
  if (isFileName(text)) reader.problem('version', {}, `"${text}" is a file`, `Did you mean "${filePrefix}${text}"?`)
  return {kind: 'literal', text}
}

/**
 * `package.json`, `./VERSION`, `src/app.py#version = "(.*)"`. A slash alone says nothing: with
 * `version: ${{ github.ref_name }}`, the name of a branch stands here.
 */
function isFileName(text: string): boolean {
  const [file = ''] = text.split('#', 1)
  const name = file.trim().replace(/^.*[/\\]/s, '')
  return /^\.{0,2}[/\\]/.test(text) || /^\.?version$/i.test(name) || extensions.test(name)
}

const extensions =
  /\.(?:json|toml|xml|properties|ya?ml|txt|sbt|gradle|kts|py|rb|js|ts|go|cs|csproj|props|cfg|ini|gemspec|exs)$/i

/** A variant ends tags, which leave this much room for it, and stands alone for what is `latest`: it has to be a tag itself. */
export function readVariant(reader: InputReader, room: number): VariantInput | undefined {
  const name = reader.optionalText('variant')
  const isDefault = reader.boolean('default-variant')
  if (name === undefined) {
    if (isDefault) reader.problem('default-variant', {}, 'there is no variant', 'Set `variant` too, or leave this out.')
    return undefined
  }
  const most = Math.min(64, room - '-'.length)
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) || name.length > most) {
    const remedy = `Use at most ${most} letters, digits, dots, dashes and underscores, such as alpine or python3.12.`
    reader.problem('variant', {}, `"${name}" cannot be a part of a tag`, remedy)
    return undefined
  }
  return {name, isDefault}
}

/** A component is written as it stands in its Git tags. */
export function readComponent(reader: InputReader): string | undefined {
  const name = reader.optionalText('component')
  if (name === undefined || /^[A-Za-z0-9@][A-Za-z0-9._/-]*$/.test(name)) return name
  const remedy = 'Write the name as it begins its Git tags: api for api/v1.2.3, api-v1.2.3 or @scope/api@1.2.3.'
  reader.problem('component', {}, `"${name}" cannot be the name of a component`, remedy)
  return undefined
}
