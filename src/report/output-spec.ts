/** Every output of this release and what it holds; `action.yml` and the README are generated from it. */
export const outputSpecs = {
  version: 'The first tag of the image, such as `1.2.3`, without the environment.',
  tags: 'Every reference, `name:tag`, one a line.',
  'tag-names': 'Every tag without the name of an image, one a line.',
  labels: 'The labels, as `key=value`, one a line.',
  annotations: 'The annotations with their levels, as `level:key=value`, one a line.',
  json: 'Tags, labels and annotations as JSON, in the format of docker/metadata-action.',
  'bake-file': 'Path of a Bake definition file with tags and labels; it is there until the post step.',
  'bake-file-tags': 'Path of a Bake definition file with the tags.',
  'bake-file-labels': 'Path of a Bake definition file with the labels.',
  'bake-file-annotations': 'Path of a Bake definition file with the annotations.',
  digest:
    'Digest of what was built, or of the release where that was there before: of the index, or of the manifest when there is one alone.',
  imageid: 'ID of the image.',
  metadata:
    'What BuildKit says of the build, as JSON; of a release that was published before, its digest and descriptor.',
  image:
    'The first image by digest, `name@sha256:…`, which a tag of this run holds, now or from a run before; of a stage, the staged one. Empty when no registry holds it, or no tag.',
  images: 'Every image by digest, one a line, as `image`.',
  digests: 'Digest of each platform, as JSON.',
  size: 'Compressed size of each platform in bytes, as JSON.',
  pushed:
    '`true` when the registries hold something new under a tag (of a stage: by its digest), else `false`; so a run that is repeated says `false`.',
  'moved-tags':
    'The references that now hold this image and did not before, as a JSON list of `tag`, `reference`, `before`, `after` and `reason`.',
  'kept-tags': 'The references that were left as they are, as a JSON list like `moved-tags`.',
  skipped:
    '`true` when there was nothing of this image to publish, else `false`. The outputs above that describe an image are empty then.',
  plan: 'What the run was to do, and why, as JSON.',
} as const satisfies Readonly<Record<string, string>>

export type OutputName = keyof typeof outputSpecs

/** What an action does not do, it has no output for. */
const missing: Readonly<Record<'publish' | 'stage' | 'promote', readonly OutputName[]>> = {
  publish: [],
  stage: ['moved-tags', 'kept-tags'],
  promote: [
    'labels',
    'bake-file',
    'bake-file-tags',
    'bake-file-labels',
    'bake-file-annotations',
    'imageid',
    'metadata',
  ],
}

/** Whether an action has an output of this name. */
export function hasOutput(action: keyof typeof missing, name: string): boolean {
  return !missing[action].some((one) => one === name)
}
