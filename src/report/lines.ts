import type {Plan} from '../plan/plan.ts'
import {formatAnnotation} from '../tags/labels.ts'

/** `key=value`, one a label. */
export function labelLines({labels}: Plan): readonly string[] {
  return labels.map(({key, value}) => `${key}=${value}`)
}

/** `manifest,index:key=value`, one an annotation: the form that Buildx takes. */
export function annotationLines({annotations}: Plan): readonly string[] {
  return annotations.map(formatAnnotation)
}
