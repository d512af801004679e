/** Rows of the catalogue for failures of the Dockerfile or of its base images. */
export const buildFailures = {
  'build-failed': {
    cause: 'The build failed.',
    remedy: 'See the last output above. The log group of the build has all of it.',
  },
  'dockerfile-invalid': {
    cause: 'BuildKit cannot build the Dockerfile as written.',
    remedy:
      'Correct the line named above. An unknown stage or an argument without a value can also come from `target` and `build-args`.',
  },
  'base-image-unreachable': {
    cause: 'A base image of the Dockerfile cannot be read.',
    remedy:
      'Check its name and tag in the Dockerfile. For a private image, also log in to its registry (`registry-auth`). For a registry that this builder cannot reach, set a mirror (`mirrors: docker.io=…`), and check proxy and firewall.',
  },
  'checks-failed': {
    cause: 'The build checks of BuildKit found violations in the Dockerfile.',
    remedy:
      'Correct the lines named above, or skip a check: `# check=skip=RuleName` as the first line of the Dockerfile.',
  },
} as const
