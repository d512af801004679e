/** Every output of the prune action with its description. `action.yml` and `docs/outputs.md` are generated from it. */
export const pruneOutputSpecs = {
  skipped: '`true` if the event does not allow to delete anything, or else `false`.',
  plan: 'Decisions and deletions of each repository with their reasons, as JSON, of at most 40 KiB. The field `omitted` names lists that are not complete.',
  deleted:
    'Tags and images that were deleted, or that a real run would delete, as a JSON list of `reference`, `digest`, `class`, `code` and `reason`, with at most 1,000 entries; on ghcr.io with the `id` of the version.',
  kept: 'Tags and images that stay, as a JSON list in the format of `deleted`, with at most 1,000 entries.',
  'deleted-count': 'Number of tags and untagged images that were deleted, or that a real run would delete.',
  'kept-count': 'Number of tags and untagged images that stay.',
  bytes:
    'Number of bytes that the deleted images alone refer to. The registry frees them when it collects its garbage.',
  remaining: 'Number of images and tags that the limits of the registry left for the next run.',
  broken: 'Images that stay and lack a part, as a JSON list of `reference`, `digest` and `missing`.',
  'lifecycle-policy': 'Retention rules of the registry of the input `lifecycle`, as JSON.',
} as const satisfies Readonly<Record<string, string>>

export type PruneOutputName = keyof typeof pruneOutputSpecs
