/** Rows of the catalogue for registries that do not accept or serve an image, although the credentials are valid. */
export const registryFailures = {
  'quota-exceeded': {
    cause: 'The quota of the registry is exhausted.',
    remedy:
      'Delete images and tags that are no longer needed (some registries free the space only at their next garbage collection), or raise the quota of the project. The credentials are not the cause.',
  },
  'digest-hidden': {
    cause: 'The registry accepted an image by its digest, but does not serve it without a tag.',
    remedy:
      'Older releases of Quay behave like this: update the registry. Until then, use a builder with a single node: Tagboat then keeps the image under a temporary tag until it is published. No tag was changed.',
  },
} as const
