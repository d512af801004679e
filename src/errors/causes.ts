import type {cloudCauses} from './causes/cloud.ts'
import type {retentionCauses} from './causes/retention.ts'
import type {scanningCauses} from './causes/scanning.ts'
import type {signingCauses} from './causes/signing.ts'

/**
 * Failures with a code, and one sentence that describes each. The code is part of the message and the anchor in
 * `docs/errors.md`. A code is never reused for another failure. `remedies.ts` has the remedies, and the folder `causes` the
 * failures that only few runs can have.
 */
export const causes = {
  'input-invalid': 'The inputs of this step are not valid.',
  'event-unsupported': 'The event of this workflow run does not determine what to publish.',
  'event-unreadable': 'The event file of this workflow run cannot be read.',
  'git-missing': 'The git command is not on the PATH of this runner, but `metadata-context: git` requires it.',
  'clone-missing':
    'This step does not run in a Git repository with a commit, but `metadata-context: git` requires one.',
  'nothing-to-tag': 'A push was requested, but no rule matches this event.',
  'tag-elsewhere': 'The checked-out commit is not the commit that the Git tag of this run points to.',
  'dockerfile-missing': 'The Dockerfile does not exist.',
  'context-missing': 'The build context does not exist.',
  'git-context-refused': 'The Git server denied the builder access to the repository of the build context.',
  'docker-missing': 'The docker command is not on the PATH of this runner.',
  'engine-unreachable': 'The Docker engine does not respond.',
  'buildx-missing': 'The Docker CLI on this runner has no Buildx plugin.',
  'buildx-outdated': 'The Buildx plugin on this runner is too old.',
  'builder-missing': 'The builder does not exist.',
  'builder-unsuited': 'The builder does not support this build.',
  'builder-not-created': 'The new builder could not be created.',
  'builder-image-missing': 'The BuildKit image of a new builder cannot be pulled.',
  'cluster-unreachable': 'The Kubernetes cluster does not respond.',
  'cluster-denied': 'The Kubernetes cluster denied access.',
  'pod-not-ready': 'The BuildKit pod of the new builder did not become ready.',
  'platform-missing': 'A step of the build has to run on a platform that the builder does not support.',
  'base-image-without-platform': 'A base image of the Dockerfile does not exist for a requested platform.',
  'emulation-failed': 'The image that installs the emulators cannot be pulled.',
  'emulation-crashed': 'A program crashed under emulation: a signal terminated it or QEMU.',
  'docker-config-invalid': 'The configuration file of the Docker CLI on this runner is not valid JSON.',
  'login-refused': 'The registry refused the login.',
  'login-failed': 'The registry did not respond to the login.',
  'logins-ambiguous': 'The build needs several logins for one registry at the same time.',
  'credential-helper-failed':
    'A credential helper of the Docker configuration did not return credentials for a registry.',
  'credentials-missing': 'The run writes to a registry whose login has an empty user name or password.',
  'push-denied': 'The registry denied the push.',
  'push-denied-ghcr': 'ghcr.io denied the push.',
  'ghcr-permission-missing': 'ghcr.io denied the push: the token of the job may not write packages of this owner.',
  'ghcr-package-not-shared': 'ghcr.io denied the push: the package exists, and this repository has no access to it.',
  'ghcr-creation-forbidden': 'ghcr.io denied the push: the package does not exist, and may not be created.',
  'token-read-only': 'The registry denied the push: the token may only read.',
  'oidc-unavailable': 'This job has no permission to request an ID token.',
  'oidc-failed': 'GitHub issued no ID token for this job.',
  'ecr-denied': 'Amazon ECR denied the request: no policy allows it.',
  'quay-federation-refused': 'Quay issued no token for the robot.',
  'jfrog-exchange-refused': 'The JFrog platform issued no token for the ID token of this job.',
  'gar-denied': 'Google Artifact Registry denied the request: the repository does not exist, or a role is missing.',
  'acr-role-missing': 'Azure Container Registry denied the request: the identity has no role that allows it.',
  'login-expired': 'The login to the registry has expired.',
  'registry-firewall': 'The firewall of the registry does not admit this runner.',
  'registry-read-only': 'The registry does not accept pushes now.',
  'project-missing': 'The project, namespace or owner of the repository does not exist in the registry.',
  'name-not-allowed': 'The registry does not accept the name of the repository.',
  'quota-exceeded': 'The quota of the registry is exhausted.',
  'digest-hidden': 'The registry accepted an image by its digest, but does not serve it without a tag.',
  'ecr-repository-missing': 'The Amazon ECR repository does not exist.',
  'repository-missing': 'The repository does not exist in the registry.',
  'rate-limited': 'The rate limit of a registry is exceeded.',
  'disk-full': 'No space is left on the disk of the builder.',
  'build-failed': 'The build failed.',
  'dockerfile-invalid': 'BuildKit cannot build the Dockerfile as written.',
  'base-image-unreachable': 'A base image of the Dockerfile cannot be read.',
  'sbom-generator-unreachable': 'The image of the SBOM generator cannot be read.',
  'checks-failed': 'The build checks of BuildKit found violations in the Dockerfile.',
  'publish-unverified': 'The content of the registry after the push is not what was pushed.',
  'registry-unreachable': 'The registry did not respond.',
  'registry-failed': 'The registry responded with an unexpected error.',
  'pull-denied': 'The registry denied read access.',
  'tags-unlisted': 'The registry does not list the tags of the repository.',
  'content-corrupt': 'Content from the registry does not match its digest.',
  'tag-immutable': 'The tag is immutable in the registry.',
  'tag-taken': 'An exact tag already exists and points to another image.',
  'tag-exists': 'An exact tag already exists, and `if-exists: fail` does not allow that.',
  'tag-stale': 'A floating tag points to something newer, and `on-stale: fail` does not allow that.',
  'platforms-incomplete': 'A requested platform is missing from the staged image.',
  'image-too-large': 'The image is larger than `max-size` or `max-growth` allows.',
  'build-not-judged': 'A tag would point to an image that this run has neither checked nor signed.',
  'test-failed': 'The test of the image failed.',
  'load-failed': 'The image was built, but the Docker engine could not load it (`load: true`).',
  'commit-date-unknown': 'The date of the commit is unknown, but `reproducible: true` takes all timestamps from it.',
  'publish-incomplete': 'Some tags could not be pushed.',
  'source-missing': 'The image to promote does not exist.',
  'sources-mixed': 'The digests to promote do not belong together.',
  cancelled: 'The run was cancelled.',
  'command-failed': 'A command failed.',
  unexpected: 'Tagboat failed for an unknown reason.',
} as const satisfies Record<string, string>

/** Code with a cause in this table. */
export type CommonCode = keyof typeof causes

export type ErrorCode =
  | CommonCode
  | keyof typeof cloudCauses
  | keyof typeof retentionCauses
  | keyof typeof scanningCauses
  | keyof typeof signingCauses

/** Remedy of `tags-unlisted`, which a reason shows too. */
export const unlistedRemedy =
  'Grant these credentials permission to list tags, or set `floating: always` to move floating tags without a check.'

/** Remedy for an engine whose own builder lacks something; the beginning of a sentence precedes it. */
export const containerdStore =
  'turn on the containerd image store of the engine (`"features": {"containerd-snapshotter": true}` in /etc/docker/daemon.json)'
