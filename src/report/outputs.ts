import type {Builder, BuilderNode} from '../buildx/inspect.ts'
import {formatPlatform} from '../oci/platform.ts'
import type {OutputInputs} from '../inputs/inputs.ts'
import {formatRepository, writtenRepository, writtenTagRef} from '../oci/reference.ts'
import type {PublishedImage} from '../oci/published-image.ts'
import type {Plan} from '../plan/plan.ts'
import type {PromoteOutcome} from '../promote/journal.ts'
import {annotationLines, joinItems, labelLines} from './lines.ts'
import {metadataOutputs} from './metadata-outputs.ts'
import {limitMetadata, limitPlan, maxOutputBytes} from './output-limit.ts'
import {planJson} from './plan-json.ts'
import {taggedDigests} from '../promote/published-digests.ts'
import {planForLaterSteps, wasPushed, type Report} from './report.ts'

/**
 * Outputs of the step. Those of docker/metadata-action and docker/build-push-action have the same names and formats.
 */
export function outputs(
  report: Report,
  {tagSeparator, labelSeparator, annotationSeparator}: OutputInputs,
): Readonly<Record<string, string>> {
  const {staged} = report
  const plan = planForLaterSteps(report.plan)
  // A digest is named only in a repository that has it.
  const published = staged === undefined ? [] : [...taggedDigests({...report, plan}, staged.digest)]
  const names = writtenNames(plan)
  const images = published.map(([name, digest]) => `${names.get(name) ?? name}@${digest}`)
  return {
    version: plan.version ?? '',
    tags: plan.tags.map(({reference}) => writtenTagRef(reference)).join(tagSeparator),
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
    gates: gatesJson(report),
    'scan-sarif': report.scanSarif ?? '',
    signatures: '',
    signer: '',
    'attestation-id': report.attested?.id ?? '',
    'attestation-url': report.attested?.url ?? '',
    skipped: String(plan.skip !== undefined),
    ...builderOutputs(report.builder),
    plan: limitPlan(planJson(plan, report)).text,
  }
}

/** Repositories as the user wrote them first, by `formatRepository`. */
function writtenNames({tags}: Plan): ReadonlyMap<string, string> {
  const all = tags.map(
    ({reference: {repository}}) => [formatRepository(repository), writtenRepository(repository)] as const,
  )
  return new Map(all.toReversed())
}

type BuilderOutput = 'name' | 'driver' | 'platforms' | 'nodes' | 'endpoint'

/** Values of docker/setup-buildx-action; empty without a builder. */
function builderOutputs(builder: Builder | undefined): Readonly<Record<BuilderOutput, string>> {
  if (builder === undefined) return {name: '', driver: '', platforms: '', nodes: '', endpoint: ''}
  const {name, driver, nodes, platforms} = builder
  return {
    name,
    driver,
    platforms: [...new Set(platforms.map(formatPlatform))].join(','),
    nodes: JSON.stringify(nodes.map(nodeOutput)),
    endpoint: nodes[0]?.endpoint ?? '',
  }
}

function nodeOutput(node: BuilderNode): Readonly<Record<string, unknown>> {
  const {name, endpoint, driverOptions, status, daemonFlags, buildkit, platforms} = node
  const options = [...(driverOptions ?? '').matchAll(/(?<![\w.-])([\w.-]+)="((?:[^"\\]|\\.)*)"/g)]
  return {
    name,
    endpoint,
    ...(driverOptions !== undefined && {'driver-opts': options.map(([, key = '', value = '']) => `${key}=${value}`)}),
    status,
    ...(daemonFlags !== undefined && {'buildkitd-flags': daemonFlags}),
    ...(buildkit !== undefined && {buildkit}),
    platforms: platforms.map(formatPlatform).join(','),
  }
}

/** Notices about outputs that are not complete, because a later step could not read them. */
export function incompleteOutputs(report: Report): readonly string[] {
  const ofPlan = limitPlan(planJson(planForLaterSteps(report.plan), report)).omitted
  const ofMetadata = limitMetadata(builtOrFound(report).metadata).omitted
  const size = `${maxOutputBytes / 1024} KiB, the limit for later steps`
  return [
    ...(ofPlan.length === 0 ? [] : [`The output \`plan\` would exceed ${size}. Not complete: ${ofPlan.join(', ')}.`]),
    ...(ofMetadata.length === 0
      ? []
      : [
          `The output \`metadata\` would exceed ${size}. Left out: ${ofMetadata.join(', ')}. The attestations of the image contain the provenance.`,
        ]),
  ]
}

/**
 * Metadata of the build, or of the existing image in the same format. The image ID is that of the engine, if it has the
 * image: a later step runs the image by it.
 */
function imageOutputs(report: Report): Readonly<Record<'digest' | 'imageid' | 'metadata', string>> {
  const {build, staged, loaded} = report
  const {imageid, metadata} = builtOrFound(report)
  return {
    digest: staged?.digest ?? build?.metadata?.digest ?? '',
    imageid: loaded?.imageId ?? imageid,
    metadata: limitMetadata(metadata).text,
  }
}

function builtOrFound({build, staged}: Report): Readonly<Record<'imageid' | 'metadata', string>> {
  const built = {imageid: build?.imageId ?? '', metadata: build?.metadata?.text ?? ''}
  if (staged?.imageMetadata === undefined) return built
  const known = {imageid: staged.imageMetadata.imageId, metadata: staged.imageMetadata.metadata}
  if (staged.existing) return known
  return {imageid: built.imageid || known.imageid, metadata: built.metadata || known.metadata}
}

/** Output `json`, in the format of docker/metadata-action. */
function metadataJson(plan: Plan): string {
  return JSON.stringify({
    'tag-names': plan.tagNames,
    tags: plan.tags.map(({reference}) => writtenTagRef(reference)),
    labels: Object.fromEntries(plan.labels.map(({key, value}) => [key, value])),
    annotations: annotationLines(plan),
  })
}

/** JSON list of the tags with these outcomes; empty if the run was not to push tags. */
function tagsJson({rows}: Report, outcomes: readonly PromoteOutcome[]): string {
  if (rows === undefined) return ''
  return JSON.stringify(
    rows
      .filter(({outcome}) => outcomes.includes(outcome))
      .map(({reference, before, after, code, reason}) => ({
        tag: reference.tag,
        reference: writtenTagRef(reference),
        before: before ?? null,
        after: after ?? null,
        code,
        reason,
      })),
  )
}

/** Number of findings in the output `gates`, the worst first. Later steps could not read more. */
const maxFindings = 50

/** JSON list of the verdicts of the gates that have run; empty if the run did not get to its gates. */
function gatesJson({gates}: Report): string {
  if (gates === undefined) return ''
  return JSON.stringify(
    gates.map(({gate, outcome, reason, durationMs, findings, ...details}) => ({
      gate,
      outcome,
      reason,
      milliseconds: Math.round(durationMs),
      ...details,
      ...(findings && {findings: findings.slice(0, maxFindings), findingCount: findings.length}),
    })),
  )
}

function byPlatform({staged}: Report, value: (image: PublishedImage) => string | number): string {
  const images = staged?.images ?? []
  if (images.length === 0) return ''
  return JSON.stringify(Object.fromEntries(images.map((image) => [image.platform, value(image)])))
}

/**
 * Variables that docker/metadata-action exports besides its outputs. Tagboat exports them only with
 * `DOCKER_METADATA_SET_OUTPUT_ENV: true`.
 */
export function outputVariables(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const names = Object.keys(values).filter((name) => metadataOutputs.has(name))
  return Object.fromEntries(
    names.map((name) => [`DOCKER_METADATA_OUTPUT_${name.replaceAll('-', '_').toUpperCase()}`, values[name] ?? '']),
  )
}
