import type {InputSpec} from './spec-row.ts'

/** The inputs that say what is published: names, tags and what is written about the image. */
export const imageSpecs = {
  images: {
    form: 'plain-lines',
    description:
      'Base names of the image, one a line; also `name=…,enable=…`. Without it: `ghcr.io/<owner>/<repository>`.',
  },
  tags: {
    form: 'plain-lines',
    description:
      'Rules such as `type=semver,pattern={{version}}`, literal tags, or whole references such as `user/app:1.0`, one a line. Without it: the default strategy.',
  },
  flavor: {
    form: 'plain-lines',
    default: 'latest=auto',
    description:
      'What holds for all tags: `latest=auto|true|false`, `prefix=…,onlatest=true|false`, `suffix=…,onlatest=true|false`.',
  },
  environment: {
    form: 'text',
    description: 'Name of an environment, such as `staging`, that is added to every tag.',
  },
  'environment-style': {
    form: 'choice',
    choices: ['suffix', 'repository'],
    default: 'suffix',
    description:
      'Where the environment goes: `suffix` gives `app:1.2.3-staging`, `repository` gives `app-staging:1.2.3`.',
  },
  component: {
    form: 'text',
    description:
      'Monorepo: the part of the repository that this image is. Only `api/v1.2.3`, `api-v1.2.3`, `api@1.2.3` and `@scope/api@1.2.3` are versions of `component: api`; other version tags publish nothing.',
  },
  version: {
    form: 'text',
    description:
      'Version for rules that need one: a literal, `file:PATH` (package.json, Cargo.toml, pyproject.toml, pom.xml, gradle.properties, Chart.yaml, VERSION), `file:PATH#REGEX`, or `auto`: the Git tag, the release, or the highest full version (`v1.2.3`) among the tags on the commit. Without it: the Git tag or the release.',
  },
  variant: {
    form: 'text',
    description: 'A flavour of the image, such as `alpine`: `1.2.3-alpine`, and `alpine` for what is `latest`.',
  },
  'default-variant': {
    form: 'boolean',
    default: 'false',
    description: 'This variant has the bare tags too: `1.2.3` and `latest` besides `1.2.3-alpine` and `alpine`.',
  },
  'unique-branch-tags': {
    form: 'boolean',
    default: 'false',
    description: 'Tags of `type=ref,event=branch` end in a short hash of the ref: `feature/a` and `feature-a` differ.',
  },
  'metadata-context': {
    form: 'choice',
    choices: ['workflow', 'git'],
    default: 'workflow',
    description: 'Where ref and commit come from: the event of the workflow, or the checked-out clone.',
  },
  labels: {
    form: 'pairs',
    description:
      'Labels besides the standard ones of OCI images, as `key=value`, one a line; expressions are allowed. `key=` alone removes one.',
  },
  annotations: {
    form: 'pairs',
    description:
      'Annotations besides the standard ones of OCI images, as `key=value` or `level:key=value`, one a line; expressions are allowed. `key=` alone removes one.',
  },
  'annotation-levels': {
    form: 'items',
    description:
      'Where annotations are written: `manifest`, `index`, `manifest-descriptor`, `index-descriptor`. Without it: `manifest`, and `index` too when several platforms are built.',
  },
  'max-tag-length': {
    form: 'integer',
    default: '128',
    description: 'Derived tags that are longer are cut and end in a short hash. From 8 to 128.',
  },
  'sep-tags': {
    form: 'verbatim',
    description: 'Text between the references in the output `tags`. Without it: a line break.',
  },
  'sep-labels': {
    form: 'verbatim',
    description: 'Text between the labels in the output `labels`. Without it: a line break.',
  },
  'sep-annotations': {
    form: 'verbatim',
    description: 'Text between the annotations in the output `annotations`. Without it: a line break.',
  },
  'bake-target': {
    form: 'text',
    default: 'docker-metadata-action',
    description: 'Name of the target in the bake definition files.',
  },
} as const satisfies Readonly<Record<string, InputSpec>>
