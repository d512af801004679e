import {containerdStore, unlistedRemedy, type ErrorCode} from './causes.ts'

/**
 * Remedy of each failure: sentences that name the input, setting or command to change. Only a run that shows an error
 * loads them.
 */
export const remedies: Readonly<Record<ErrorCode, string>> = {
  'input-invalid': 'Correct each line listed above. Nothing has been built or changed.',
  'event-unsupported':
    'Run Tagboat on push, pull_request, release, schedule, workflow_dispatch or another supported event.',
  'event-unreadable':
    'Run Tagboat as a step of a workflow, and make sure that no earlier step writes to the file in GITHUB_EVENT_PATH. If that variable is empty, Tagboat uses the other variables of the runner only.',
  'git-missing': 'Install Git on the runner, or set `metadata-context: workflow`.',
  'clone-missing': 'Check out the repository before this step (actions/checkout), or set `metadata-context: workflow`.',
  'nothing-to-tag':
    'Add a rule that matches this event to `tags`, leave `tags` empty for the default strategy, or set `push: false`.',
  'tag-elsewhere':
    'Check out the tag (`ref: ${{ github.ref }}` of actions/checkout). To use the ref and commit of the checkout instead, set `metadata-context: git`. To publish this commit under another version, set `version`.',
  'dockerfile-missing':
    'Check out the repository before this step (actions/checkout), or set `file` and `context` to its location.',
  'context-missing':
    'Check out the repository before this step (actions/checkout), or set `context` to an existing directory.',
  'git-context-refused':
    'Set `github-token` to a token with read access to the repository (`permissions: contents: read`). For another server or repository, add a line `GIT_AUTH_TOKEN.<host>=<token>` to `secrets`.',
  'docker-missing': 'Use a runner with Docker, or install the Docker CLI before this step.',
  'engine-unreachable':
    'Start the engine, or set DOCKER_HOST or the Docker context to a running engine that this user may access.',
  'buildx-missing': 'Install the Buildx plugin (package docker-buildx or docker-buildx-plugin) on the runner.',
  'buildx-outdated':
    'Update the Buildx plugin (package docker-buildx or docker-buildx-plugin) to 0.12 or later. docs/requirements.md lists the requirements of a runner.',
  'builder-missing': 'Create it before this step, or leave `builder` empty to use the current builder.',
  'builder-unsuited': `Set \`driver: auto\` and leave \`builder\` empty, or ${containerdStore}.`,
  'builder-not-created':
    'See the output of Buildx above. `driver-opts`, `buildkitd-flags`, `buildkitd-config`, `endpoint` and `append` are passed to it unchanged.',
  'builder-image-missing': `Set a mirror that this runner can reach (\`mirrors: docker.io=…\`) or another image (\`driver-opts: image=…\`), or ${containerdStore}: its own builder needs no image. If the builder is new because of an input, such as \`buildkitd-config-inline\`, remove that input.`,
  'cluster-unreachable':
    'Set KUBECONFIG for this step to a file whose current context is the cluster, or write that file to ~/.kube/config, and check that this runner can reach the API server: `kubectl get pods` must work in a step before this one.',
  'cluster-denied':
    'Give this user the role in docs/builders.md#kubernetes for the namespace of the builder, or set the namespace where the user has it (`driver-opts: namespace=…`).',
  'pod-not-ready':
    'Correct the setting that keeps the pod from starting: its image, node or resources (`driver-opts`), the flags or configuration of BuildKit, or a policy of the namespace. If the pod only needs more time, set `driver-opts: timeout=5m`.',
  'platform-missing':
    'Set `qemu: auto` to install emulators, add a native node for the platform (`append`), cross-compile (`FROM --platform=$BUILDPLATFORM`), or remove it from `platforms`.',
  'base-image-without-platform':
    'Use a base image or a tag that has the platform (`docker buildx imagetools inspect` lists the platforms of an image), or remove the platform from `platforms`. If the stage only compiles, write `FROM --platform=$BUILDPLATFORM`.',
  'emulation-failed':
    'Set `qemu-image` to a copy in a registry that the engine can reach, or build each platform on a native runner with the reusable workflow .github/workflows/publish.yml.',
  'emulation-crashed':
    'Build that platform on a native runner with the reusable workflow .github/workflows/publish.yml. Or run the step on the native platform (`FROM --platform=$BUILDPLATFORM`) and cross-compile, or set `qemu-image` to another release of QEMU.',
  'docker-config-invalid':
    'Correct or remove the config.json named above. It is in the directory of DOCKER_CONFIG, or in ~/.docker.',
  'login-refused':
    'Check `registry`, `username` and `password`, or the item of `registry-auth`. The secret may be empty, expired, or for another registry.',
  'login-failed':
    'Check the spelling of `registry`, and that the runner can reach it. Run the job again if the failure was temporary.',
  'credential-helper-failed':
    'Run the helper on the runner as shown above to see its output. Install or fix it, set `username` and `password` for that registry, or remove it from `credHelpers` or `credsStore` of the Docker configuration.',
  'credentials-missing':
    'Set the secret that the input uses. Secrets are empty in forks, and on pull requests from forks and from Dependabot: there, `push: auto` builds without a push. An item of `registry-auth` can be switched off with `enable: false`.',
  'push-denied': 'Grant these credentials write access to the repository, and check the spelling of the image name.',
  'push-denied-ghcr':
    'Add `permissions: packages: write` to the job. If the package already exists, also give this repository the role Write in the settings of the package, under Manage Actions access.',
  'ghcr-permission-missing':
    'Add `permissions: packages: write` to the job, and to the calling workflow of a reusable one. A package of another owner needs a classic personal access token of a user with write access to it.',
  'ghcr-package-not-shared':
    'Give this repository the role Write in the settings of the package, under Manage Actions access.',
  'ghcr-creation-forbidden':
    'Add `permissions: packages: write` to the job. If it has that, an owner of the organization has to allow new packages of this visibility: in the settings of the organization, Packages, Package creation.',
  'token-read-only': 'Use a token that may write: read and write for Docker Hub, `write:packages` for ghcr.io.',
  'oidc-unavailable':
    'Add `permissions: id-token: write` (and `contents: read`) to the job, and to the calling workflow of a reusable one. Pull requests from forks never get an ID token.',
  'oidc-failed': 'Run the job again. https://www.githubstatus.com shows failures of GitHub Actions.',
  'logins-ambiguous':
    'Docker has one login for each registry. Use one login for all of these repositories, or publish to one of them and copy the image to the others with tagboat/tagboat/promote@v1, which uses the login of each repository.',
  'aws-role-missing':
    'Set `aws-role` to a role that this job may assume, or add aws-actions/configure-aws-credentials as a step before this one.',
  'aws-role-refused': 'Check that the role exists, and that the conditions of its trust policy match the claims above.',
  'aws-provider-missing': 'Create an IAM identity provider for the issuer and the audience above.',
  'aws-failed': 'Run the job again if the failure was temporary. https://health.aws.amazon.com shows failures of AWS.',
  'ecr-denied':
    'Allow the action in a policy of the role. For a repository of another account, its repository policy must allow it too.',
  'gcp-provider-unknown':
    'Set `gcp-workload-identity-provider` to the full name with the number of the project: projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER. A new provider takes up to five minutes.',
  'gcp-condition-refused':
    'Compare the claims above with the attribute condition, the attribute mapping and the issuer of the provider.',
  'gcp-impersonation-denied': 'Grant the role roles/iam.workloadIdentityUser on the service account to this job.',
  'gcp-file-unusable':
    'Use a file of google-github-actions/auth, or set `gcp-workload-identity-provider`, which needs no file.',
  'gcp-failed': 'Run the job again if the failure was temporary. https://status.cloud.google.com shows failures.',
  'azure-federation-refused': 'Add a federated credential with the issuer, the subject and the audience above.',
  'azure-client-unknown': 'Check `azure-client-id` and `azure-tenant-id`.',
  'azure-failed': 'Run the job again if the failure was temporary. https://azure.status.microsoft shows failures.',
  'dockerhub-connection-refused':
    'Check `dockerhub-connection-id`, `username` (the organization), and that a rule set of the connection allows the subject above. Docker Home lists the failures of the connection.',
  'quay-federation-refused':
    'Check the name of the robot, and that its federation has the issuer and the subject above. Quay compares them exactly.',
  'jfrog-exchange-refused':
    'Check `provider-name`, and that an identity mapping of that provider matches the claims above. If the provider has an audience, set it as `audience`. For an image name with another host than the platform, set `platform`.',
  'gar-denied': 'Create the repository, or grant the role roles/artifactregistry.writer on it.',
  'acr-role-missing':
    'Assign the role AcrPush on the registry to this identity. A registry with the permission mode RBAC + ABAC requires Container Registry Repository Writer instead.',
  'login-expired':
    'For Amazon ECR, Google Cloud, Azure, Docker Hub, Quay and JFrog, set an identity (docs/cloud-registries.md): Tagboat then requests the login and renews it. Otherwise log in right before this step, with a login that lasts longer than the build.',
  'registry-firewall':
    'Allow the address of this runner in the firewall of the registry, or use a runner inside its network.',
  'registry-read-only': 'Run the job again when the maintenance of the registry has ended.',
  'project-missing': 'Create it in the registry, or check the spelling in `images`.',
  'name-not-allowed':
    'Check `images`: lower-case letters, digits and `.`, `_`, `-`, with as many levels as the registry allows.',
  'quota-exceeded':
    'Delete images and tags that are no longer needed (some registries free the space only at their next garbage collection), or raise the quota of the project. The credentials are not the cause.',
  'digest-hidden':
    'Older releases of Quay behave like this: update the registry. Until then, use a builder with a single node: Tagboat then keeps the image under a temporary tag until it is published.',
  'ecr-create-failed':
    'See the answer of AWS above. The repository can also be created before (aws ecr create-repository), or by a repository creation template for CREATE_ON_PUSH.',
  'ecr-repository-missing':
    'Check the region and the name in `images`. To create the repository, set `ecr-create: true`, run aws ecr create-repository --repository-name …, or add a repository creation template for CREATE_ON_PUSH to the registry.',
  'repository-missing':
    'Check the image name. Some registries require that the repository or project is created first.',
  'rate-limited':
    'Log in to the registry (`registry`, `username`, `password`), because the limit is higher for authenticated users, or run the job again later.',
  'disk-full': 'Free space before this step (docker system prune), or use a runner with a larger disk.',
  'build-failed': 'See the last output above. The log group of the build has all of it.',
  'dockerfile-invalid':
    'Correct the line named above. An unknown stage or an argument without a value can also come from `target` and `build-args`.',
  'base-image-unreachable':
    'Check its name and tag in the Dockerfile. For a private image, also log in to its registry (`registry-auth`). For a registry that this builder cannot reach, set a mirror (`mirrors: docker.io=…`), and check proxy and firewall.',
  'sbom-generator-unreachable':
    'BuildKit pulls it for `sbom` and `attests`. Name a copy that this builder can reach (`sbom: generator=registry.example/buildkit-syft-scanner:1`), set a mirror (`mirrors: docker.io=…`), or remove `sbom`.',
  'checks-failed':
    'Correct the lines named above, or skip a check: `# check=skip=RuleName` as the first line of the Dockerfile.',
  'publish-unverified':
    'Another run may have pushed the same tag at the same time. Set `concurrency` in the workflow, then run this job again.',
  'registry-unreachable':
    'Check the host name in `images`, and that the runner can reach it (proxy, firewall). Run the job again if the failure was temporary.',
  'registry-failed':
    'Check the status page of the registry, and run the job again. A second run publishes only what is missing.',
  'pull-denied': 'Grant these credentials read access to the repository, and check the spelling of the image name.',
  'tags-unlisted': unlistedRemedy,
  'content-corrupt':
    'Run the job again. If the error persists, the storage of the registry or a proxy in between corrupts content.',
  'tag-immutable':
    'For a floating tag, exclude floating tags from immutability in the settings of the registry, or set `floating: never` to publish exact tags only. For an exact tag, release under a new version.',
  'tag-taken':
    'Release under a new version. For a version that is meant to move, set `mutable=true` in its rule in `tags`. To replace the image on purpose, set `if-exists: overwrite`; to keep it, set `if-exists: skip`.',
  'tag-exists': 'Release under a new version, or set `if-exists: verify` to accept a tag of the same release.',
  'tag-stale':
    'Set `on-stale: skip` to keep the newer image, or `on-stale: overwrite` to move the tag back to this one.',
  'platforms-incomplete': 'Build the missing platform, or remove it from `platforms`.',
  'image-too-large': 'Make the image smaller, beginning with the layers above, or raise the limit.',
  'sign-key-invalid':
    'Set `sign-key` to the content of a `cosign.key`, or to a private key in PEM (PKCS 8): ECDSA P-256, Ed25519, or RSA of 2048, 3072 or 4096 bits.',
  'sign-key-password': 'Set `sign-key-password` to the password with which the key was made.',
  'sign-format-retired':
    'Set `sign: key` with a key of cosign in `sign-key`, and let clients verify with cosign. Remove DOCKER_CONTENT_TRUST from the workflow.',
  'signature-not-kept':
    'If tags are immutable there, exclude those that begin with `sha256-`, under which signatures are stored. Otherwise, run the job again.',
  'sign-identity-missing':
    'Add `id-token: write` to the `permissions` of the job. Runs of pull requests from forks cannot have it.',
  'sign-log-public':
    'Set `sign-log: public` if that is intended. Otherwise, use `sign: key`, or your own instance in `sigstore-config`: the public authority publishes each certificate, with or without a log of signatures.',
  'build-not-judged':
    'Promote the image by its digest (`tagboat/tagboat/promote@v1`), which checks and signs it; or set `if-exists: overwrite`, which builds the release again and gives all registries the same image.',
  'sign-refused': 'See the answer of the service above.',
  'sign-unavailable': 'Run the job again later. The image is in the registry already.',
  'attestation-denied':
    'Add `attestations: write` and `id-token: write` to the `permissions` of the job. GitHub offers attestations of private repositories only with Enterprise Cloud: without it, remove `github-attestation`, and sign with `sign`.',
  'attestation-failed': 'Run the job again later. The image is in the registry already.',
  'attestation-too-large': 'Publish fewer images in one step, or remove `github-attestation`.',
  'signature-missing': 'Sign the image where it is built, or correct `verify`.',
  'signature-untrusted':
    'Compare the lines above with `verify` and `verify-key`. A key is named by the SHA-256 of its public key in base64.',
  'scan-found':
    'Update the packages above, or the base image. To let one pass, name it in the ignore file of the scanner; to fail only for what is new, set `scan-only-new: true`.',
  'scan-failed': 'See the output of the scanner above.',
  'scanner-missing':
    'Let the runner reach the host above, or install the scanner in an earlier step and set `scan-scanner: path`. `scan-unavailable: warn` publishes without a scan.',
  'scanner-mismatch': 'Do not use it. Update Tagboat; if the error stays, report it, since the release has changed.',
  'scan-database-missing':
    'Run the job again, or name a mirror in `scan-database`. `scan-unavailable: warn` publishes without a scan.',
  'test-failed': 'See the output of the command above.',
  'load-failed':
    'See the output of `docker load`, and check the disk space of the engine. Publishing does not require `load`.',
  'prune-too-much':
    'Look at the tags that would be deleted. Raise `max-deleted` for this run if they are right, or else correct `policy` or `delete-tags`. Nothing of this repository was deleted.',
  'prune-unreadable':
    'Run the job again. If it fails again, repair or delete the manifest named above. Nothing of this repository was deleted.',
  'commit-date-unknown':
    'Check out the repository before this step (actions/checkout), set `github-token`, or set the time yourself: a line SOURCE_DATE_EPOCH=<seconds> in `build-args`.',
  'publish-incomplete': 'Run the job again. It pushes only what is missing.',
  'prune-list-cut':
    'Run the job again later, or set `github-token` to a classic personal access token, which has a higher rate limit. Without the whole list, nothing more is deleted.',
  'refs-unlisted':
    'Run the job again. If it fails again, disable the lines with `gone=true` (`enable=false`). Nothing was deleted.',
  'deployments-unlisted':
    'Add `permissions: deployments: read` to the job; after the limit of the token, run the job again later; or set `keep-deployed: false` and name the images to keep in `protect`. Nothing was deleted.',
  'prune-denied':
    'Give these credentials the right to delete images. In many registries, it is not part of the right to push.',
  'prune-denied-ghcr':
    'Add `permissions: packages: write` to the job, and give this repository the role Admin in the settings of the package, under Manage Actions access; or set `github-token` to a classic personal access token with `delete:packages`.',
  'prune-unsupported':
    'Turn deletion on in the registry (`storage.delete.enabled: true` in distribution), or use the retention of the registry itself.',
  'prune-raced':
    'Publish what is named above again. Set `concurrency` in the workflows, so that nothing publishes to a repository while images are deleted there.',
  'prune-incomplete': 'Run the job again: it continues with what is left.',
  'source-missing': 'Check `digests` and `from`, and that these credentials have read access to the repository.',
  'sources-mixed': 'Promote digests that were built from the same commit, one for each platform.',
  cancelled: 'Child processes were stopped and credentials removed. Run the job again if this was not intended.',
  'command-failed': 'See its output above.',
  unexpected:
    'Run the job again with debug logging (the secret ACTIONS_STEP_DEBUG set to true), and report the output at https://github.com/tagboat/tagboat/issues.',
}
