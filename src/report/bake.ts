import {formatRepository, formatTagRef} from '../oci/reference.ts'
import type {Plan} from '../plan/plan.ts'
import {annotationLines} from './lines.ts'
import {offeredPlan} from './report.ts'

/** One for each output: `bake-file`, `bake-file-tags`, `bake-file-labels`, `bake-file-annotations`. */
export const bakeKinds = ['all', 'tags', 'labels', 'annotations'] as const

export type BakeKind = (typeof bakeKinds)[number]

/** The attributes of a target that are used here: https://docs.docker.com/build/bake/reference/#target */
export interface BakeTarget {
  readonly tags?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: readonly string[]
  readonly args?: Readonly<Record<string, string>>
}

/** A Bake file in its JSON form; to be written as `JSON.stringify` gives it. */
export interface BakeFile {
  readonly target: Readonly<Record<string, BakeTarget>>
}

/**
 * What docker/metadata-action writes for a plan (https://github.com/docker/metadata-action#bake-definition): `all` has
 * tags, labels and arguments, but no annotations, which stay in a file of their own. Bake reads texts as templates, so
 * what looks like one, as in the description of a repository, is escaped.
 */
export function bakeFile(kind: BakeKind, plan: Plan, target: string): BakeFile {
  return {target: {[target]: attributes(kind, offeredPlan(plan))}}
}

function attributes(kind: BakeKind, plan: Plan): BakeTarget {
  switch (kind) {
    case 'all':
      return {...attributes('tags', plan), ...attributes('labels', plan)}
    case 'tags':
      return {tags: plan.tags.map(({reference}) => literal(formatTagRef(reference))), args: args(plan)}
    case 'labels':
      return {labels: Object.fromEntries(plan.labels.map(({key, value}) => [literal(key), literal(value)]))}
    case 'annotations':
      return {annotations: annotationLines(plan).map(literal)}
  }
}

function args({repositories, version}: Plan): Readonly<Record<string, string>> {
  const images = {DOCKER_META_IMAGES: literal(repositories.map(formatRepository).join(','))}
  return version === undefined ? images : {...images, DOCKER_META_VERSION: literal(version)}
}

/** `${` and `%{` begin a template, doubled they do not: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#templates */
function literal(text: string): string {
  return text.replace(/[$%](?=\{)/g, '$&$&')
}
