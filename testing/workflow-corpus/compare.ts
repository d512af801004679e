import {convertWorkflow} from '../../src/converter/convert-workflow.ts'
import type {Conversion} from '../../src/converter/conversion.ts'
import type {RemarkCode} from '../../src/converter/remarks.ts'
import {corpusEvent, type CorpusWorkflow, type ExpectedImage, type ExpectedMetadata} from './corpus.ts'
import {simulatedTagboat} from './tagboat-step.ts'
import {runWorkflow} from './workflow-run.ts'

/** Action that the tests write. */
export const tagboatAction = 'tagboat/tagboat@v1'

/** Facts of an image that both sides of a comparison have. */
export interface ComparedImage {
  readonly job: string
  readonly matrix?: Readonly<Record<string, unknown>>
  readonly tags: readonly string[]
  readonly push: boolean
  readonly version?: string | undefined
  readonly labels: Readonly<Record<string, string>>
}

/** Run of a workflow before and after the conversion, for one event. */
export interface Comparison {
  readonly before: readonly ComparedImage[]
  readonly after: readonly ComparedImage[]
  readonly metadataBefore: readonly ExpectedMetadata[]
  readonly metadataAfter: readonly ExpectedMetadata[]
  /** Jobs whose images get labels that they did not have, and that no remark names. */
  readonly unexplainedLabels: readonly string[]
}

/** Jobs that were converted, wholly or in part. */
export function convertedJobs({jobs}: Conversion): ReadonlySet<string> {
  return new Set([...jobs].filter(([, verdict]) => verdict === 'converted' || verdict === 'partial').map(([id]) => id))
}

/** Compares the recording with a run of the converted workflow by the code of a real run. */
export async function compare(workflow: CorpusWorkflow, event: string): Promise<Comparison> {
  const {text, about, expected} = workflow
  const conversion = convertWorkflow(text, {action: tagboatAction})
  const jobs = convertedJobs(conversion)
  const recorded = expected?.events[event]
  if (recorded === undefined) throw new Error(`${workflow.name} has no recording for ${event}. Run: npm run record`)
  const isConverted = ({job}: {readonly job: string}): boolean => jobs.has(job)
  const after = await runWorkflow({
    text: conversion.text,
    about,
    event: corpusEvent(event, about),
    actions: {tagboat: simulatedTagboat},
    only: (job) => jobs.has(job),
  })
  const images = recorded.images.filter(isConverted)
  const codes = new Set(conversion.remarks.map(({code}) => code))
  const hasAdded = (image: ExpectedImage, index: number): boolean =>
    Object.keys(image.labels).length > 0 && Object.keys(images[index]?.labels ?? {}).length === 0
  const kept = new Set(after.metadata.map(({job, id}) => `${job}.${id}`))
  return {
    before: images.map((image, index) => comparedImage(image, after.images[index])),
    after: after.images.map((image, index) => comparedImage(image, images[index])),
    metadataBefore: recorded.metadata.filter(({job, id}) => kept.has(`${job}.${id}`)),
    metadataAfter: after.metadata,
    unexplainedLabels: after.images
      .filter((image, index) => hasAdded(image, index) && !isExplained(image, codes))
      .map(({job}) => job),
  }
}

/**
 * Reports whether a remark names the labels that an image gets. The image that a promote joins has those of its platforms,
 * and an image that is not pushed is gone with the job.
 */
function isExplained({push, byDigest}: ExpectedImage, codes: ReadonlySet<RemarkCode>): boolean {
  return !push || codes.has('labels-added') || (byDigest !== true && codes.has('digests-promoted'))
}

/**
 * Image with its labels, and the version if metadata gave it. The labels of an image without any on the other side do not
 * count: `unexplainedLabels` lists those without a remark.
 */
function comparedImage(image: ExpectedImage, other: ExpectedImage | undefined): ComparedImage {
  const {job, matrix, tags, push, labels} = image
  // Metadata without a tag has an empty version.
  const version = (other?.version ?? '') === '' ? undefined : image.version
  const hasOther = Object.keys(other?.labels ?? {}).length > 0
  return {
    job,
    ...(matrix && {matrix}),
    tags,
    push,
    ...(version !== undefined && {version}),
    labels: hasOther ? labels : {},
  }
}

/** Recording with the documented differences of an event. */
export function withDifferences(
  images: readonly ComparedImage[],
  {about: {differences = []}}: CorpusWorkflow,
  event: string,
): readonly ComparedImage[] {
  return images.map((image, index) => {
    const found = differences.find((one) => one.event === event && one.image === index)
    if (found === undefined) return image
    const {tags = image.tags, push = image.push, version = image.version} = found
    const name = 'org.opencontainers.image.version'
    const labels = {...image.labels, ...(name in image.labels && version !== undefined && {[name]: version})}
    return {...image, tags, push, ...(image.version !== undefined && {version}), labels}
  })
}
