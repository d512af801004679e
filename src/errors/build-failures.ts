/** Rows of the catalogue for a build that BuildKit ended: what went wrong in the Dockerfile, or with what it starts from. */
export const buildFailures = {
  'build-failed': {
    cause: 'The build failed.',
    remedy: 'See what was printed last, above; the whole output is in the log group of the build.',
  },
  'dockerfile-invalid': {
    cause: 'BuildKit cannot make a build of the Dockerfile as it is written.',
    remedy:
      'Correct the line that is named above. A stage of another name, or an argument without a value, can come from `target` and `build-args`.',
  },
  'base-image-unreachable': {
    cause: 'An image that the Dockerfile starts from cannot be read.',
    remedy:
      'Check its name and tag in the Dockerfile. For a private one, log in to its registry too (`registry-auth`); for a registry that this builder does not reach, name a mirror (`mirrors: docker.io=…`) and check proxy and firewall.',
  },
  'checks-failed': {
    cause: "BuildKit's checks found something in the Dockerfile.",
    remedy:
      'Correct the lines named above, or let the checks pass over a rule: `# check=skip=RuleName` as the first line of the Dockerfile.',
  },
} as const
