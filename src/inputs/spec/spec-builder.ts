import type {InputSpec, InputText} from './spec-row.ts'

/** Inputs for the builder, with the names and formats of docker/setup-buildx-action, and for emulation. */
export const builderSpecs = {
  driver: {form: 'choice', choices: ['auto', 'docker', 'docker-container', 'remote', 'kubernetes'], default: 'auto'},
  'driver-opts': {form: 'plain-lines'},
  'buildkitd-flags': {form: 'text'},
  'buildkitd-config': {form: 'text'},
  'buildkitd-config-inline': {form: 'verbatim'},
  endpoint: {form: 'text'},
  append: {form: 'yaml'},
  'keep-state': {form: 'boolean', default: 'false'},
  qemu: {form: 'choice', choices: ['auto', 'always', 'never'], default: 'auto'},
  'qemu-image': {
    form: 'text',
    default:
      'docker.io/tonistiigi/binfmt:qemu-v10.2.3@sha256:400a4873b838d1b89194d982c45e5fb3cda4593fbfd7e08a02e76b03b21166f0',
  },
  mirrors: {form: 'pairs'},
} as const satisfies Readonly<Record<string, InputSpec>>

/** Texts of `builderSpecs` for the documentation. */
export const builderTexts: Readonly<Record<keyof typeof builderSpecs, InputText>> = {
  driver: {
    description:
      'Driver of the builder. `auto` uses the current builder if it supports the build, or else creates one with the driver `docker-container`.',
  },
  'driver-opts': {description: 'Driver options of a new builder, such as `network=host`.'},
  'buildkitd-flags': {description: 'Flags of the BuildKit daemon of a new builder.'},
  'buildkitd-config': {description: 'Path of the BuildKit configuration file of a new builder.'},
  'buildkitd-config-inline': {description: 'BuildKit configuration of a new builder, as TOML.'},
  endpoint: {
    description:
      'Endpoint of a new builder: a Docker context, or the address of a Docker engine (`docker-container`) or BuildKit daemon (`remote`).',
  },
  append: {
    description:
      'Additional nodes of a new builder, as a YAML list with `name`, `endpoint`, `driver-opts`, `buildkitd-flags` and `platforms`.',
  },
  'keep-state': {description: 'Keep the cache of a new builder for the next run on this machine.'},
  qemu: {
    description:
      'Emulators for other processor architectures. `auto` installs them for platforms that the builder does not support; `always` installs them for every requested platform; `never` installs none. A platform that the builder does not support is an error only if a step of the build has to run on it.',
  },
  'qemu-image': {description: 'Image that installs the emulators.'},
  mirrors: {
    description:
      'Pull-through caches from which base images are pulled, as `registry=host`, such as `docker.io=mirror.example.com`. If all of them fail, the registry itself is used. To publish to several registries, list them in `images`.',
  },
}
