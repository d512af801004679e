/** Rows of the catalogue for registries that do not take or show an image, though the login is right. */
export const registryFailures = {
  'quota-exceeded': {
    cause: "The registry's quota is used up: it takes no more content.",
    remedy:
      'Delete images and tags that are no longer needed there (some registries free their space only with the next garbage collection), or raise the quota of the project. The credentials are not the problem.',
  },
  'digest-hidden': {
    cause: 'The registry took an image by its digest, and does not show it without a tag.',
    remedy:
      'Older releases of Quay do so: update the registry. Until then use a builder of one node, with which Tagboat keeps the image under a tag of its own until it is published. No tag was changed.',
  },
} as const
