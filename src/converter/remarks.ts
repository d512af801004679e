/** Codes of the remarks on a conversion, with a description for the documentation. */
export const remarkCodes = {
  'comment-dropped': 'A comment of a removed step is gone.',
  'attribute-dropped': 'An attribute of a rule had no effect, and is an error in Tagboat. It was removed.',
  'condition-dropped': 'The condition of a removed step is gone: Tagboat needs what the step did only if it pushes.',
  'input-dropped': 'An input of a removed step has no counterpart, and no effect on the image.',
  'labels-added': 'The image had no standard labels. Tagboat adds them; `labels: none` switches them off.',
  'labels-unused': 'Labels or annotations of the metadata step did not reach the image. They were not taken over.',
  'exact-moves': 'A full version is published by events that are neither a Git tag nor a release. It may move.',
  'exact-unknown':
    'The text of a tag is not known before the run. If it is a full version, it names one content for ever.',
  'tags-expression':
    'Tags come from an expression. A word without a colon is a tag in Tagboat, not the name of an image.',
  'contents-read': 'Tagboat compares commits, for which the job needs `contents: read`.',
  'export-login': 'A later step needs the login, so Tagboat exports it.',
  'login-gone': 'A step may use the login of a removed step. Tagboat keeps its own login to itself by default.',
  'inspect-dropped': 'A step that only showed the joined image is gone. The promote shows its digest and tags.',
  'built-twice':
    'An image is built for a test and again for the push. The input `test` tests the image that is pushed.',
  signed: 'Tagboat signs the image before its tags move, as cosign did after that.',
  'cloud-login': 'Tagboat requests the credentials of the cloud itself, with the ID token of the job.',
  'login-kept': 'A login stays as it was. Tagboat uses it.',
  'builder-kept': 'The step that creates the builder stays. Tagboat uses its builder.',
  'qemu-kept': 'The step that installs emulators stays, because another step may need them.',
  'metadata-kept': 'The metadata is used before the build, so a step with `dry-run: true` gives it.',
  'other-commit':
    'The job checks out another commit than that of the event, and Tagboat names the commit that is built.',
  'digests-promoted': 'Digests of several jobs become one image in a promote.',
  bake: 'A definition of Bake builds the image.',
  depot: 'Depot builds the image.',
  'other-builder': 'Another program than Buildx builds the image.',
  windows: 'The job runs on Windows, where images of Linux cannot be built.',
  'metadata-alone': 'The job has metadata, but no build of its own. A step with `dry-run: true` gives the metadata.',
  'tags-mixed': 'The tags of a build come from metadata and something else, or from several metadata steps.',
  'same-tag': 'Two builds give the same tag. The last one wins in the Docker actions, and the first one in Tagboat.',
  'matrix-same-tags': 'All jobs of a matrix give the same tags.',
  'condition-differs': 'The metadata step has another condition than the build.',
  'images-missing': 'The metadata step has no images.',
  'unknown-input': 'An input is not known, and may change what is built.',
  'flow-style': 'The step is written in braces, or shared by an anchor.',
  'output-unknown': 'An output is read that Tagboat does not have.',
  'outputs-unknown': 'The outputs of a build push in a way that is not known before the run.',
  'digests-unclear': 'A build pushes by digest, and the job that joins the digests is not recognized.',
  'composed-tags': 'Tags per platform are joined by a later step.',
  'invalid-result': 'The converted text would not be valid.',
  'invalid-file': 'The file is not a valid workflow.',
  'part-only': 'The text has one of the actions, but no list of steps.',
} as const

/** Code of a remark. */
export type RemarkCode = keyof typeof remarkCodes
