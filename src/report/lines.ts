import type {AnnotationLevel} from '../inputs/inputs.ts'
import type {Plan} from '../plan/plan.ts'
import {formatAnnotation} from '../tags/labels.ts'

/** `key=value`, one a label. */
export function labelLines({labels}: Plan): readonly string[] {
  return labels.map(({key, value}) => `${key}=${value}`)
}

/** A record, so that the compiler asks for a level that is added; in the order of docker/metadata-action. */
const levelOrder: Readonly<Record<AnnotationLevel, number>> = {
  manifest: 0,
  index: 1,
  'manifest-descriptor': 2,
  'index-descriptor': 3,
}

/** `manifest:key=value`, one for each level of each annotation, level by level: the form of docker/metadata-action. */
export function annotationLines({annotations}: Plan): readonly string[] {
  const levels = [...new Set(annotations.flatMap((annotation) => annotation.levels))]
  levels.sort((a, b) => levelOrder[a] - levelOrder[b])
  return levels.flatMap((level) =>
    annotations
      .filter((annotation) => annotation.levels.includes(level))
      .map((annotation) => formatAnnotation({...annotation, levels: [level]})),
  )
}

/** Items as one text. With a separator of the user's own they stand as they are: that text is no list of ours. */
export function joinItems(items: readonly string[], separator: string): string {
  return (separator === '\n' ? items.map(listItem) : items).join(separator)
}

/**
 * As the inputs `labels` and `annotations` read it back. Only what would be read as something else is quoted: several
 * lines, a quote or `#` in front. Blanks at the end are not worth it: other readers would take the quotes for text.
 */
function listItem(text: string): string {
  const isPlain = !/^\s*["#]|\n/.test(text)
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`
}
