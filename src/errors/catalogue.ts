import {buildFailures} from './build-failures.ts'
import {registryFailures} from './registry-failures.ts'

/** One row of the catalogue: what happened, and what the user can do about it. `docs/errors.md` is generated from it. */
export interface CatalogueEntry {
  /** One sentence: what went wrong. */
  readonly cause: string
  /** One or two sentences: what to change, naming the input, setting or command. */
  readonly remedy: string
}

/**
 * Every failure that Tagboat knows by name. The key is the code that stands in the message and the anchor in
 * `docs/errors.md`; codes are never reused for another meaning.
 */
export const catalogue = {
  'input-invalid': {
    cause: 'The inputs of this step cannot be used as they are.',
    remedy: 'Correct each line listed above; nothing has been built or changed.',
  },
  'event-unsupported': {
    cause: 'The event that started this workflow does not say what to publish.',
    remedy: 'Run Tagboat on push, pull_request, release, schedule, workflow_dispatch or another supported event.',
  },
  'event-unreadable': {
    cause: 'The file with the event of this run cannot be read.',
    remedy:
      'Run Tagboat as a step of a workflow, and let no step before it write to the file that GITHUB_EVENT_PATH names; where that variable is empty, the event is known by the other variables alone.',
  },
  'git-missing': {
    cause: 'The git command is not on the PATH of this runner, and `metadata-context: git` needs it.',
    remedy: 'Install Git on the runner, or leave `metadata-context` on `workflow`.',
  },
  'clone-missing': {
    cause: 'This step does not run in a Git repository with a commit, and `metadata-context: git` needs one.',
    remedy: 'Check out the repository before this step (actions/checkout), or leave `metadata-context` on `workflow`.',
  },
  'nothing-to-tag': {
    cause: 'A push was asked for, but no rule gave a tag for this event.',
    remedy:
      'Add a rule that matches this event to `tags`, leave `tags` empty for the default strategy, or set `push: false`.',
  },
  'tag-elsewhere': {
    cause: 'The commit that is checked out is not the one that the Git tag of this run points to.',
    remedy:
      'Check out the tag (`ref: ${{ github.ref }}` of actions/checkout). To take ref and commit from the checkout, set `metadata-context: git`; to publish this commit under a version that you choose, set `version`.',
  },
  'dockerfile-missing': {
    cause: 'There is no Dockerfile where the build looks for it.',
    remedy: 'Check out the repository before this step (actions/checkout), or set `file` and `context` to where it is.',
  },
  'context-missing': {
    cause: 'The build context does not exist.',
    remedy:
      'Check out the repository before this step (actions/checkout), or set `context` to a directory that exists.',
  },
  'git-context-refused': {
    cause: 'The Git server did not let the builder read the repository that is the build context.',
    remedy:
      'Set `github-token` to a token that may read the repository (`permissions: contents: read`); for another server or repository, add a line `GIT_AUTH_TOKEN.<host>=<token>` to `secrets`.',
  },
  'docker-missing': {
    cause: 'The docker command is not on the PATH of this runner.',
    remedy: 'Use a runner that has Docker, or install the Docker CLI before this step.',
  },
  'engine-unreachable': {
    cause: 'The Docker engine does not answer.',
    remedy: 'Start the engine, or point DOCKER_HOST or the Docker context at one that runs and that this user may use.',
  },
  'buildx-missing': {
    cause: 'The Docker CLI on this runner has no Buildx.',
    remedy: 'Install the Buildx plugin (package docker-buildx or docker-buildx-plugin) on the runner.',
  },
  'builder-missing': {
    cause: 'There is no builder of that name.',
    remedy: 'Create it before this step, or leave `builder` empty to use the current one.',
  },
  'builder-unsuited': {
    cause: 'The builder does not support what was asked of it.',
    remedy: 'Leave `driver` on `auto` and `builder` empty, or turn on the containerd image store of the Docker engine.',
  },
  'builder-not-created': {
    cause: 'A new builder could not be created.',
    remedy:
      'See what Buildx printed above. It gets `driver-opts`, `buildkitd-flags`, `buildkitd-config`, `endpoint` and `append` as they are written.',
  },
  'builder-image-missing': {
    cause: 'The image of BuildKit, which a new builder boots, cannot be pulled.',
    remedy:
      'Name a mirror that this runner reaches (`mirrors: docker.io=…`) or an image there (`driver-opts: image=…`), or turn on the containerd image store of the engine: its own builder (`driver: docker`) needs no image.',
  },
  'platform-missing': {
    cause: 'The builder cannot run a platform that was asked for.',
    remedy:
      'Leave `qemu` on `auto` to have emulators installed, use a builder with a native node for it (`append`), or remove it from `platforms`.',
  },
  'emulation-failed': {
    cause: 'The image with the emulators for other platforms cannot be pulled.',
    remedy:
      'Set `qemu-image` to a copy in a registry that the engine reaches, or build each platform on a native runner: the reusable workflow .github/workflows/publish.yml does.',
  },
  'emulation-crashed': {
    cause: 'A program crashed under emulation: QEMU, or the program in it, ended by a signal.',
    remedy:
      'Build that platform on a native runner: the reusable workflow .github/workflows/publish.yml does. Or run that step on the native platform (`FROM --platform=$BUILDPLATFORM`) and cross-compile, or try another release of QEMU by `qemu-image`.',
  },
  'docker-config-invalid': {
    cause: "The Docker CLI's configuration file on this runner is not valid JSON.",
    remedy:
      'Correct or remove the config.json that is named above: it is in the directory of DOCKER_CONFIG, or in ~/.docker.',
  },
  'login-refused': {
    cause: 'The registry refused the login.',
    remedy:
      'Check `registry`, `username` and `password`: the secret may be empty, expired, or meant for another registry.',
  },
  'login-failed': {
    cause: 'The login did not get an answer from the registry.',
    remedy: 'Check the spelling of `registry` and that the runner can reach it; run the job again if it was a hiccup.',
  },
  'credential-helper-failed': {
    cause: 'A credential helper of the Docker configuration did not give the login for a registry.',
    remedy:
      'Run the helper on the runner as named above to see what it prints; install or correct it, set `username` and `password` for that registry, or remove it from `credHelpers` or `credsStore` of the Docker configuration.',
  },
  'credentials-missing': {
    cause: 'A registry login was asked for with an empty user name or password.',
    remedy: 'Set the secret that the input names; on pull requests from forks and from Dependabot secrets are empty.',
  },
  'push-denied': {
    cause: 'The registry denied the push.',
    remedy: 'Give these credentials write access to the repository, and check that the image name is spelled right.',
  },
  'push-denied-ghcr': {
    cause: 'ghcr.io denied the push.',
    remedy:
      'Add `permissions: packages: write` to the job. If the package exists already, also give this repository the role Write under the package settings, Manage Actions access.',
  },
  ...registryFailures,
  'ecr-repository-missing': {
    cause: 'The Amazon ECR repository does not exist.',
    remedy: 'Create it first (aws ecr create-repository --repository-name …): ECR does not create one on push.',
  },
  'repository-missing': {
    cause: 'The registry does not know the repository.',
    remedy: 'Check the image name; some registries need the repository or project to be created first.',
  },
  'rate-limited': {
    cause: 'A registry answered that its rate limit is used up.',
    remedy:
      'Log in to it (`registry`, `username`, `password`): limits for known users are higher; or run the job again later.',
  },
  'disk-full': {
    cause: 'There is no space left on the disk of the builder.',
    remedy: 'Free space before this step (docker system prune), or use a runner with a larger disk.',
  },
  ...buildFailures,
  'publish-unverified': {
    cause: 'What the registry holds after the push is not what was built.',
    remedy:
      'Another run may have pushed the same tag at the same time: use `concurrency` in the workflow, then run this job again.',
  },
  'registry-unreachable': {
    cause: 'The registry did not answer.',
    remedy:
      'Check the host name in `images`, and that the runner can reach it (proxy, firewall); run the job again if it was a hiccup.',
  },
  'registry-failed': {
    cause: 'The registry answered with an error of its own.',
    remedy: 'Look at the status page of the registry, and run the job again: a second run completes what is missing.',
  },
  'pull-denied': {
    cause: 'The registry denied reading.',
    remedy: 'Give these credentials read access to the repository, and check that the image name is spelled right.',
  },
  'tags-unlisted': {
    cause: 'The registry does not list the tags of the repository.',
    remedy:
      'Give these credentials the right to list tags, or set `floating: always` to move floating tags without looking.',
  },
  'content-corrupt': {
    cause: 'What came from the registry is not what its digest says.',
    remedy: 'Run the job again; if it stays, a proxy on the way or the storage of the registry is damaged.',
  },
  'tag-immutable': {
    cause: 'The registry does not let this tag change: tags are immutable there.',
    remedy:
      'Let immutability leave out floating tags (an exclusion filter of the registry), or set `floating: never` to publish exact tags alone.',
  },
  'tag-taken': {
    cause: 'An exact tag exists already and holds something else.',
    remedy:
      'Release under a new version. A version that is meant to move says so in its rule in `tags`: `mutable=true`. To replace the content on purpose, set `if-exists: overwrite`; to leave it alone, `if-exists: skip`.',
  },
  'tag-exists': {
    cause: 'An exact tag exists already, and `if-exists: fail` asks for an error then.',
    remedy: 'Release under a new version, or set `if-exists: verify` to accept a tag that holds this revision.',
  },
  'tag-stale': {
    cause: 'A floating tag holds something newer, and `on-stale: fail` asks for an error then.',
    remedy: 'Set `on-stale: skip` to keep the newer content, or `on-stale: overwrite` to go back to this one.',
  },
  'platforms-incomplete': {
    cause: 'The staged image lacks a platform that was asked for.',
    remedy: 'Build the missing platform, or remove it from `platforms`. No tag was changed.',
  },
  'test-failed': {
    cause: 'The test of the staged image failed.',
    remedy: 'See what the command printed above. No tag was changed.',
  },
  'load-failed': {
    cause: 'The image was built, but the Docker engine did not take it (`load: true`).',
    remedy:
      'See what `docker load` printed, and whether the engine has disk space left; or leave out `load`, which publishing does not need. No tag was changed.',
  },
  'commit-date-unknown': {
    cause: 'Nothing says when the commit was made, and `reproducible: true` takes all times from it.',
    remedy:
      'Check out the repository before this step (actions/checkout), give the step `github-token`, or name the time yourself: a line SOURCE_DATE_EPOCH=<seconds> in `build-args`.',
  },
  'publish-incomplete': {
    cause: 'Some references could not be given their tag.',
    remedy: 'Run the job again: it completes what is missing and does nothing twice.',
  },
  'source-missing': {
    cause: 'What is to be promoted is not there.',
    remedy: 'Check `digests` and `from`, and that these credentials may read the repository.',
  },
  'sources-mixed': {
    cause: 'What is to be promoted together does not belong together.',
    remedy: 'Promote digests that were built from the same commit, one for each platform.',
  },
  cancelled: {
    cause: 'The run was cancelled.',
    remedy: 'Children were ended and credentials removed. Run the job again if it was not meant.',
  },
  'command-failed': {
    cause: 'A command failed.',
    remedy: 'See what it printed above.',
  },
  unexpected: {
    cause: 'Tagboat failed in a way that it does not know.',
    remedy:
      'Run the job again with debug logging (the secret ACTIONS_STEP_DEBUG set to true) and report what it shows.',
  },
} as const satisfies Record<string, CatalogueEntry>

export type ErrorCode = keyof typeof catalogue
