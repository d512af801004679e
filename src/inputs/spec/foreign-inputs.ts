import {foreignCloudInputs} from './foreign-cloud-inputs.ts'
import {foreignPruneInputs} from './foreign-prune-inputs.ts'

const ofImages = 'Remove it: Tagboat publishes images, and uploads no other files.'
const inJobs = 'Remove it, and write it in `strategy` of the job that calls stage.'
const standard = 'Remove it: the standard labels and annotations are always set.'

/** Remedies for inputs of the actions that Tagboat replaces, if the input has another name here or none. */
export const foreignInputs: ReadonlyMap<string, string> = new Map([
  // docker/setup-buildx-action
  ['config', 'Use `buildkitd-config`, its name in docker/setup-buildx-action since version 3.'],
  ['config-inline', 'Use `buildkitd-config-inline`, its name in docker/setup-buildx-action since version 3.'],
  [
    'install',
    'Remove it: Tagboat always builds with Buildx. If a later step runs `docker build`, write `docker buildx build` there.',
  ],
  [
    'name',
    'Use `builder` for an existing builder, or remove it: a new builder gets a name, which is the output `name`.',
  ],
  ['use', 'Remove it: Tagboat does not change the current builder.'],
  ['cleanup', 'Remove it: Tagboat always removes a builder that it created.'],
  ['cache-binary', 'Remove it: Tagboat uses the Buildx of the runner.'],
  // docker/setup-qemu-action
  ['image', 'Use `images` for the image to publish, or `qemu-image` for the image that installs emulators.'],
  ['cache-image', 'Remove it: the image of the emulators is pulled only if it is needed.'],
  ['reset', 'Remove it: Tagboat keeps the emulators of the machine.'],
  // docker/bake-action
  [
    'files',
    'Remove it: Tagboat reads no Bake definition. Write the attributes of the target as inputs (docs/migrating.md).',
  ],
  ['targets', 'Remove it, and use one step per target. `target` is the stage of the Dockerfile.'],
  ['set', 'Remove it, and write the attribute as an input, such as `platforms` or `build-args` (docs/migrating.md).'],
  ['vars', 'Remove it, and write the values into the other inputs.'],
  ['source', 'Use `context`.'],
  ['workdir', 'Use `context`.'],
  // docker/login-action
  ['scope', 'Write it as a key of an item of `registry-auth` (docs/cloud-registries.md).'],
  // docker/github-builder
  ['artifact-name', ofImages],
  ['artifact-retention-days', ofImages],
  ['artifact-upload', ofImages],
  ['output', 'Remove it: the result is an image. `outputs` of a step adds other results.'],
  ['cache-mode', 'Use `cache-to`, such as `type=gha,mode=min`. `cache: gha` has mode=max.'],
  ['cache-scope', 'Remove it: with `cache: gha`, each image, target and platform has its own scope.'],
  ['distribute', 'Remove it: the reusable workflow of Tagboat has a runner for each platform (docs/distributed.md).'],
  ['fail-fast', inJobs],
  ['job-name-prefix', 'Remove it, and write `name` of the job.'],
  ['runner', 'Remove it, and write `runs-on` of the job.'],
  ['setup-qemu', 'Remove it: `qemu: auto`, the default, installs the emulators that the build needs.'],
  ['registry-auths', 'Use `registry-auth`.'],
  ['registry-identities', 'Use `registry-auth` of a step: its items have the same keys.'],
  ['meta-images', 'Use `images`.'],
  ['meta-tags', 'Use `tags`.'],
  ['meta-flavor', 'Use `flavor`.'],
  ['meta-labels', 'Use `labels`.'],
  ['meta-annotations', 'Use `annotations`.'],
  ['meta-bake-target', 'Use `bake-target`.'],
  ['set-meta-labels', standard],
  ['set-meta-annotations', standard],
  // Noelware/docker-manifest-action
  ['inputs', 'Use `digests` of tagboat/tagboat/promote@v1, with digests instead of tags.'],
  ['base-image', 'Use `digests` of tagboat/tagboat/promote@v1, with digests instead of tags.'],
  ['extra-images', 'Use `tags`.'],
  ['amend', 'Remove it: to promote the same images again changes nothing.'],
  ['fallback', 'Remove it: Tagboat writes the index itself.'],
  // mr-smithers-excellent/docker-build-push. The runner passes names in lower case.
  ['githuborg', 'Use `images`, with the owner in the name.'],
  ['appendmode', 'Remove it: `tags` replaces the default tags. Write all tags.'],
  ['addlatest', 'Use `flavor: latest=true`.'],
  ['addtimestamp', "Use an expression in `tags`, such as {{date 'YYYY-MM-DD.HHmmss'}}."],
  ['dockerfile', 'Use `file`.'],
  ['directory', 'Use `context`.'],
  ['buildargs', 'Use `build-args`, one per line.'],
  ['platform', 'Use `platforms`.'],
  ['multiplatform', 'Remove it: several `platforms` are sufficient.'],
  ['overridedriver', 'Use `driver: docker` for the builder of the engine.'],
  ['enablebuildkit', 'Remove it: Tagboat always builds with BuildKit.'],
  ['cachefrom', 'Use `cache-from`.'],
  ['cacheto', 'Use `cache-to`.'],
  ['skiplogin', 'Remove it: without `username` and `password`, the logins of earlier steps are used.'],
  ['pushimage', 'Use `push`.'],
  // sigstore/cosign-installer
  ['cosign-release', 'Remove it: `sign` and `verify` need no program.'],
  ['install-dir', 'Remove it: `sign` and `verify` need no program.'],
  ['use-sudo', 'Remove it: nothing is installed.'],
  ...foreignCloudInputs,
  ...foreignPruneInputs,
])
