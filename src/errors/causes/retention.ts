/** Failures of retention. Few runs load this table. */
export const retentionCauses = {
  'prune-too-much': 'The policy deletes more tags of a repository than `max-deleted` allows.',
  'prune-unreadable': 'What an image that stays needs cannot be read, so nothing is deleted.',
  'prune-list-cut': "The list of a repository's images could not be read to its end.",
  'refs-unlisted': 'GitHub did not list the branches and pull requests of the repository.',
  'deployments-unlisted': 'GitHub did not list the deployments of the repository.',
  'prune-denied': 'The registry denied the deletion of images.',
  'prune-denied-ghcr': 'GitHub denied the deletion of a package version.',
  'prune-unsupported': 'The registry does not delete images.',
  'prune-raced': 'An image that stays was missing after the deletion, and could not be put back.',
  'prune-incomplete': 'Some images could not be deleted.',
} as const
