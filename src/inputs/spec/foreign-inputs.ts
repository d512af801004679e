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
])
