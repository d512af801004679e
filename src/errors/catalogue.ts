/** One row of the catalogue: a failure, and what the user can do about it. `docs/errors.md` is generated from it. */
interface CatalogueEntry {
  /** One sentence that describes the failure. */
  readonly cause: string
  /** Sentences that name the input, setting or command to change. */
  readonly remedy: string
}

/** Remedy for an engine whose own builder lacks something; the beginning of a sentence precedes it. */
export const containerdStore =
  'turn on the containerd image store of the engine (`"features": {"containerd-snapshotter": true}` in /etc/docker/daemon.json)'

/**
 * Every failure with a code. The code is part of the message and the anchor in `docs/errors.md`. A code is never reused
 * for another failure.
 */
export const catalogue = {
  'input-invalid': {
    cause: 'The inputs of this step are not valid.',
    remedy: 'Correct each line listed above. Nothing has been built or changed.',
  },
  'event-unsupported': {
    cause: 'The event of this workflow run does not determine what to publish.',
    remedy: 'Run Tagboat on push, pull_request, release, schedule, workflow_dispatch or another supported event.',
  },
  'event-unreadable': {
    cause: 'The event file of this workflow run cannot be read.',
    remedy:
      'Run Tagboat as a step of a workflow, and make sure that no earlier step writes to the file in GITHUB_EVENT_PATH. If that variable is empty, Tagboat uses the other variables of the runner only.',
  },
  'git-missing': {
    cause: 'The git command is not on the PATH of this runner, but `metadata-context: git` requires it.',
    remedy: 'Install Git on the runner, or set `metadata-context: workflow`.',
  },
  'clone-missing': {
    cause: 'This step does not run in a Git repository with a commit, but `metadata-context: git` requires one.',
    remedy: 'Check out the repository before this step (actions/checkout), or set `metadata-context: workflow`.',
  },
  'nothing-to-tag': {
    cause: 'A push was requested, but no rule matches this event.',
    remedy:
      'Add a rule that matches this event to `tags`, leave `tags` empty for the default strategy, or set `push: false`.',
  },
  'tag-elsewhere': {
    cause: 'The checked-out commit is not the commit that the Git tag of this run points to.',
    remedy:
      'Check out the tag (`ref: ${{ github.ref }}` of actions/checkout). To use the ref and commit of the checkout instead, set `metadata-context: git`. To publish this commit under another version, set `version`.',
  },
  'dockerfile-missing': {
    cause: 'The Dockerfile does not exist.',
    remedy:
      'Check out the repository before this step (actions/checkout), or set `file` and `context` to its location.',
  },
  'context-missing': {
    cause: 'The build context does not exist.',
    remedy: 'Check out the repository before this step (actions/checkout), or set `context` to an existing directory.',
  },
  'git-context-refused': {
    cause: 'The Git server denied the builder access to the repository of the build context.',
    remedy:
      'Set `github-token` to a token with read access to the repository (`permissions: contents: read`). For another server or repository, add a line `GIT_AUTH_TOKEN.<host>=<token>` to `secrets`.',
  },
  'docker-missing': {
    cause: 'The docker command is not on the PATH of this runner.',
    remedy: 'Use a runner with Docker, or install the Docker CLI before this step.',
  },
  'engine-unreachable': {
    cause: 'The Docker engine does not respond.',
    remedy: 'Start the engine, or set DOCKER_HOST or the Docker context to a running engine that this user may access.',
  },
  'buildx-missing': {
    cause: 'The Docker CLI on this runner has no Buildx plugin.',
    remedy: 'Install the Buildx plugin (package docker-buildx or docker-buildx-plugin) on the runner.',
  },
  'buildx-outdated': {
    cause: 'The Buildx plugin on this runner is too old.',
    remedy:
      'Update the Buildx plugin (package docker-buildx or docker-buildx-plugin) to 0.12 or later. docs/requirements.md lists the requirements of a runner.',
  },
  'builder-missing': {
    cause: 'The builder does not exist.',
    remedy: 'Create it before this step, or leave `builder` empty to use the current builder.',
  },
  'builder-unsuited': {
    cause: 'The builder does not support this build.',
    remedy: `Set \`driver: auto\` and leave \`builder\` empty, or ${containerdStore}.`,
  },
  'builder-not-created': {
    cause: 'The new builder could not be created.',
    remedy:
      'See the output of Buildx above. `driver-opts`, `buildkitd-flags`, `buildkitd-config`, `endpoint` and `append` are passed to it unchanged.',
  },
  'builder-image-missing': {
    cause: 'The BuildKit image of a new builder cannot be pulled.',
    remedy: `Set a mirror that this runner can reach (\`mirrors: docker.io=…\`) or another image (\`driver-opts: image=…\`), or ${containerdStore}: its own builder needs no image.`,
  },
  'platform-missing': {
    cause: 'A step of the build has to run on a platform that the builder does not support.',
    remedy:
      'Set `qemu: auto` to install emulators, add a native node for the platform (`append`), cross-compile (`FROM --platform=$BUILDPLATFORM`), or remove it from `platforms`.',
  },
  'base-image-without-platform': {
    cause: 'A base image of the Dockerfile does not exist for a requested platform.',
    remedy:
      'Use a base image or a tag that has the platform (`docker buildx imagetools inspect` lists the platforms of an image), or remove the platform from `platforms`. If the stage only compiles, write `FROM --platform=$BUILDPLATFORM`.',
  },
  'emulation-failed': {
    cause: 'The image that installs the emulators cannot be pulled.',
    remedy:
      'Set `qemu-image` to a copy in a registry that the engine can reach, or build each platform on a native runner with the reusable workflow .github/workflows/publish.yml.',
  },
  'emulation-crashed': {
    cause: 'A program crashed under emulation: a signal terminated it or QEMU.',
    remedy:
      'Build that platform on a native runner with the reusable workflow .github/workflows/publish.yml. Or run the step on the native platform (`FROM --platform=$BUILDPLATFORM`) and cross-compile, or set `qemu-image` to another release of QEMU.',
  },
  'docker-config-invalid': {
    cause: 'The configuration file of the Docker CLI on this runner is not valid JSON.',
    remedy: 'Correct or remove the config.json named above. It is in the directory of DOCKER_CONFIG, or in ~/.docker.',
  },
  'login-refused': {
    cause: 'The registry refused the login.',
    remedy: 'Check `registry`, `username` and `password`. The secret may be empty, expired, or for another registry.',
  },
  'login-failed': {
    cause: 'The registry did not respond to the login.',
    remedy:
      'Check the spelling of `registry`, and that the runner can reach it. Run the job again if the failure was temporary.',
  },
  'credential-helper-failed': {
    cause: 'A credential helper of the Docker configuration did not return credentials for a registry.',
    remedy:
      'Run the helper on the runner as shown above to see its output. Install or fix it, set `username` and `password` for that registry, or remove it from `credHelpers` or `credsStore` of the Docker configuration.',
  },
  'credentials-missing': {
    cause: 'The run writes to a registry whose login has an empty user name or password.',
    remedy:
      'Set the secret that the input uses, or switch the login off with `enable: false`. Secrets are empty on pull requests from forks and from Dependabot.',
  },
  'push-denied': {
    cause: 'The registry denied the push.',
    remedy: 'Grant these credentials write access to the repository, and check the spelling of the image name.',
  },
  'push-denied-ghcr': {
    cause: 'ghcr.io denied the push.',
    remedy:
      'Add `permissions: packages: write` to the job. If the package already exists, also give this repository the role Write in the settings of the package, under Manage Actions access.',
  },
  'quota-exceeded': {
    cause: 'The quota of the registry is exhausted.',
    remedy:
      'Delete images and tags that are no longer needed (some registries free the space only at their next garbage collection), or raise the quota of the project. The credentials are not the cause.',
  },
  'digest-hidden': {
    cause: 'The registry accepted an image by its digest, but does not serve it without a tag.',
    remedy:
      'Older releases of Quay behave like this: update the registry. Until then, use a builder with a single node: Tagboat then keeps the image under a temporary tag until it is published. No tag was changed.',
  },
  'ecr-repository-missing': {
    cause: 'The Amazon ECR repository does not exist.',
    remedy:
      'Create it first (aws ecr create-repository --repository-name …). ECR does not create repositories on push.',
  },
  'repository-missing': {
    cause: 'The repository does not exist in the registry.',
    remedy: 'Check the image name. Some registries require that the repository or project is created first.',
  },
  'rate-limited': {
    cause: 'The rate limit of a registry is exceeded.',
    remedy:
      'Log in to the registry (`registry`, `username`, `password`), because the limit is higher for authenticated users, or run the job again later.',
  },
  'disk-full': {
    cause: 'No space is left on the disk of the builder.',
    remedy: 'Free space before this step (docker system prune), or use a runner with a larger disk.',
  },
  'build-failed': {
    cause: 'The build failed.',
    remedy: 'See the last output above. The log group of the build has all of it.',
  },
  'dockerfile-invalid': {
    cause: 'BuildKit cannot build the Dockerfile as written.',
    remedy:
      'Correct the line named above. An unknown stage or an argument without a value can also come from `target` and `build-args`.',
  },
  'base-image-unreachable': {
    cause: 'A base image of the Dockerfile cannot be read.',
    remedy:
      'Check its name and tag in the Dockerfile. For a private image, also log in to its registry (`registry-auth`). For a registry that this builder cannot reach, set a mirror (`mirrors: docker.io=…`), and check proxy and firewall.',
  },
  'checks-failed': {
    cause: 'The build checks of BuildKit found violations in the Dockerfile.',
    remedy:
      'Correct the lines named above, or skip a check: `# check=skip=RuleName` as the first line of the Dockerfile.',
  },
  'publish-unverified': {
    cause: 'The content of the registry after the push is not what was pushed.',
    remedy:
      'Another run may have pushed the same tag at the same time. Set `concurrency` in the workflow, then run this job again.',
  },
  'registry-unreachable': {
    cause: 'The registry did not respond.',
    remedy:
      'Check the host name in `images`, and that the runner can reach it (proxy, firewall). Run the job again if the failure was temporary.',
  },
  'registry-failed': {
    cause: 'The registry responded with an unexpected error.',
    remedy:
      'Check the status page of the registry, and run the job again. A second run publishes only what is missing.',
  },
  'pull-denied': {
    cause: 'The registry denied read access.',
    remedy: 'Grant these credentials read access to the repository, and check the spelling of the image name.',
  },
  'tags-unlisted': {
    cause: 'The registry does not list the tags of the repository.',
    remedy:
      'Grant these credentials permission to list tags, or set `floating: always` to move floating tags without a check.',
  },
  'content-corrupt': {
    cause: 'Content from the registry does not match its digest.',
    remedy:
      'Run the job again. If the error persists, the storage of the registry or a proxy in between corrupts content.',
  },
  'tag-immutable': {
    cause: 'The tag is immutable in the registry.',
    remedy:
      'Exclude floating tags from immutability in the settings of the registry, or set `floating: never` to publish exact tags only.',
  },
  'tag-taken': {
    cause: 'An exact tag already exists and points to another image.',
    remedy:
      'Release under a new version. For a version that is meant to move, set `mutable=true` in its rule in `tags`. To replace the image on purpose, set `if-exists: overwrite`; to keep it, set `if-exists: skip`.',
  },
  'tag-exists': {
    cause: 'An exact tag already exists, and `if-exists: fail` does not allow that.',
    remedy: 'Release under a new version, or set `if-exists: verify` to accept a tag of the same release.',
  },
  'tag-stale': {
    cause: 'A floating tag points to something newer, and `on-stale: fail` does not allow that.',
    remedy: 'Set `on-stale: skip` to keep the newer image, or `on-stale: overwrite` to move the tag back to this one.',
  },
  'platforms-incomplete': {
    cause: 'A requested platform is missing from the staged image.',
    remedy: 'Build the missing platform, or remove it from `platforms`. No tag was changed.',
  },
  'test-failed': {
    cause: 'The test of the staged image failed.',
    remedy: 'See the output of the command above. No tag was changed.',
  },
  'load-failed': {
    cause: 'The image was built, but the Docker engine could not load it (`load: true`).',
    remedy:
      'See the output of `docker load`, and check the disk space of the engine. Publishing does not require `load`. No tag was changed.',
  },
  'commit-date-unknown': {
    cause: 'The date of the commit is unknown, but `reproducible: true` takes all timestamps from it.',
    remedy:
      'Check out the repository before this step (actions/checkout), set `github-token`, or set the time yourself: a line SOURCE_DATE_EPOCH=<seconds> in `build-args`.',
  },
  'publish-incomplete': {
    cause: 'Some tags could not be pushed.',
    remedy: 'Run the job again. It pushes only what is missing.',
  },
  'source-missing': {
    cause: 'The image to promote does not exist.',
    remedy: 'Check `digests` and `from`, and that these credentials have read access to the repository.',
  },
  'sources-mixed': {
    cause: 'The digests to promote do not belong together.',
    remedy: 'Promote digests that were built from the same commit, one for each platform.',
  },
  cancelled: {
    cause: 'The run was cancelled.',
    remedy: 'Child processes were stopped and credentials removed. Run the job again if this was not intended.',
  },
  'command-failed': {
    cause: 'A command failed.',
    remedy: 'See its output above.',
  },
  unexpected: {
    cause: 'Tagboat failed for an unknown reason.',
    remedy:
      'Run the job again with debug logging (the secret ACTIONS_STEP_DEBUG set to true), and report the output at https://github.com/tagboat/tagboat/issues.',
  },
} as const satisfies Record<string, CatalogueEntry>

export type ErrorCode = keyof typeof catalogue
