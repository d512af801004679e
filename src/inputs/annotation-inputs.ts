import type {InputReader} from './input-reader.ts'
import type {AnnotationInput, ImageInputs, Inputs} from './inputs.ts'
import type {AnnotationLevel} from '../oci/annotation-level.ts'
import {parseLevel} from './syntax/annotation-level.ts'
import type {KeyValue} from './syntax/key-value.ts'
import type {Problems} from './problem.ts'

/** Word in `labels` and `annotations` that switches off the standard ones. */
const noStandard = 'none'

/** Reads the input `annotation-levels`. Returns undefined if it is empty. */
export function readAnnotationLevels(reader: InputReader): readonly AnnotationLevel[] | undefined {
  const items = reader.list('annotation-levels')
  const levels = items.flatMap(({text, number, column}): AnnotationLevel[] => {
    const parsed = parseLevel(text)
    if (parsed.ok) return [parsed.level]
    reader.problem('annotation-levels', {line: number, column}, parsed.message, parsed.remedy)
    return []
  })
  return items.length === 0 ? undefined : [...new Set(levels)]
}

/**
 * Reads the inputs `labels` and `annotations`. A line of `annotations` may have levels in the syntax of
 * `docker buildx build --annotation`.
 */
export function readLabelsAndAnnotations(
  reader: InputReader,
): Pick<ImageInputs, 'labels' | 'annotations' | 'withoutStandard'> {
  const labels = reader.pairsAndWord('labels', noStandard)
  const annotations = reader.pairsAndWord('annotations', noStandard)
  return {
    labels: labels.pairs,
    annotations: annotations.pairs.map((pair) => readLevels(reader, pair)),
    withoutStandard: {labels: labels.hasWord, annotations: annotations.hasWord},
  }
}

/** `level[,level]:key`, each level with an optional platform: https://docs.docker.com/reference/cli/docker/buildx/build/#annotation */
const levelPrefix = /^([a-z-]+(?:\[[^\]]*\])?(?:,[a-z-]+(?:\[[^\]]*\])?)*):(.+)$/

function readLevels(reader: InputReader, {key, value, line}: KeyValue): AnnotationInput {
  const [, prefix, name] = levelPrefix.exec(key) ?? []
  if (prefix === undefined || name === undefined) return {key, value, line, levels: undefined}
  const levels = prefix.split(',').flatMap((text): AnnotationLevel[] => {
    const parsed = parseLevel(text)
    if (!parsed.ok) reader.problem('annotations', {line}, parsed.message, parsed.remedy)
    else if (value === '' && parsed.level.includes('[')) {
      const message = `an annotation cannot be removed for a single platform ("${text}")`
      reader.problem('annotations', {line}, message, 'Write the level without a platform, or a value.')
    } else return [parsed.level]
    return []
  })
  return {key: name, value, line, levels: [...new Set(levels)]}
}

const levelsVariable = 'DOCKER_METADATA_ANNOTATIONS_LEVELS'

/** Adds the annotation levels of docker/metadata-action's environment variable, unless the input sets levels. */
export function withAnnotationLevels(
  inputs: Inputs,
  variables: Readonly<Record<string, string | undefined>>,
  problems: Problems,
): Inputs {
  const text = variables[levelsVariable] ?? ''
  if (text.trim() === '' || inputs.image.annotationLevels !== undefined) return inputs
  const levels = text.split(',').flatMap((word): AnnotationLevel[] => {
    const name = word.trim()
    const parsed = parseLevel(name)
    if (parsed.ok) return [parsed.level]
    problems.add({input: levelsVariable, message: parsed.message, remedy: parsed.remedy})
    return []
  })
  return {...inputs, image: {...inputs.image, annotationLevels: [...new Set(levels)]}}
}
