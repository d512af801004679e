import type {BuildInputs} from '../inputs/inputs.ts'
import {baseLevel, type AnnotationLevel} from '../oci/annotation-level.ts'
import {formatPlatform, type Platform} from '../oci/platform.ts'
import type {Annotation} from '../tags/labels.ts'
import {hasOutput, loadsByBuildx, type OutputRequest} from './outputs.ts'

/**
 * Reports whether a build publishes an index: for several platforms, or with attestations in it. BuildKit refuses annotations of
 * an index for another image (moby/buildkit, exporter/containerimage/writer.go).
 */
export function makesIndex({inputs, destination}: Pick<OutputRequest, 'inputs' | 'destination'>): boolean {
  if (isMultiPlatform(inputs)) return true
  const isInIndex = inputs.attestations === 'inline' || inputs.attestations === 'both'
  return isInIndex && hasAttestations(inputs, destination.kind !== 'none' && destination.kind !== 'tags')
}

/** Reports whether a build makes an index even without attestations. */
export function isMultiPlatform({platforms, buildArgs}: Pick<BuildInputs, 'platforms' | 'buildArgs'>): boolean {
  if (platforms.length > 1) return true
  return buildArgs.some(({key, value}) => key === 'BUILDKIT_MULTI_PLATFORM' && /^(?:1|true)$/i.test(value ?? ''))
}

/**
 * Reports whether each output of a build with an image has an index. The docker exporter leaves the attestations of one
 * platform out, and then refuses annotations of an index.
 */
export function alwaysMakesIndex(request: OutputRequest): boolean {
  return makesIndex(request) && !loadsByBuildx(request) && !hasOutput(request.inputs, ['docker'])
}

/** `byDefault`: whether Buildx adds provenance, as it does for a builder that can stage. */
function hasAttestations({attests, provenance, sbom, reproducible}: BuildInputs, byDefault: boolean): boolean {
  const isOn = (text: string): boolean => !/^false$|\bdisabled=true\b/i.test(text)
  const written = [...attests, ...(provenance === undefined ? [] : [provenance]), ...(sbom === undefined ? [] : [sbom])]
  const hasProvenance = provenance !== undefined || attests.some((text) => /\btype=provenance\b/.test(text))
  return written.some(isOn) || (byDefault && !hasProvenance && !reproducible)
}

/**
 * Annotations of an image of one platform. BuildKit ignores levels with a platform for an image without an index, so the
 * platform is removed from its own levels, and the levels of other platforms are left out. A level with the platform has
 * precedence over the same level without one.
 */
export function forPlatform(annotations: readonly Annotation[], platform: Platform): readonly Annotation[] {
  const suffix = `[${formatPlatform(platform)}]`
  const isOwn = (level: AnnotationLevel): boolean => level.endsWith(suffix)
  const isReplaced = (key: string, level: AnnotationLevel): boolean =>
    annotations.some((other) => other.key === key && other.levels.some((own) => own === `${level}${suffix}`))
  return annotations.flatMap((annotation) => {
    const {key, levels} = annotation
    const own = levels.filter(isOwn).map(baseLevel)
    const others = levels.filter((level) => !level.includes('[') && !isReplaced(key, level))
    const all = [...new Set([...others, ...own])]
    return all.length === 0 ? [] : [{...annotation, levels: all}]
  })
}

/** Reports whether a level belongs to an index. */
export function isIndexLevel(level: AnnotationLevel): boolean {
  return level === 'index' || level === 'index-descriptor'
}

/** Annotations without those of an index. */
export function withoutIndexLevels(annotations: readonly Annotation[]): readonly Annotation[] {
  return annotations.flatMap(({levels, ...annotation}) => {
    const others = levels.filter((level) => !isIndexLevel(level))
    return others.length === 0 ? [] : [{...annotation, levels: others}]
  })
}
