import {baseLevels} from '../../oci/annotation-level.ts'
import type {InputSpec, InputText} from './spec-row.ts'

/** Inputs for the image: its names, tags, labels and annotations. */
export const imageSpecs = {
  images: {form: 'plain-lines'},
  tags: {form: 'plain-lines'},
  flavor: {form: 'plain-lines', default: 'latest=auto'},
  environment: {form: 'text'},
  'environment-style': {form: 'choice', choices: ['suffix', 'repository'], default: 'suffix'},
  component: {form: 'text'},
  version: {form: 'text'},
  variant: {form: 'text'},
  'default-variant': {form: 'boolean', default: 'false'},
  'unique-branch-tags': {form: 'boolean', default: 'false'},
  'metadata-context': {form: 'choice', choices: ['workflow', 'git'], default: 'workflow'},
  labels: {form: 'pairs'},
  annotations: {form: 'pairs'},
  'annotation-levels': {form: 'items', words: baseLevels},
  'max-tag-length': {form: 'integer', default: '128'},
  'sep-tags': {form: 'verbatim'},
  'sep-labels': {form: 'verbatim'},
  'sep-annotations': {form: 'verbatim'},
  'bake-target': {form: 'text', default: 'docker-metadata-action'},
} as const satisfies Readonly<Record<string, InputSpec>>

/** Texts of `imageSpecs` for the documentation. */
export const imageTexts: Readonly<Record<keyof typeof imageSpecs, InputText>> = {
  images: {
    description: 'Names of the image, such as `ghcr.io/owner/app`. A line may be `name=…,enable=…,required=false`.',
    fallback: '`ghcr.io/<owner>/<repository>`',
  },
  tags: {
    description:
      'Tag rules such as `type=semver,pattern={{version}}`, literal tags such as `nightly`, or whole image references such as `user/app:1.0`.',
    fallback: 'rules for the event of the run, see docs/tags.md',
  },
  flavor: {
    description:
      'Settings for all tags: `latest=auto|true|false`, `prefix=…,onlatest=true|false`, `suffix=…,onlatest=true|false`.',
  },
  environment: {description: 'Name of an environment, such as `staging`. It is added to every tag.'},
  'environment-style': {
    description:
      'Where the environment is added: `suffix` gives `app:1.2.3-staging`, `repository` gives `app-staging:1.2.3`.',
  },
  component: {
    description:
      'Component of a monorepo that the image is built from. With `component: api`, the versions are the Git tags `api/v1.2.3`, `api-v1.2.3`, `api@1.2.3` and `@scope/api@1.2.3`; any other version tag publishes nothing.',
  },
  version: {
    description:
      'Version for the rules that need one: a literal; `file:PATH` (package.json, Cargo.toml, pyproject.toml, pom.xml, gradle.properties, Chart.yaml, VERSION); `file:PATH#REGEX`; or `auto`: the Git tag, the release, or the highest full version (`v1.2.3`) among the Git tags of the commit.',
    fallback: 'the Git tag or the release',
  },
  variant: {
    description: 'Variant of the image, such as `alpine`. It gives `1.2.3-alpine`, and `alpine` in place of `latest`.',
  },
  'default-variant': {
    description: 'Also publish the tags without the variant: `1.2.3` and `latest` beside `1.2.3-alpine` and `alpine`.',
  },
  'unique-branch-tags': {
    description:
      'Append a short hash of the ref to the tags of `type=ref,event=branch`, so that `feature/a` and `feature-a` get different tags.',
  },
  'metadata-context': {
    description: 'Source of the ref and the commit: the event of the workflow run, or the checked-out clone.',
  },
  labels: {
    description:
      'Labels to set in addition to the standard OCI labels, as `key=value`. Expressions are allowed. `key=` removes a label, and `none` alone on a line removes all standard labels.',
  },
  annotations: {
    description:
      'Annotations to set in addition to the standard OCI annotations, as `key=value` or `level:key=value`. A level of a manifest may have a platform: `manifest[linux/amd64]:key=value`. Expressions are allowed. `key=` removes an annotation, and `none` alone on a line removes all standard annotations.',
  },
  'annotation-levels': {
    description:
      'Levels of the annotations: `manifest`, `index`, `manifest-descriptor`, `index-descriptor`, and `manifest[linux/amd64]` or `manifest-descriptor[linux/amd64]` for a single platform.',
    fallback: '`manifest`, and also `index` for an image that has one: several platforms, or attestations',
  },
  'max-tag-length': {
    description: 'Maximum length of a derived tag, from 8 to 128. A longer tag is cut and ends in a short hash.',
  },
  'sep-tags': {description: 'Separator between the references in the output `tags`.', fallback: 'a line break'},
  'sep-labels': {description: 'Separator between the labels in the output `labels`.', fallback: 'a line break'},
  'sep-annotations': {
    description: 'Separator between the annotations in the output `annotations`.',
    fallback: 'a line break',
  },
  'bake-target': {description: 'Name of the target in the Bake definition files.'},
}
