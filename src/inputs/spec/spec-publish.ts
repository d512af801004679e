import type {InputSpec, InputText} from './spec-row.ts'

/** Inputs with the credentials of registries and of GitHub. */
export const credentialSpecs = {
  registry: {form: 'text'},
  username: {form: 'text'},
  password: {form: 'text', secret: true},
  'registry-auth': {form: 'yaml', secret: true},
  logout: {form: 'boolean', default: 'true'},
  'export-login': {form: 'boolean', default: 'false'},
  'github-token': {form: 'text', secret: true, default: '${{ github.token }}'},
} as const satisfies Readonly<Record<string, InputSpec>>

/** Texts of `credentialSpecs` for the documentation. */
export const credentialTexts: Readonly<Record<keyof typeof credentialSpecs, InputText>> = {
  registry: {description: 'Registry to log in to.', fallback: 'Docker Hub, if `username` or `password` is set'},
  username: {description: 'User name for `registry`.', fallback: 'for ghcr.io, the actor of the workflow run'},
  password: {description: 'Password or access token for `registry`.', fallback: 'for ghcr.io, `github-token`'},
  'registry-auth': {
    description:
      'Credentials for several registries, as a YAML list with `registry`, `username`, `password` and `enable`. Write secrets as `toJSON(secrets.NAME)`.',
  },
  logout: {description: 'Log out after the push.'},
  'export-login': {
    description: 'Make the credentials available to later steps of the job. The post step removes them.',
  },
  'github-token': {description: 'Token for ghcr.io, the GitHub API and Git contexts.'},
}

/** Inputs that decide whether and how to publish. */
export const publishSpecs = {
  push: {form: 'choice', choices: ['auto', 'true', 'false'], default: 'auto'},
  floating: {form: 'choice', choices: ['auto', 'always', 'never'], default: 'auto'},
  'if-exists': {form: 'choice', choices: ['verify', 'skip', 'fail', 'overwrite'], default: 'verify'},
  'on-stale': {form: 'choice', choices: ['skip', 'fail', 'overwrite'], default: 'skip'},
  withdrawn: {form: 'lines'},
  closed: {form: 'choice', choices: ['keep', 'delete'], default: 'keep'},
  retries: {form: 'integer', default: '4'},
  test: {form: 'verbatim'},
  'max-size': {form: 'items'},
  'max-growth': {form: 'items'},
  digests: {form: 'verbatim'},
  'digest-names': {form: 'items'},
  from: {form: 'text'},
  'dry-run': {
    form: 'choice',
    choices: ['false', 'true', 'registry'],
    default: 'false',
    inAction: {prune: {choices: ['true', 'false'], default: 'true'}},
  },
  summary: {form: 'boolean', default: 'true'},
} as const satisfies Readonly<Record<string, InputSpec>>

/** Texts of `publishSpecs` for the documentation. */
export const publishTexts: Readonly<Record<keyof typeof publishSpecs, InputText>> = {
  push: {
    description:
      'Push the image. `auto` pushes except for pull requests, for Dependabot, and on a fork without credentials.',
  },
  floating: {
    description:
      'When floating tags move. `auto` moves version tags such as `1.2` and `latest` to the highest version only, and other tags to a newer commit only; `always` moves them without a check; `never` publishes exact tags only.',
  },
  'if-exists': {
    description:
      'Handling of an exact tag that already exists. `verify` keeps it if it is this release (same commit, built from the same inputs), or else fails before the build; `skip` keeps it; `fail` fails; `overwrite` replaces it.',
  },
  'on-stale': {
    description:
      'Handling of a floating tag that points to something newer. `skip` keeps it, with a notice; `fail` fails; `overwrite` moves it back.',
  },
  withdrawn: {
    description:
      'Versions that count for no floating tag, such as `1.2.3`, or ranges of semantic versions, such as `>=1.2.3 <1.2.5`. Floating tags do not move to them, and leave them.',
  },
  closed: {
    description:
      'Handling of tags after an event `pull_request` with the type `closed`, or an event `delete`. `delete` deletes those that only this pull request or branch has, and its build cache, unless its branch exists.',
  },
  retries: {description: 'Maximum number of retries of a registry request after a temporary failure, from 0 to 20.'},
  test: {
    description:
      'Bash commands that must succeed before a tag is pushed, if any. `$IMAGE` is the image, `$IMAGE_LINUX_ARM64` the one for linux/arm64, and so on.',
  },
  'max-size': {
    description:
      'Maximum compressed size of each platform, such as `250 MB`, or of one, as `linux/arm64=300 MB`. A larger image gets no tag.',
  },
  'max-growth': {
    description:
      'Maximum growth of each platform since the image that a floating tag points to, as `10%` or `20 MB`, or of one, as `linux/arm64=15%`.',
  },
  digests: {
    description:
      'Digests to promote, of one repository, one per line; or the JSON outputs of the jobs that staged them; or `file:PATH`, a directory with the files of the output `digest-file`. Several digests are merged into one index.',
  },
  'digest-names': {
    fallback: 'all',
    description:
      'Names of the entries of `digests` to promote, if it is JSON; `*` matches any text. Several promotes can share the outputs of one matrix: `alpine-*`.',
  },
  from: {description: 'Reference of a published image to promote, such as `ghcr.io/owner/app:1.2.3-staging`.'},
  'dry-run': {
    description:
      'Print the plan and set the outputs, without building or changing anything. `true` sends no request; `registry` reads the registries, and shows which tags a real run would move, keep or refuse.',
    inAction: {prune: 'Report what a real run would delete, and delete nothing.'},
  },
  summary: {description: 'Write the job summary.'},
}
