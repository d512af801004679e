import type {OutputInputs} from '../inputs/inputs.ts'
import {formatTagRef} from '../oci/reference.ts'
import type {Plan} from '../plan/plan.ts'
import type {PromoteOutcome} from '../promote/journal.ts'
import type {PublishedImage} from '../promote/read-back.ts'
import {annotationLines, joinItems, labelLines} from './lines.ts'
import {planJson} from './plan-json.ts'
import {taggedDigests} from '../promote/published-digests.ts'
import {offeredPlan, wasPushed, type Report} from './report.ts'

/** The outputs of the step: names and formats of docker/metadata-action and docker/build-push-action, and ours. */
export function outputs(
  report: Report,
  {tagSeparator, labelSeparator, annotationSeparator}: OutputInputs,
): Readonly<Record<string, string>> {
  const {staged} = report
  const plan = offeredPlan(report.plan)
  // Only what a registry holds can be named by its digest there.
  const published = staged === undefined ? [] : [...taggedDigests({...report, plan}, staged.digest)]
  const images = published.map(([name, held]) => `${name}@${held}`)
  return {
    version: plan.version ?? '',
    tags: plan.tags.map(({reference}) => formatTagRef(reference)).join(tagSeparator),
    'tag-names': plan.tagNames.join(tagSeparator),
    labels: joinItems(labelLines(plan), labelSeparator),
    annotations: joinItems(annotationLines(plan), annotationSeparator),
    json: metadataJson(plan),
    ...imageOutputs(report),
    image: images[0] ?? '',
    images: images.join('\n'),
    digests: byPlatform(report, ({digest: value}) => value),
    size: byPlatform(report, ({compressedBytes}) => compressedBytes),
    pushed: String(wasPushed(report)),
    'moved-tags': tagsJson(report, ['new', 'moved']),
    'kept-tags': tagsJson(report, ['kept', 'unchanged', 'restored']),
    skipped: String(plan.skip !== undefined),
    plan: JSON.stringify(planJson(plan)),
  }
}

/** What Buildx says of the image, or would have said of one that was there before. */
function imageOutputs({build, staged}: Report): Readonly<Record<'digest' | 'imageid' | 'metadata', string>> {
  const digest = staged?.digest ?? build?.metadata?.digest ?? ''
  const of = saidOf(build)
  if (staged?.known === undefined) return {digest, ...of}
  const known = {imageid: staged.known.imageId, metadata: staged.known.metadata}
  if (staged.existing) return {digest, ...known}
  return {digest, imageid: of.imageid || known.imageid, metadata: of.metadata || known.metadata}
}

function saidOf(build: Report['build']): Readonly<Record<'imageid' | 'metadata', string>> {
  return {imageid: build?.imageId ?? '', metadata: build?.metadata?.text ?? ''}
}

/** The `json` output of docker/metadata-action. */
function metadataJson(plan: Plan): string {
  return JSON.stringify({
    'tag-names': plan.tagNames,
    tags: plan.tags.map(({reference}) => formatTagRef(reference)),
    labels: Object.fromEntries(plan.labels.map(({key, value}) => [key, value])),
    annotations: annotationLines(plan),
  })
}

/** The rows of a promote with these outcomes; empty where nothing was to be tagged. */
function tagsJson({rows}: Report, outcomes: readonly PromoteOutcome[]): string {
  if (rows === undefined) return ''
  return JSON.stringify(
    rows
      .filter(({outcome}) => outcomes.includes(outcome))
      .map(({reference, before, after, code, reason}) => ({
        tag: reference.tag,
        reference: formatTagRef(reference),
        before: before ?? null,
        after: after ?? null,
        code,
        reason,
      })),
  )
}

function byPlatform({staged}: Report, value: (image: PublishedImage) => string | number): string {
  const images = staged?.images ?? []
  if (images.length === 0) return ''
  return JSON.stringify(Object.fromEntries(images.map((image) => [image.platform, value(image)])))
}

/**
 * The variables that docker/metadata-action exports besides its outputs; here only for who sets
 * `DOCKER_METADATA_SET_OUTPUT_ENV: true`.
 */
export function outputVariables(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const names = Object.keys(values).filter((name) => metadataOutputs.has(name))
  return Object.fromEntries(
    names.map((name) => [`DOCKER_METADATA_OUTPUT_${name.replaceAll('-', '_').toUpperCase()}`, values[name] ?? '']),
  )
}

const metadataOutputs: ReadonlySet<string> = new Set([
  'version',
  'tags',
  'tag-names',
  'labels',
  'annotations',
  'json',
  'bake-file',
  'bake-file-tags',
  'bake-file-labels',
  'bake-file-annotations',
])
