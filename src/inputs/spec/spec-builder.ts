import type {InputSpec} from './spec-row.ts'

/** The inputs that say who builds: names and formats of docker/setup-buildx-action, and emulation. */
export const builderSpecs = {
  driver: {
    form: 'choice',
    choices: ['auto', 'docker', 'docker-container', 'remote', 'kubernetes'],
    default: 'auto',
    description:
      'Driver of the builder. `auto`: the current builder where it can do what is asked, else a new one of the driver `docker-container`.',
  },
  'driver-opts': {
    form: 'plain-lines',
    description: 'Options of the driver of a new builder, such as `network=host`, one a line.',
  },
  'buildkitd-flags': {form: 'text', description: 'Flags of the BuildKit daemon of a new builder.'},
  'buildkitd-config': {form: 'text', description: 'Path of the configuration file of BuildKit for a new builder.'},
  'buildkitd-config-inline': {
    form: 'verbatim',
    description: 'The configuration of BuildKit for a new builder itself, as TOML.',
  },
  endpoint: {
    form: 'text',
    description:
      'Where a new builder is: a Docker context, or the address of an engine (`docker-container`) or of a BuildKit (`remote`).',
  },
  append: {
    form: 'yaml',
    description:
      'Further nodes of a new builder, as a YAML list of `name`, `endpoint`, `driver-opts`, `buildkitd-flags` and `platforms`.',
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
      'Emulators for platforms of other processors. `auto`: installed for those that the builder lacks; `always`: for all that are asked for; `never`: none, and a lacking platform is an error.',
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
      'Mirrors to pull from, as `registry=host` such as `docker.io=mirror.example.com`, one a line; the registry itself is asked when its mirrors fail.',
  },
} as const satisfies Readonly<Record<string, InputSpec>>
