import type {ErrorCode} from '../causes.ts'

/** Remedies in the prune action, which does not have all inputs of the other actions. */
export const pruneRemedies: Readonly<Partial<Record<ErrorCode, string>>> = {
  'credentials-missing':
    'Set the secret that the input uses. Secrets are empty in forks. An item of `registry-auth` can be switched off with `enable: false`.',
  'ecr-repository-missing': 'Check the region and the name in `images`.',
  'tags-unlisted':
    'Only a repository whose tags are listed can be pruned: allow the list in the registry or in a proxy before it, or remove the repository from `images`.',
  'tag-immutable': 'Allow in the registry that the tag is deleted, or name it in `exclude-tags`.',
}
