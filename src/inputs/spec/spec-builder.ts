import type {InputSpec} from './spec-row.ts'

/** Inputs for the builder, with the names and formats of docker/setup-buildx-action, and for emulation. */
export const builderSpecs = {
  driver: {
    form: 'choice',
    choices: ['auto', 'docker', 'docker-container', 'remote', 'kubernetes'],
    default: 'auto',
    description:
      'Driver of the builder. `auto` uses the current builder if it supports the build, or else creates one with the driver `docker-container`.',
  },
  'driver-opts': {
    form: 'plain-lines',
    description: 'Driver options of a new builder, such as `network=host`.',
  },
  'buildkitd-flags': {form: 'text', description: 'Flags of the BuildKit daemon of a new builder.'},
  'buildkitd-config': {form: 'text', description: 'Path of the BuildKit configuration file of a new builder.'},
  'buildkitd-config-inline': {
    form: 'verbatim',
    description: 'BuildKit configuration of a new builder, as TOML.',
  },
  endpoint: {
    form: 'text',
    description:
      'Endpoint of a new builder: a Docker context, or the address of a Docker engine (`docker-container`) or BuildKit daemon (`remote`).',
  },
  append: {
    form: 'yaml',
    description:
      'Additional nodes of a new builder, as a YAML list with `name`, `endpoint`, `driver-opts`, `buildkitd-flags` and `platforms`.',
  },
  'keep-state': {
    form: 'boolean',
    default: 'false',
    description: 'Keep the cache of a new builder for the next run on this machine.',
  },
  qemu: {
    form: 'choice',
    choices: ['auto', 'always', 'never'],
    default: 'auto',
    description:
      'Emulators for other processor architectures. `auto` installs them for platforms that the builder does not support; `always` installs them for every requested platform; `never` installs none. A platform that the builder does not support is an error only if a step of the build has to run on it.',
  },
  'qemu-image': {
    form: 'text',
    default:
      'docker.io/tonistiigi/binfmt:qemu-v10.2.3@sha256:400a4873b838d1b89194d982c45e5fb3cda4593fbfd7e08a02e76b03b21166f0',
    description: 'Image that installs the emulators.',
  },
  mirrors: {
    form: 'pairs',
    description:
      'Registry mirrors to pull from, as `registry=host`, such as `docker.io=mirror.example.com`. If every mirror fails, the registry itself is used.',
  },
} as const satisfies Readonly<Record<string, InputSpec>>
