const image = 'Use `images`, with the owner in the name: ghcr.io/OWNER/NAME.'
const kept = 'Use `keep-n-tagged` for tags, and `keep-n-untagged` for untagged images.'
const regex = '`use-regex: true`, one expression per line.'
const log = 'Remove it: the log has each decision.'

/** Remedies for inputs of actions that delete images, if the input has another name here or none. */
export const foreignPruneInputs: readonly (readonly [string, string])[] = [
  // dataaxiom/ghcr-cleanup-action, and names that several of these actions have
  ['token', 'Use `github-token`.'],
  ['owner', image],
  ['repository', 'Remove it: `images` names the package.'],
  ['package', image],
  ['packages', image],
  ['expand-packages', 'Remove it, and list each image in `images`.'],
  ['delete-ghost-images', 'Use `delete-partial-images`: it includes images that lack all platforms.'],
  ['log-level', log],
  ['registry-url', 'Remove it: `images` names the registry.'],
  ['github-api-url', 'Remove it: the workflow run names its server.'],
  // snok/container-retention-policy
  ['account', image],
  ['cut-off', 'Use `older-than`.'],
  ['image-names', image],
  ['image-tags', 'Use `delete-tags`, and `exclude-tags` for the patterns that begin with "!".'],
  ['skip-shas', 'Use `protect`.'],
  ['tag-selection', 'Use `delete-tags` for tags, and `delete-untagged: true` for untagged images.'],
  ['keep-n-most-recent', kept],
  ['timestamp-to-use', 'Remove it: the latest time that is known counts.'],
  ['rust-log', log],
  // actions/delete-package-versions
  ['package-version-ids', 'Use `delete-tags`: Tagboat does not delete by the ID of a version.'],
  ['package-name', image],
  ['package-type', 'Remove it: Tagboat deletes container images only.'],
  ['num-old-versions-to-delete', `Remove it, and write how many stay. ${kept}`],
  ['min-versions-to-keep', kept],
  ['ignore-versions', `Use \`exclude-tags\` with ${regex} They are compared with tags, not with digests.`],
  ['delete-only-pre-release-versions', 'Use a line `type=prerelease` in `policy`.'],
  ['delete-only-untagged-versions', 'Use `delete-untagged`.'],
  // vlaurin/action-ghcr-prune
  ['organization', image],
  ['user', image],
  ['container', image],
  ['keep-last', kept],
  ['keep-tags', 'Use `exclude-tags`.'],
  ['keep-tags-regexes', `Use \`exclude-tags\` with ${regex}`],
  ['keep-younger-than', 'Use `older-than` with a unit, such as `7 days`.'],
  ['prune-tags-regexes', `Use \`delete-tags\` with ${regex} An expression must match the whole tag.`],
  ['prune-untagged', 'Use `delete-untagged`.'],
  ['untagged', 'Use `delete-untagged`.'],
  ['tag-regex', `Use \`delete-tags\` with ${regex} An expression must match the whole tag.`],
]
