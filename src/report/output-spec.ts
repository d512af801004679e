import type {PublishingAction} from '../inputs/spec/action-names.ts'

/**
 * Every output of the actions that publish with its description. `action.yml` and `docs/outputs.md` are generated from it.
 */
export const outputSpecs = {
  version: 'First tag of the image, such as `1.2.3`, without the environment.',
  tags: 'Image references, as `name:tag`, one per line.',
  'tag-names': 'Tags without the name of the image, one per line.',
  labels: 'Labels, as `key=value`, one per line.',
  annotations: 'Annotations with their levels, as `level:key=value`, one per line.',
  json: 'Tags, labels and annotations as JSON, in the format of docker/metadata-action.',
  'bake-file': 'Path of a Bake definition file with tags and labels. The post step removes it.',
  'bake-file-tags': 'Path of a Bake definition file with the tags.',
  'bake-file-labels': 'Path of a Bake definition file with the labels.',
  'bake-file-annotations': 'Path of a Bake definition file with the annotations.',
  digest:
    'Digest of the built image, or of the release if it already existed. It is the digest of the index, or of the manifest if there is no index.',
  'digest-file':
    'Path of a file that contains the digest, for actions/upload-artifact. Its name differs for each image. The post step removes it.',
  imageid: 'Image ID. With `load`, it is the ID in the Docker engine.',
  metadata:
    'Build metadata of BuildKit, as JSON, of at most 40 KiB; a notice names fields that were left out. For a release that already existed: its digest and descriptor.',
  image:
    'First image by digest, as `name@sha256:…`, to which a tag of this run points; for a stage, the staged image. Empty if no registry has the image, or no tag points to it.',
  images: 'All images by digest, in the format of `image`, one per line.',
  digests: 'Digest of each platform, as JSON.',
  size: 'Compressed size of each platform in bytes, as JSON.',
  pushed:
    '`true` if this run changed a tag in a registry (for a stage: pushed the image), or else `false`. A repeated run gives `false`.',
  'moved-tags':
    'References that point to this image since this run, as a JSON list of `tag`, `reference`, `before`, `after`, `code` and `reason`.',
  'kept-tags': 'References that this run did not change, as a JSON list in the format of `moved-tags`.',
  gates:
    'Results of the checks that run before tags move (`verify`, `platforms`, `size`, `scan`, `test`), as a JSON list of `gate`, `outcome` (`passed`, `failed` or `skipped`), `reason`, `milliseconds`, and, where they apply, `subject`, `evidence`, `limits`, `tool`, `data`, `findings` (at most 50) and `findingCount`.',
  'scan-sarif':
    'Path of the SARIF file with the findings of the scan, for github/codeql-action/upload-sarif; also after a scan that failed. The post step removes it, unless `scan-report` is set.',
  signatures:
    'Signatures of the image, as a JSON list of `repository`, `subject` (the digest that is signed), `bundle` (digest of the referrer) and `sig` (digest of the manifest under the tag `sha256-….sig`); with several signers, those of the first.',
  signer: 'Signers of the image, one per line: for a key, the SHA-256 of the public key in base64.',
  'attestation-id': 'ID of the attestation at GitHub of this run; empty without one.',
  'attestation-url': 'Web page of that attestation.',
  skipped:
    '`true` if there was nothing to publish for this image, or else `false`. The outputs that describe an image are empty then.',
  name: 'Name of the builder of this run. Later steps of the job can use it.',
  driver: 'Driver of the builder.',
  platforms: 'Platforms that the builder can run, separated by commas.',
  nodes:
    'Nodes of the builder as a JSON list of `name`, `endpoint`, `driver-opts`, `status`, `buildkitd-flags`, `buildkit` and `platforms`, in the format of docker/setup-buildx-action.',
  endpoint: 'Endpoint of the first node of the builder.',
  plan: 'Plan of the run with its reasons, as JSON, of at most 40 KiB. The field `omitted` names lists that are not complete.',
  deleted:
    'Tags that `closed: delete` has deleted, as a JSON list of `reference`, `digest`, `class`, `code` and `reason`. Empty for any other event.',
} as const satisfies Readonly<Record<string, string>>

export type OutputName = keyof typeof outputSpecs

/** Outputs of other publishing actions that an action does not have. */
const missing: Readonly<Record<PublishingAction, readonly OutputName[]>> = {
  publish: [],
  stage: ['deleted', 'moved-tags', 'kept-tags', 'signatures', 'signer', 'attestation-id', 'attestation-url'],
  promote: [
    'deleted',
    'labels',
    'bake-file',
    'bake-file-tags',
    'bake-file-labels',
    'bake-file-annotations',
    'digest-file',
    'imageid',
    'metadata',
    'name',
    'driver',
    'platforms',
    'nodes',
    'endpoint',
  ],
}

/** Reports whether an action that publishes has an output of the table for publications. */
export function hasOutput(action: PublishingAction, name: string): boolean {
  return !missing[action].some((one) => one === name)
}
