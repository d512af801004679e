import {writtenRepository, writtenTagRef} from '../oci/reference.ts'
import type {Plan} from '../plan/plan.ts'
import {annotationLines} from './lines.ts'
import {planForLaterSteps} from './report.ts'

/** Kinds of Bake files, one per output: `bake-file`, `bake-file-tags`, `bake-file-labels`, `bake-file-annotations`. */
export const bakeKinds = ['all', 'tags', 'labels', 'annotations'] as const

export type BakeKind = (typeof bakeKinds)[number]

/** Attributes of a Bake target that Tagboat writes: https://docs.docker.com/build/bake/reference/#target */
export interface BakeTarget {
  readonly tags?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: readonly string[]
  readonly args?: Readonly<Record<string, string>>
}

/** Bake file in its JSON form. */
interface BakeFile {
  readonly target: Readonly<Record<string, BakeTarget>>
}

/**
 * Bake file of a plan, as docker/metadata-action writes it (https://github.com/docker/metadata-action#bake-definition):
 * `all` has tags, labels and arguments, but no annotations, which have a file of their own. Bake reads strings as
 * templates, so a template in a value, such as the description of a repository, is escaped.
 */
export function bakeFile(kind: BakeKind, plan: Plan, target: string): BakeFile {
  return {target: {[target]: attributes(kind, planForLaterSteps(plan))}}
}

function attributes(kind: BakeKind, plan: Plan): BakeTarget {
  switch (kind) {
    case 'all':
      return {...attributes('tags', plan), ...attributes('labels', plan)}
    case 'tags':
      return {tags: plan.tags.map(({reference}) => literal(writtenTagRef(reference))), args: args(plan)}
    case 'labels':
      return {labels: Object.fromEntries(plan.labels.map(({key, value}) => [literal(key), literal(value)]))}
    case 'annotations':
      return {annotations: annotationLines(plan).map(literal)}
  }
}

function args({repositories, version}: Plan): Readonly<Record<string, string>> {
  const images = {DOCKER_META_IMAGES: literal(repositories.map(writtenRepository).join(','))}
  return version === undefined ? images : {...images, DOCKER_META_VERSION: literal(version)}
}

/**
 * Escapes `${` and `%{`, which begin a template unless they are doubled:
 * https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#templates
 */
function literal(text: string): string {
  return text.replace(/[$%](?=\{)/g, '$&$&')
}
