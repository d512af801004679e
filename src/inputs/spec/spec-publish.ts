import type {InputSpec} from './spec-row.ts'

/** The inputs that say who Tagboat is to a registry. */
export const credentialSpecs = {
  registry: {
    form: 'text',
    description: 'Registry to log in to. Without it, and with a user name or password: Docker Hub.',
  },
  username: {form: 'text', description: 'User name for `registry`. For ghcr.io it may be left out: the actor.'},
  password: {
    form: 'text',
    secret: true,
    description: 'Password or access token for `registry`. For ghcr.io it may be left out: the token of the job.',
  },
  'registry-auth': {
    form: 'yaml',
    secret: true,
    description: 'Several logins, as a YAML list of `registry`, `username` and `password`.',
  },
  logout: {form: 'boolean', default: 'true', description: 'Log out when the push is over.'},
  'export-login': {
    form: 'boolean',
    default: 'false',
    description: 'Leave the logins to the later steps of the job; the post step removes them.',
  },
  'github-token': {
    form: 'text',
    secret: true,
    default: '${{ github.token }}',
    description: 'Token for ghcr.io, for the GitHub API and for Git contexts.',
  },
} as const satisfies Readonly<Record<string, InputSpec>>

/** The inputs that say whether and how to publish. */
export const publishSpecs = {
  push: {
    form: 'choice',
    choices: ['auto', 'true', 'false'],
    default: 'auto',
    description:
      'Whether to push. `auto`: yes, except for pull requests, Dependabot, and missing credentials on a fork.',
  },
  floating: {
    form: 'choice',
    choices: ['auto', 'always', 'never'],
    default: 'auto',
    description:
      'Floating tags. `auto`: version tags such as `1.2` and `latest` move only to the highest version of their line, others only to a newer commit; `always`: whatever is there; `never`: only exact tags are published.',
  },
  'if-exists': {
    form: 'choice',
    choices: ['verify', 'skip', 'fail', 'overwrite'],
    default: 'verify',
    description:
      'An exact tag that exists already. `verify`: kept when it holds this release (this commit, made from the same), else an error before the build; `skip`: kept; `fail`: an error; `overwrite`: replaced.',
  },
  'on-stale': {
    form: 'choice',
    choices: ['skip', 'fail', 'overwrite'],
    default: 'skip',
    description:
      'A floating tag that holds something newer. `skip`: kept, with a notice; `fail`: an error; `overwrite`: moved back.',
  },
  retries: {
    form: 'integer',
    default: '4',
    description: 'Further tries of a request to a registry that failed for the moment. From 0 to 20.',
  },
  test: {
    form: 'verbatim',
    description:
      'Commands (bash) that must succeed before anything is tagged. `$IMAGE` is the staged image, `$IMAGE_LINUX_ARM64` and so on that of a platform.',
  },
  digests: {
    form: 'verbatim',
    description:
      'What to promote: digests of one repository, one a line, or the JSON of the outputs of the jobs that staged them. Several are merged into one index.',
  },
  from: {
    form: 'text',
    description: 'Reference of a published image to promote, such as `ghcr.io/owner/app:1.2.3-staging`.',
  },
  'dry-run': {
    form: 'boolean',
    default: 'false',
    description: 'Print the plan and set the outputs, but build nothing and change nothing.',
  },
  summary: {form: 'boolean', default: 'true', description: 'Write the job summary.'},
} as const satisfies Readonly<Record<string, InputSpec>>
