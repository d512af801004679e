/** Outputs of docker/metadata-action, which Tagboat has under the same names. */
export const metadataOutputs: ReadonlySet<string> = new Set([
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
