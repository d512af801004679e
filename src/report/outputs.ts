import {formatRepository, formatTagRef} from '../oci/reference.ts'
import type {PublishedImage} from '../promote/read-back.ts'
import {annotationLines, labelLines} from './lines.ts'
import {planJson} from './plan-json.ts'
import type {Report} from './report.ts'

/** The outputs of the step: names and formats of docker/metadata-action and docker/build-push-action, and ours. */
export function outputs(report: Report): Readonly<Record<string, string>> {
  const {plan, build} = report
  const digest = build?.metadata?.digest ?? ''
  const names = [...new Set(plan.tags.map(({reference}) => formatRepository(reference.repository)))]
  const images = digest === '' ? [] : names.map((name) => `${name}@${digest}`)
  return {
    version: plan.version ?? '',
    tags: plan.tags.map(({reference}) => formatTagRef(reference)).join('\n'),
    'tag-names': plan.tagNames.join('\n'),
    labels: labelLines(plan).join('\n'),
    annotations: annotationLines(plan).join('\n'),
    json: metadataJson(report),
    digest,
    imageid: build?.imageId ?? '',
    metadata: build?.metadata?.text ?? '',
    image: images[0] ?? '',
    images: images.join('\n'),
    digests: byPlatform(report, ({digest: value}) => value),
    size: byPlatform(report, ({compressedBytes}) => compressedBytes),
    // Also where reading back failed: the registry holds something new.
    pushed: String(build !== undefined && plan.push.do),
    skipped: String(plan.skip !== undefined),
    plan: JSON.stringify(planJson(plan)),
  }
}

/** The `json` output of docker/metadata-action. */
function metadataJson({plan}: Report): string {
  return JSON.stringify({
    'tag-names': plan.tagNames,
    tags: plan.tags.map(({reference}) => formatTagRef(reference)),
    labels: Object.fromEntries(plan.labels.map(({key, value}) => [key, value])),
    annotations: annotationLines(plan),
  })
}

function byPlatform({published}: Report, value: (image: PublishedImage) => string | number): string {
  const images = published?.images ?? []
  if (images.length === 0) return ''
  return JSON.stringify(Object.fromEntries(images.map((image) => [image.platform, value(image)])))
}
