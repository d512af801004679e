import type {InputSpec} from './spec-row.ts'

/** The inputs of the build: names and formats of docker/build-push-action. */
export const buildSpecs = {
  context: {
    form: 'text',
    default: '.',
    description:
      'Build context: a directory or an address. `git` or `{{defaultContext}}` is the commit itself, without a checkout.',
  },
  file: {form: 'text', description: 'Path of the Dockerfile. Without it: `Dockerfile` in the context.'},
  target: {form: 'text', description: 'Stage of the Dockerfile to build.'},
  platforms: {
    form: 'items',
    description: 'Platforms to build for, such as `linux/amd64,linux/arm64`. Without it: that of the builder.',
  },
  'build-args': {
    form: 'pairs',
    description:
      'Build arguments, as `NAME=value`, one a line. `NAME` alone takes the value of that variable of the step.',
  },
  'build-contexts': {
    form: 'pairs',
    description: 'Further build contexts, as `name=path` or `name=address`, one a line.',
  },
  secrets: {
    form: 'pairs',
    secret: true,
    description:
      'Build secrets, as `id=value`, one a line. A value of several lines is quoted: `"id=value"`. An empty one is left out, with a notice.',
  },
  'secret-envs': {
    form: 'pair-items',
    description:
      'Build secrets from variables of the environment of this step, as `id=VARIABLE`, one a line. A variable that is not set is an error; one that is empty is left out, with a notice.',
  },
  'secret-files': {form: 'pairs', description: 'Build secrets from files, as `id=path`, one a line.'},
  ssh: {form: 'items', description: 'SSH agent sockets or keys for the build, as `default` or `id=path`.'},
  'add-hosts': {form: 'items', description: 'Entries for the hosts file of the build, as `host:address`.'},
  allow: {
    form: 'items',
    description: 'Privileges that the build may use, such as `network.host` or `security.insecure`.',
  },
  attests: {form: 'lines', description: 'Attestations, such as `type=sbom,generator=image`, one a line.'},
  provenance: {form: 'text', description: 'Provenance attestation: `true`, `false`, or attributes such as `mode=max`.'},
  sbom: {form: 'text', description: 'SBOM attestation: `true`, `false`, or attributes such as `generator=image`.'},
  'cache-from': {form: 'lines', description: 'Caches to read, such as `type=gha` or `user/app:cache`, one a line.'},
  'cache-to': {form: 'lines', description: 'Caches to write, such as `type=gha,mode=max`, one a line.'},
  cache: {
    form: 'choice',
    choices: ['off', 'auto', 'gha', 'registry'],
    default: 'off',
    description:
      'Cache of the build between runs: `gha`, the cache of GitHub Actions; `registry`, beside the image; `auto`: whichever fits.',
  },
  'no-cache': {form: 'boolean', default: 'false', description: 'Build without any cache.'},
  'no-cache-filters': {form: 'items', description: 'Stages to build without cache.'},
  pull: {form: 'boolean', default: 'false', description: 'Look for newer versions of the base images.'},
  network: {form: 'text', description: 'Network mode of `RUN` steps, such as `host` or `none`.'},
  'shm-size': {form: 'text', description: 'Size of `/dev/shm`, such as `128m`.'},
  ulimit: {form: 'lines', description: 'Limits of the build, such as `nofile=1024:1024`, one a line.'},
  'cgroup-parent': {form: 'text', description: 'Parent cgroup of `RUN` steps.'},
  load: {form: 'boolean', default: 'false', description: 'Load the image into the Docker engine of the runner.'},
  outputs: {
    form: 'plain-lines',
    description:
      'Further outputs of the build, such as `type=local,dest=out`, one per line. `type=image,compression=zstd` shapes the published image.',
  },
  call: {
    form: 'text',
    description: 'Another method of the build frontend, such as `check` or `outline`; nothing is built then.',
  },
  reproducible: {
    form: 'boolean',
    default: 'false',
    description: 'Take all times from the commit, so that two runs of one commit give the same digest.',
  },
  builder: {form: 'text', description: 'Builder to use. Without it: the current one, or a new one (`driver`).'},
} as const satisfies Readonly<Record<string, InputSpec>>
