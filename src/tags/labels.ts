import type {GitContext} from '../context/git-context.ts'
import type {AnnotationInput} from '../inputs/inputs.ts'
import type {AnnotationLevel} from '../oci/annotation-level.ts'
import type {KeyValue} from '../inputs/syntax/key-value.ts'
import type {Renderer, TemplatePlace} from './templates/render.ts'
import type {TemplateValues} from './templates/template.ts'

/** A label or annotation. */
export interface Label {
  readonly key: string
  readonly value: string
}

/** Facts for the standard labels. */
interface LabelRequest {
  readonly context: GitContext
  readonly version: string | undefined
  readonly now: Date
}

/**
 * Labels with the pre-defined annotation keys of the OCI image spec whose values GitHub and Git know:
 * https://github.com/opencontainers/image-spec/blob/main/annotations.md. Unknown values are left out: an empty one would
 * replace the label of the Dockerfile.
 */
export function standardLabels({context, version, now}: LabelRequest): readonly Label[] {
  const {repository, sha, instead} = context
  const known: readonly (readonly [string, string | undefined])[] = [
    ['created', now.toISOString()],
    ['description', repository.description],
    ['licenses', repository.license],
    ['revision', sha],
    ['source', instead?.source ?? repository.url],
    ['title', repository.name],
    ['url', repository.url],
    ['version', version],
  ]
  return known.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{key: `org.opencontainers.image.${name}`, value: asArgument(value)}],
  )
}

/** Text of the event as an argument of the build: without NUL characters, and with a maximum length. */
function asArgument(value: string): string {
  return value.replaceAll('\0', '').slice(0, maxFact)
}

const maxFact = 4096

/** A label of the user. */
interface UserLabel extends Label {
  /** `key=` removes the label. A value whose expressions are empty is an empty label, as in docker/metadata-action. */
  readonly removes: boolean
}

/** Merges the labels of the user into the standard ones. Of repeated keys, the last counts. */
export function mergeLabels(standard: readonly Label[], labels: readonly UserLabel[]): readonly Label[] {
  const merged = new Map(standard.map(({key, value}) => [key, value]))
  for (const {key, value, removes} of labels) {
    merged.delete(key)
    if (!removes) merged.set(key, value)
  }
  return [...merged].map(([key, value]) => ({key, value})).sort(byKey)
}

/** An annotation, and the levels that have it. */
export interface Annotation extends Label {
  readonly levels: readonly AnnotationLevel[]
}

/** Merges annotations of the user into the standard ones, per level: `index:key=value` changes only the index. */
export function mergeAnnotations(
  standard: readonly Label[],
  annotations: readonly (UserLabel & {readonly levels: readonly AnnotationLevel[] | undefined})[],
  defaultLevels: readonly AnnotationLevel[],
): readonly Annotation[] {
  const levels = [...new Set([...defaultLevels, ...annotations.flatMap((annotation) => annotation.levels ?? [])])]
  const merged = new Map<string, Annotation>()
  for (const level of levels) {
    const ofLevel = annotations.filter((annotation) => (annotation.levels ?? defaultLevels).includes(level))
    for (const {key, value} of mergeLabels(defaultLevels.includes(level) ? standard : [], ofLevel)) {
      const id = JSON.stringify([key, value])
      merged.set(id, {key, value, levels: [...(merged.get(id)?.levels ?? []), level]})
    }
  }
  return [...merged.values()].sort(byKey)
}

type LabelLine = KeyValue & Partial<Pick<AnnotationInput, 'levels'>>

/**
 * Renders the expressions in the lines of `labels` or `annotations`. As in docker/metadata-action, keys may contain
 * expressions too. Their texts are not changed as in tags. A line with an empty key is left out.
 */
export function renderLabels<T extends LabelLine>(
  lines: readonly T[],
  input: 'labels' | 'annotations',
  renderer: Renderer,
  values: TemplateValues,
): readonly (T & UserLabel)[] {
  return lines.flatMap((line) => {
    const place = labelPlaces(line, input)
    const key = renderer.render(line.key, values, place.key)
    const value = renderer.render(line.value, values, place.value)
    return key === undefined || value === undefined || key.text === ''
      ? []
      : [{...line, key: key.text, value: value.text, removes: line.value === ''}]
  })
}

/** Places of key and value in a line: after the levels, if an annotation has them. */
export function labelPlaces(
  {key, line, levels}: LabelLine,
  input: 'labels' | 'annotations',
): {readonly key: TemplatePlace; readonly value: TemplatePlace} {
  const column = levels === undefined ? 1 : levels.join(',').length + ':'.length + 1
  return {
    key: {input, line, column},
    value: {input, line, column: column + key.length + '='.length},
  }
}

/** Levels of annotations. Default: manifest and index, but BuildKit refuses index annotations for an image without one. */
export function annotationLevels(
  levels: readonly AnnotationLevel[] | undefined,
  hasIndex: boolean,
): readonly AnnotationLevel[] {
  return levels ?? (hasIndex ? ['manifest', 'index'] : ['manifest'])
}

/** Formats an annotation for `docker buildx build --annotation`: `manifest,index:key=value`. */
export function formatAnnotation({key, value, levels}: Annotation): string {
  return `${levels.join(',')}:${key}=${value}`
}

/** Compares keys as docker/metadata-action does: by the rules of English, where capitals do not come first. */
function byKey(a: Label, b: Label): number {
  // Keys of these characters have the same order by code. The tables of the locale take 10 ms to load.
  if (ordinary.test(a.key) && ordinary.test(b.key)) return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
  return a.key.localeCompare(b.key, 'en')
}

const ordinary = /^[a-z0-9.]*$/
