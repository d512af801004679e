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
  'dry-run': {
    form: 'boolean',
    default: 'false',
    description: 'Print the plan and set the outputs, but build nothing and change nothing.',
  },
  summary: {form: 'boolean', default: 'true', description: 'Write the job summary.'},
} as const satisfies Readonly<Record<string, InputSpec>>
