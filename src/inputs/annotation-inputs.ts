import type {InputReader} from './input-reader.ts'
import type {AnnotationInput, AnnotationLevel, ImageInputs, Inputs} from './inputs.ts'
import type {KeyValue} from './syntax/key-value.ts'
import {suggestion} from './syntax/nearest.ts'
import type {Problems} from './problem.ts'

/** Word in `labels` and `annotations` that switches off the standard ones. */
const noStandard = 'none'

export const knownLevels = ['manifest', 'index', 'manifest-descriptor', 'index-descriptor'] as const

/** Reads the input `annotation-levels`. Returns undefined if it is empty. */
export function readAnnotationLevels(reader: InputReader): readonly AnnotationLevel[] | undefined {
  const items = reader.list('annotation-levels')
  const levels = items.flatMap(({text, number, column}): AnnotationLevel[] => {
    const level = knownLevels.find((known) => known === text)
    if (level !== undefined) return [level]
    reader.problem(
      'annotation-levels',
      {line: number, column},
      `unknown level "${text}"`,
      suggestion(text, knownLevels),
    )
    return []
  })
  return items.length === 0 ? undefined : [...new Set(levels)]
}

/**
 * Reads the inputs `labels` and `annotations`. A line of `annotations` may have levels in the syntax of
 * `docker buildx build --annotation`.
 */
export function readLabels(reader: InputReader): Pick<ImageInputs, 'labels' | 'annotations' | 'withoutStandard'> {
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
    const level = knownLevels.find((known) => known === text)
    if (level !== undefined) return [level]
    if (text.includes('[')) {
      const remedy = 'Write the level without a platform.'
      reader.problem(
        'annotations',
        {line},
        `annotations for a single platform ("${text}") are not supported yet`,
        remedy,
      )
    } else {
      reader.problem('annotations', {line}, `unknown level "${text}"`, suggestion(text, knownLevels))
    }
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
    const level = knownLevels.find((known) => known === name)
    if (level !== undefined) return [level]
    const remedy = suggestion(name, knownLevels)
    problems.add({input: levelsVariable, message: `unknown level "${name}"`, remedy})
    return []
  })
  return {...inputs, image: {...inputs.image, annotationLevels: [...new Set(levels)]}}
}
