import type {InputSpec} from './spec-row.ts'

/** Inputs for the build, with the names and formats of docker/build-push-action. */
export const buildSpecs = {
  context: {
    form: 'text',
    default: '.',
    description:
      'Build context: a directory or a URL. `git` or `{{defaultContext}}` builds the commit from Git, without a checkout.',
  },
  file: {form: 'text', fallback: '`Dockerfile` in the context', description: 'Path of the Dockerfile.'},
  target: {form: 'text', fallback: 'the last stage', description: 'Stage of the Dockerfile to build.'},
  platforms: {
    form: 'items',
    fallback: 'the platform of the builder',
    description: 'Platforms of the image, such as `linux/amd64,linux/arm64`.',
  },
  'build-args': {
    form: 'pairs',
    description:
      'Build arguments, as `NAME=value`. Expressions are allowed, such as `VERSION={{version}}`. `NAME` alone takes the value of that environment variable.',
  },
  'build-contexts': {
    form: 'pairs',
    description: 'Additional build contexts, as `name=path` or `name=URL`.',
  },
  secrets: {
    form: 'pairs',
    secret: true,
    description:
      'Build secrets, as `id=value`. Quote a secret of several lines: `"id=value"`. An empty secret is left out, with a notice.',
  },
  'secret-envs': {
    form: 'pair-items',
    description:
      'Build secrets from environment variables of this step, as `id=VARIABLE`. An unset variable is an error; an empty one is left out, with a notice.',
  },
  'secret-files': {form: 'pairs', description: 'Build secrets from files, as `id=path`.'},
  ssh: {form: 'items', description: 'SSH agent sockets or keys for the build, as `default` or `id=path`.'},
  'add-hosts': {form: 'items', description: 'Additional host-to-IP mappings for the build, as `host:address`.'},
  allow: {
    form: 'items',
    description: 'Privileged entitlements of the build, such as `network.host` or `security.insecure`.',
  },
  attests: {form: 'lines', description: 'Attestations, such as `type=sbom,generator=image`.'},
  provenance: {form: 'text', description: 'Provenance attestation: `true`, `false`, or attributes such as `mode=max`.'},
  sbom: {form: 'text', description: 'SBOM attestation: `true`, `false`, or attributes such as `generator=image`.'},
  'cache-from': {form: 'lines', description: 'Caches to import, such as `type=gha` or `user/app:cache`.'},
  'cache-to': {form: 'lines', description: 'Caches to export, such as `type=gha,mode=max`.'},
  cache: {
    form: 'choice',
    choices: ['off', 'auto', 'gha', 'registry'],
    default: 'off',
    description:
      'Build cache between workflow runs: `gha` in the GitHub Actions cache, `registry` beside the image, `auto` in whichever of the two suits the build.',
  },
  'no-cache': {form: 'boolean', default: 'false', description: 'Build without any cache.'},
  'no-cache-filters': {form: 'items', description: 'Stages of the Dockerfile to build without cache.'},
  pull: {form: 'boolean', default: 'false', description: 'Check the registry for newer versions of the base images.'},
  network: {form: 'text', description: 'Network mode of `RUN` instructions, such as `host` or `none`.'},
  'shm-size': {form: 'text', description: 'Size of `/dev/shm`, such as `128m`.'},
  ulimit: {form: 'lines', description: 'Ulimit options of the build, such as `nofile=1024:1024`.'},
  'cgroup-parent': {form: 'text', description: 'Parent cgroup of `RUN` instructions.'},
  load: {form: 'boolean', default: 'false', description: 'Load the image into the Docker engine of the runner.'},
  outputs: {
    form: 'plain-lines',
    description:
      'Additional outputs of the build, such as `type=local,dest=out`. `type=image,compression=zstd` sets attributes of the published image.',
  },
  call: {
    form: 'text',
    description: 'Method of the build frontend to run instead of a build, such as `check` or `outline`.',
  },
  reproducible: {
    form: 'boolean',
    default: 'false',
    description: 'Set all timestamps to the time of the commit, so that two builds of a commit have the same digest.',
  },
  builder: {
    form: 'text',
    fallback: 'the current builder, or a new one (see `driver`)',
    description: 'Name of the builder.',
  },
} as const satisfies Readonly<Record<string, InputSpec>>
