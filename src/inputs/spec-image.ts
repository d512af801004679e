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
} as const satisfies Readonly<Record<string, InputSpec>>
