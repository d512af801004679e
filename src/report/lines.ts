import {baseLevel, type BaseLevel} from '../oci/annotation-level.ts'
import type {Plan} from '../plan/plan.ts'
import {formatAnnotation} from '../tags/labels.ts'

/** Labels as `key=value`. */
export function labelLines({labels}: Plan): readonly string[] {
  return labels.map(({key, value}) => `${key}=${value}`)
}

/**
 * Order of the levels, that of docker/metadata-action. A record, so that a new level does not compile without a place.
 */
const levelOrder: Readonly<Record<BaseLevel, number>> = {
  manifest: 0,
  index: 1,
  'manifest-descriptor': 2,
  'index-descriptor': 3,
}

/** Annotations as `manifest:key=value`, level by level, as docker/metadata-action writes them. */
export function annotationLines({annotations}: Plan): readonly string[] {
  const levels = [...new Set(annotations.flatMap((annotation) => annotation.levels))]
  levels.sort((a, b) => levelOrder[baseLevel(a)] - levelOrder[baseLevel(b)])
  return levels.flatMap((level) =>
    annotations
      .filter((annotation) => annotation.levels.includes(level))
      .map((annotation) => formatAnnotation({...annotation, levels: [level]})),
  )
}

/**
 * Joins items of an output. Only the default separator, a line break, makes a list whose items are quoted where
 * necessary.
 */
export function joinItems(items: readonly string[], separator: string): string {
  return (separator === '\n' ? items.map(listItem) : items).join(separator)
}

/**
 * Item in the syntax of the inputs `labels` and `annotations`. Only text that they would read differently is quoted:
 * several lines, a leading quote, a leading `#`. Trailing blanks are not: other programs read quotes as part of the
 * text.
 */
function listItem(text: string): string {
  const isPlain = !/^\s*["#]|\n/.test(text)
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`
}
