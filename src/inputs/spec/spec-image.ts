import type {InputSpec} from './spec-row.ts'

/** Inputs for the image: its names, tags, labels and annotations. */
export const imageSpecs = {
  images: {
    form: 'plain-lines',
    fallback: '`ghcr.io/<owner>/<repository>`',
    description: 'Names of the image, such as `ghcr.io/owner/app`. `name=…,enable=…` adds a name under a condition.',
  },
  tags: {
    form: 'plain-lines',
    fallback: 'rules for the event of the run, see docs/tags.md',
    description:
      'Tag rules such as `type=semver,pattern={{version}}`, literal tags such as `nightly`, or whole image references such as `user/app:1.0`.',
  },
  flavor: {
    form: 'plain-lines',
    default: 'latest=auto',
    description:
      'Settings for all tags: `latest=auto|true|false`, `prefix=…,onlatest=true|false`, `suffix=…,onlatest=true|false`.',
  },
  environment: {
    form: 'text',
    description: 'Name of an environment, such as `staging`. It is added to every tag.',
  },
  'environment-style': {
    form: 'choice',
    choices: ['suffix', 'repository'],
    default: 'suffix',
    description:
      'Where the environment is added: `suffix` gives `app:1.2.3-staging`, `repository` gives `app-staging:1.2.3`.',
  },
  component: {
    form: 'text',
    description:
      'Component of a monorepo that the image is built from. With `component: api`, the versions are the Git tags `api/v1.2.3`, `api-v1.2.3`, `api@1.2.3` and `@scope/api@1.2.3`; any other version tag publishes nothing.',
  },
  version: {
    form: 'text',
    fallback: 'the Git tag or the release',
    description:
      'Version for the rules that need one: a literal; `file:PATH` (package.json, Cargo.toml, pyproject.toml, pom.xml, gradle.properties, Chart.yaml, VERSION); `file:PATH#REGEX`; or `auto`: the Git tag, the release, or the highest full version (`v1.2.3`) among the Git tags of the commit.',
  },
  variant: {
    form: 'text',
    description: 'Variant of the image, such as `alpine`. It gives `1.2.3-alpine`, and `alpine` in place of `latest`.',
  },
  'default-variant': {
    form: 'boolean',
    default: 'false',
    description: 'Also publish the tags without the variant: `1.2.3` and `latest` beside `1.2.3-alpine` and `alpine`.',
  },
  'unique-branch-tags': {
    form: 'boolean',
    default: 'false',
    description:
      'Append a short hash of the ref to the tags of `type=ref,event=branch`, so that `feature/a` and `feature-a` get different tags.',
  },
  'metadata-context': {
    form: 'choice',
    choices: ['workflow', 'git'],
    default: 'workflow',
    description: 'Source of the ref and the commit: the event of the workflow run, or the checked-out clone.',
  },
  labels: {
    form: 'pairs',
    description:
      'Labels to set in addition to the standard OCI labels, as `key=value`. Expressions are allowed. `key=` removes a label, and `none` alone on a line removes all standard labels.',
  },
  annotations: {
    form: 'pairs',
    description:
      'Annotations to set in addition to the standard OCI annotations, as `key=value` or `level:key=value`. Expressions are allowed. `key=` removes an annotation, and `none` alone on a line removes all standard annotations.',
  },
  'annotation-levels': {
    form: 'items',
    fallback: '`manifest`, and also `index` for several platforms',
    description: 'Levels of the annotations: `manifest`, `index`, `manifest-descriptor`, `index-descriptor`.',
  },
  'max-tag-length': {
    form: 'integer',
    default: '128',
    description: 'Maximum length of a derived tag, from 8 to 128. A longer tag is cut and ends in a short hash.',
  },
  'sep-tags': {
    form: 'verbatim',
    fallback: 'a line break',
    description: 'Separator between the references in the output `tags`.',
  },
  'sep-labels': {
    form: 'verbatim',
    fallback: 'a line break',
    description: 'Separator between the labels in the output `labels`.',
  },
  'sep-annotations': {
    form: 'verbatim',
    fallback: 'a line break',
    description: 'Separator between the annotations in the output `annotations`.',
  },
  'bake-target': {
    form: 'text',
    default: 'docker-metadata-action',
    description: 'Name of the target in the Bake definition files.',
  },
} as const satisfies Readonly<Record<string, InputSpec>>
