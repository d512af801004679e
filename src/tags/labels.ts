import type {GitContext} from '../context/git-context.ts'
import type {AnnotationInput, AnnotationLevel} from '../inputs/inputs.ts'
import type {KeyValue} from '../inputs/syntax/key-value.ts'
import type {Renderer, TemplatePlace} from './templates/render.ts'
import type {TemplateValues} from './templates/template.ts'

/** A label or annotation, ready to be set. */
export interface Label {
  readonly key: string
  readonly value: string
}

export interface LabelRequest {
  readonly context: GitContext
  readonly version: string | undefined
  readonly now: Date
}

/**
 * The pre-defined annotation keys of the OCI image spec that GitHub and Git know an answer to:
 * https://github.com/opencontainers/image-spec/blob/main/annotations.md. What is not known is left out: an empty value
 * would hide what the Dockerfile says.
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

/** What the event says of a repository becomes an argument of the build, which holds no NUL and has an end. */
function asArgument(value: string): string {
  return value.replaceAll('\0', '').slice(0, maxFact)
}

const maxFact = 4096

/** A label that the user gave. */
export interface OwnLabel extends Label {
  /** Written as `key=`: the label goes. A value whose expressions came out empty stays, as in docker/metadata-action. */
  readonly removes: boolean
}

/** The user's own over the standard ones: a key given twice counts as it was given last. */
export function mergeLabels(standard: readonly Label[], own: readonly OwnLabel[]): readonly Label[] {
  const merged = new Map(standard.map(({key, value}) => [key, value]))
  for (const {key, value, removes} of own) {
    merged.delete(key)
    if (!removes) merged.set(key, value)
  }
  return [...merged].map(([key, value]) => ({key, value})).sort(byKey)
}

/** An annotation and the documents that carry it. */
export interface Annotation extends Label {
  readonly levels: readonly AnnotationLevel[]
}

/** The same for annotations, level by level: `index:key=value` changes the index alone. */
export function mergeAnnotations(
  standard: readonly Label[],
  own: readonly (OwnLabel & {readonly levels: readonly AnnotationLevel[] | undefined})[],
  defaultLevels: readonly AnnotationLevel[],
): readonly Annotation[] {
  const levels = [...new Set([...defaultLevels, ...own.flatMap((annotation) => annotation.levels ?? [])])]
  const merged = new Map<string, Annotation>()
  for (const level of levels) {
    const here = own.filter((annotation) => (annotation.levels ?? defaultLevels).includes(level))
    for (const {key, value} of mergeLabels(defaultLevels.includes(level) ? standard : [], here)) {
      const id = JSON.stringify([key, value])
      merged.set(id, {key, value, levels: [...(merged.get(id)?.levels ?? []), level]})
    }
  }
  return [...merged.values()].sort(byKey)
}

type LabelLine = KeyValue & Partial<Pick<AnnotationInput, 'levels'>>

/**
 * The lines of `labels` or `annotations` with their expressions rendered. docker/metadata-action applies them to these
 * inputs as a whole, and so to keys too. The text of an expression stays as it is: it is no tag. A key that comes out
 * empty is no label.
 */
export function renderLabels<T extends LabelLine>(
  lines: readonly T[],
  input: 'labels' | 'annotations',
  renderer: Renderer,
  values: TemplateValues,
): readonly (T & OwnLabel)[] {
  return lines.flatMap((line) => {
    const place = labelPlaces(line, input)
    const key = renderer.render(line.key, values, place.key)
    const value = renderer.render(line.value, values, place.value)
    return key === undefined || value === undefined || key.text === ''
      ? []
      : [{...line, key: key.text, value: value.text, removes: line.value === ''}]
  })
}

/** Where key and value stand: behind the levels, where an annotation names them itself. */
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

/** An index exists only for several platforms; asked of one, BuildKit refuses index annotations. */
export function annotationLevels(
  asked: readonly AnnotationLevel[] | undefined,
  platformCount: number,
): readonly AnnotationLevel[] {
  return asked ?? (platformCount > 1 ? ['manifest', 'index'] : ['manifest'])
}

/** `manifest,index:key=value`: the form that `docker buildx build --annotation` takes. */
export function formatAnnotation({key, value, levels}: Annotation): string {
  return `${levels.join(',')}:${key}=${value}`
}

/** As docker/metadata-action sorts them: capitals do not come first. The order is that of English on every machine. */
function byKey(a: Label, b: Label): number {
  // Of ordinary keys the order by code is that of the locale, whose tables take 10 ms to load.
  if (ordinary.test(a.key) && ordinary.test(b.key)) return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
  return a.key.localeCompare(b.key, 'en')
}

const ordinary = /^[a-z0-9.]*$/
