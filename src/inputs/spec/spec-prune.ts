import type {InputSpec, InputText} from './spec-row.ts'

/** Inputs that decide which tags and images are deleted. */
export const pruneSpecs = {
  policy: {form: 'plain-lines'},
  'delete-tags': {form: 'items'},
  'exclude-tags': {form: 'items'},
  'use-regex': {form: 'boolean', default: 'false'},
  'older-than': {form: 'text', default: '1 day'},
  'keep-n-tagged': {form: 'integer'},
  'keep-n-untagged': {form: 'integer'},
  'delete-untagged': {form: 'choice', choices: ['auto', 'true', 'false'], default: 'auto'},
  'delete-orphaned-images': {form: 'choice', choices: ['auto', 'true', 'false'], default: 'auto'},
  'delete-partial-images': {form: 'boolean', default: 'false'},
  protect: {form: 'verbatim'},
  'keep-deployed': {form: 'choice', choices: ['auto', 'true', 'false'], default: 'auto'},
  untag: {form: 'choice', choices: ['auto', 'never'], default: 'auto'},
  'max-deleted': {form: 'text', default: '50%'},
  validate: {form: 'boolean', default: 'true'},
  lifecycle: {form: 'choice', choices: ['none', 'ecr', 'google', 'azure'], default: 'none'},
} as const satisfies Readonly<Record<string, InputSpec>>

/** Texts of `pruneSpecs` for the documentation. */
export const pruneTexts: Readonly<Record<keyof typeof pruneSpecs, InputText>> = {
  policy: {
    description:
      'What to delete, such as `type=pr,gone=true,older-than=1d`. Everything in a line must hold. See [retention.md](retention.md#policy).',
    fallback:
      'tags and caches of closed pull requests and deleted branches, untagged images after 14 days and orphans after 7',
  },
  'delete-tags': {
    description:
      'Patterns of tags to delete; `*` and `?` match any text and any character of a tag. Releases are deleted only by a line `type=release` of `policy`; pre-releases are deleted, except the newest of a line without a release.',
  },
  'exclude-tags': {description: 'Patterns of tags to keep, whatever else is set.'},
  'use-regex': {
    description:
      'Read `delete-tags` and `exclude-tags` as regular expressions, one per line. `delete-tags` must match the whole tag, `exclude-tags` any part of it.',
  },
  'older-than': {
    description: 'Minimum age of everything that is deleted, such as `5 days`, `2w` or `12h`.',
  },
  'keep-n-tagged': {description: 'Number of the newest images of `delete-tags` to keep.'},
  'keep-n-untagged': {description: 'Number of the newest untagged images to keep.'},
  'delete-untagged': {
    description:
      'Delete untagged images that nothing needs, where the registry lists them. `auto` does what `policy` says.',
  },
  'delete-orphaned-images': {
    description: 'Delete signatures and attestations of images that do not exist. `auto` does what `policy` says.',
  },
  'delete-partial-images': {
    description: 'Apply the policy to images with missing platforms too. Otherwise, they are kept and reported.',
  },
  protect: {
    description:
      'Images to keep with everything they need: whole references such as `ghcr.io/owner/app:1.2.3`, or whole digests, one per line or as a JSON list. For tags, use `exclude-tags`.',
  },
  'keep-deployed': {
    description:
      'Keep images of commits that a GitHub deployment runs. `auto` does so if the token has `deployments: read`; `true` fails without it.',
  },
  untag: {
    description:
      'Handling of a tag that is deleted while its image stays. `auto` removes the tag alone; `never` keeps it.',
  },
  'max-deleted': {
    description:
      'Maximum number of tags of a repository to delete, as a number or as a share such as `50%`, without tags of signatures. With more, the run fails and deletes nothing. A share does not limit a repository with fewer than 20 tags.',
  },
  validate: {
    description:
      'Read all tags that are kept, with everything they need, after the deletion, and restore what is missing.',
  },
  lifecycle: {
    description:
      'Registry for which the output `lifecycle-policy` is written: its own retention rules, as far as they can express the policy. See [retention.md](retention.md#lifecycle-policies).',
  },
}
