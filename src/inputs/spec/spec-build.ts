import type {InputSpec, InputText} from './spec-row.ts'

/** Inputs for the build, with the names and formats of docker/build-push-action. */
export const buildSpecs = {
  context: {form: 'text', default: '.'},
  file: {form: 'text'},
  target: {form: 'text'},
  platforms: {form: 'items'},
  'build-args': {form: 'pairs'},
  'build-contexts': {form: 'pairs'},
  secrets: {form: 'pairs', secret: true},
  'secret-envs': {form: 'pair-items'},
  'secret-files': {form: 'pairs'},
  ssh: {form: 'items'},
  'add-hosts': {form: 'items'},
  allow: {form: 'items'},
  attests: {form: 'lines'},
  provenance: {form: 'text'},
  sbom: {form: 'text'},
  attestations: {form: 'choice', choices: ['inline', 'referrers', 'both', 'off'], default: 'inline'},
  'cache-from': {form: 'lines'},
  'cache-to': {form: 'lines'},
  cache: {form: 'choice', choices: ['off', 'auto', 'gha', 'registry'], default: 'off'},
  'no-cache': {form: 'boolean', default: 'false'},
  'no-cache-filters': {form: 'items'},
  pull: {form: 'boolean', default: 'false'},
  network: {form: 'text'},
  'shm-size': {form: 'text'},
  ulimit: {form: 'lines'},
  'cgroup-parent': {form: 'text'},
  load: {form: 'boolean', default: 'false'},
  outputs: {form: 'plain-lines'},
  call: {form: 'text'},
  reproducible: {form: 'boolean', default: 'false'},
  builder: {form: 'text'},
} as const satisfies Readonly<Record<string, InputSpec>>

/** Texts of `buildSpecs` for the documentation. */
export const buildTexts: Readonly<Record<keyof typeof buildSpecs, InputText>> = {
  context: {
    description:
      'Build context: a directory or a URL. `git` or `{{defaultContext}}` builds the commit from Git, without a checkout.',
  },
  file: {description: 'Path of the Dockerfile.', fallback: '`Dockerfile` in the context'},
  target: {description: 'Stage of the Dockerfile to build.', fallback: 'the last stage'},
  platforms: {
    description: 'Platforms of the image, such as `linux/amd64,linux/arm64`.',
    fallback: 'the platform of the builder',
  },
  'build-args': {
    description:
      'Build arguments, as `NAME=value`. Expressions are allowed, such as `VERSION={{version}}`. `NAME` alone takes the value of that environment variable.',
  },
  'build-contexts': {description: 'Additional build contexts, as `name=path` or `name=URL`.'},
  secrets: {
    description:
      'Build secrets, as `id=value`. Quote a secret of several lines: `"id=value"`. An empty secret is left out, with a notice.',
  },
  'secret-envs': {
    description:
      'Build secrets from environment variables of this step, as `id=VARIABLE`. An unset variable is an error; an empty one is left out, with a notice.',
  },
  'secret-files': {description: 'Build secrets from files, as `id=path`.'},
  ssh: {description: 'SSH agent sockets or keys for the build, as `default` or `id=path`.'},
  'add-hosts': {description: 'Additional host-to-IP mappings for the build, as `host:address`.'},
  allow: {description: 'Privileged entitlements of the build, such as `network.host` or `security.insecure`.'},
  attests: {description: 'Attestations, such as `type=sbom,generator=image`.'},
  provenance: {description: 'Provenance attestation: `true`, `false`, or attributes such as `mode=max`.'},
  sbom: {description: 'SBOM attestation: `true`, `false`, or attributes such as `generator=image`.'},
  attestations: {
    description:
      'Where the attestations go: `inline`, into the index, as Buildx does; `referrers`, beside each image, so that the index lists only images, and one platform needs no index; `both`; or `off`, nowhere.',
  },
  'cache-from': {description: 'Caches to import, such as `type=gha` or `user/app:cache`.'},
  'cache-to': {description: 'Caches to export, such as `type=gha,mode=max`.'},
  cache: {
    description:
      'Build cache between workflow runs: `gha` in the GitHub Actions cache, `registry` beside the image, `auto` in whichever of the two suits the build.',
  },
  'no-cache': {description: 'Build without any cache.'},
  'no-cache-filters': {description: 'Stages of the Dockerfile to build without cache.'},
  pull: {description: 'Check the registry for newer versions of the base images.'},
  network: {description: 'Network mode of `RUN` instructions, such as `host` or `none`.'},
  'shm-size': {description: 'Size of `/dev/shm`, such as `128m`.'},
  ulimit: {description: 'Ulimit options of the build, such as `nofile=1024:1024`.'},
  'cgroup-parent': {description: 'Parent cgroup of `RUN` instructions.'},
  load: {description: 'Load the image into the Docker engine of the runner.'},
  outputs: {
    description:
      'Additional outputs of the build, such as `type=local,dest=out`. `type=image,compression=zstd` sets attributes of the published image.',
  },
  call: {description: 'Method of the build frontend to run instead of a build, such as `check` or `outline`.'},
  reproducible: {
    description: 'Set all timestamps to the time of the commit, so that two builds of a commit have the same digest.',
  },
  builder: {description: 'Name of the builder.', fallback: 'the current builder, or a new one (see `driver`)'},
}
