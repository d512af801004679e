import type {Plan} from '../plan/plan.ts'
import {formatAnnotation} from '../tags/labels.ts'

/** `key=value`, one a label. */
export function labelLines({labels}: Plan): readonly string[] {
  return labels.map(({key, value}) => `${key}=${value}`)
}

/** `manifest:key=value`, one for each level of each annotation, level by level: the form of docker/metadata-action. */
export function annotationLines({annotations}: Plan): readonly string[] {
  const levels = [...new Set(annotations.flatMap((annotation) => annotation.levels))]
  return levels.flatMap((level) =>
    annotations
      .filter((annotation) => annotation.levels.includes(level))
      .map((annotation) => formatAnnotation({...annotation, levels: [level]})),
  )
}
