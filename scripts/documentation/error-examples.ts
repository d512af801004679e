import type {ErrorCode} from '../../src/errors/causes.ts'
import type {ErrorDetails} from '../../src/errors/error.ts'

const ended = 'docker buildx build ended with code 1'
const revisions = ['860c1904a1ce19322e91ac35af1ab07466440c37', '3f1c9a02d8b7e6554a1f0c2b9d8e7f6a5b4c3d2e'] as const
const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const refused = 'registry.example.com did not respond: the connection to 192.0.2.10:443 was refused.'
const refusedRemedy =
  'Check the port of registry.example.com, and that the registry runs and accepts connections from this runner.'

/** Details of an example of each error, from which `docs/errors.md` shows the log output. */
export const errorExamples: Readonly<Record<ErrorCode, Pick<ErrorDetails, 'message' | 'evidence' | 'remedy'>>> = {
  'input-invalid': {
    message: '2 inputs of this step are not valid.',
    evidence: [
      'tags, line 2, column 13: unknown attribute "patern". Did you mean "pattern"?',
      'retries: "many" is not a whole number from 0 to 20. Write a whole number from 0 to 20.',
    ],
  },
  'event-unsupported': {
    message: 'The variables that a runner sets for every step are missing.',
    evidence: ['GITHUB_EVENT_NAME is not set', 'GITHUB_REPOSITORY is not set'],
    remedy: 'Run Tagboat as a step of a workflow. To try it elsewhere, set these variables as a runner does.',
  },
  'event-unreadable': {evidence: ['/github/workflow/event.json (GITHUB_EVENT_PATH): 27 characters that are not JSON']},
  'git-missing': {},
  'clone-missing': {evidence: ['fatal: not a git repository (or any of the parent directories): .git']},
  'nothing-to-tag': {
    message: 'A push was requested, but no rule matches push of refs/heads/feature/login, commit 860c190.',
    evidence: ['type=semver,pattern={{version}} (tags, line 1): the ref is not a Git tag'],
  },
  'tag-elsewhere': {
    evidence: [`refs/tags/v1.2.3 points to ${revisions[0]}`, `the checked-out commit is ${revisions[1]}`],
  },
  'dockerfile-missing': {evidence: ['Dockerfile does not exist in /home/runner/work/app/app']},
  'context-missing': {evidence: ['context: ./app does not exist in /home/runner/work/app/app']},
  'git-context-refused': {
    evidence: [
      'ERROR: failed to build: failed to solve: failed to read dockerfile: failed to fetch remote https://github.com/octocat/app.git: exit status 128',
      ended,
    ],
  },
  'docker-missing': {evidence: ['docker: not found on the PATH']},
  'engine-unreachable': {
    evidence: [
      'ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'docker buildx inspect ended with code 1',
    ],
  },
  'buildx-missing': {
    evidence: ["docker: 'buildx' is not a docker command.", 'docker buildx inspect ended with code 1'],
  },
  'buildx-outdated': {
    evidence: ['unknown flag: --annotation', "See 'docker buildx build --help'.", ended],
  },
  'builder-missing': {
    message: 'The builder "arm" does not exist.',
    evidence: ['ERROR: no builder "arm" found', 'docker buildx inspect ended with code 1'],
  },
  'builder-unsuited': {
    evidence: ['ERROR: Multi-platform build is not supported for the docker driver.', ended],
  },
  'builder-not-created': {
    evidence: ['ERROR: failed to parse endpoint: invalid endpoint "tcp:/buildkitd:1234"', 'by docker buildx create'],
  },
  'builder-image-missing': {
    evidence: [
      'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
    ],
  },
  'cluster-unreachable': {
    evidence: [
      'ERROR: error for bootstrap "tagboat-42-1-0a1b2c3d0": Get "https://10.0.0.1:6443/apis/apps/v1/namespaces/builds/deployments/tagboat-42-1-0a1b2c3d0": dial tcp 10.0.0.1:6443: connect: connection refused',
    ],
  },
  'cluster-denied': {
    evidence: [
      'ERROR: error while calling deploymentClient.Create for "tagboat-42-1-0a1b2c3d0": deployments.apps is forbidden: User "system:serviceaccount:ci:runner" cannot create resource "deployments" in API group "apps" in the namespace "builds"',
    ],
  },
  'pod-not-ready': {
    evidence: [
      'ERROR: expected 1 replicas to be ready, got 0',
      'pod tagboat-42-1-0a1b2c3d0-5464f94fb5-fqr5b: Unschedulable: 0/3 nodes are available: 3 Insufficient memory.',
    ],
  },
  'platform-missing': {
    message: 'The builder "default" cannot run linux/riscv64.',
    evidence: [
      '> [linux/riscv64 2/2] RUN apk add curl:',
      'exec /bin/sh: exec format error',
      ended,
      'platforms of the builder: linux/amd64, linux/386',
    ],
  },
  'base-image-without-platform': {
    message: 'The base image docker.io/library/debian:7 does not exist for linux/arm64.',
    evidence: [
      'ERROR: failed to build: failed to solve: debian:7: failed to resolve source metadata for docker.io/library/debian:7: no match for platform in manifest: not found',
      ended,
    ],
  },
  'emulation-failed': {
    evidence: ['Error response from daemon: manifest for registry.example.com/binfmt:latest not found'],
  },
  'emulation-crashed': {
    evidence: [
      '> [linux/arm64 build 3/4] RUN npm ci:',
      'qemu: uncaught target signal 4 (Illegal instruction) - core dumped',
      'ERROR: failed to build: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 132',
      ended,
    ],
  },
  'docker-config-invalid': {evidence: ['/home/runner/.docker/config.json']},
  'login-refused': {
    message: 'registry.example.com refused the login of robot.',
    evidence: [
      'docker login registry.example.com as robot ended with code 1',
      'Error response from daemon: login attempt to https://registry.example.com/v2/ failed with status: 401 Unauthorized',
    ],
  },
  'login-failed': {
    message: `The login to registry.example.com failed. ${refused}`,
    evidence: [
      'docker login registry.example.com as robot ended with code 1: the connection to 192.0.2.10:443 was refused',
    ],
    remedy: refusedRemedy,
  },
  'credential-helper-failed': {
    message: `The credential helper docker-credential-ecr-login did not return credentials for ${ecr}.`,
    evidence: [`docker-credential-ecr-login get, with ${ecr} on its standard input: it is not on the PATH`],
  },
  'credentials-missing': {
    message: 'The login to docker.io has an empty user name or password.',
    evidence: ['password is empty (registry docker.io)'],
  },
  'push-denied': {
    message: 'registry.example.com denied the push to registry.example.com/team/app.',
    evidence: [
      'POST https://registry.example.com/v2/team/app/blobs/uploads/: 403',
      'DENIED: requested access to the resource is denied',
    ],
  },
  'push-denied-ghcr': {
    message: 'ghcr.io denied the push to ghcr.io/octocat/app.',
    evidence: ['POST https://ghcr.io/v2/octocat/app/blobs/uploads/: 403', 'DENIED: requested access is denied'],
  },
  'ghcr-permission-missing': {
    message: 'ghcr.io denied the push to ghcr.io/octo-org/app.',
    evidence: [
      'POST https://ghcr.io/v2/octo-org/app/blobs/uploads/: 403',
      'DENIED: installation not allowed to Write organization package',
    ],
  },
  'ghcr-package-not-shared': {
    message: 'ghcr.io denied the push to ghcr.io/octocat/app.',
    evidence: ['POST https://ghcr.io/v2/octocat/app/blobs/uploads/: 403', 'DENIED: permission_denied: write_package'],
  },
  'ghcr-creation-forbidden': {
    message: 'ghcr.io denied the push to ghcr.io/octo-org/app.',
    evidence: [
      'POST https://ghcr.io/v2/octo-org/app/blobs/uploads/: 403',
      'DENIED: installation not allowed to Create organization package',
    ],
  },
  'token-read-only': {
    message: 'docker.io denied the push to docker.io/octocat/app.',
    evidence: [
      'GET https://auth.docker.io/token?scope=repository%3Aoctocat%2Fapp%3Apull%2Cpush&service=registry.docker.io: 401',
      'access token has insufficient scopes',
    ],
  },
  'oidc-unavailable': {
    evidence: ['ACTIONS_ID_TOKEN_REQUEST_URL is not set', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set'],
  },
  'oidc-failed': {evidence: ['GET https://pipelines.actions.githubusercontent.com/abc/idtoken: 503']},
  'aws-role-missing': {
    message: `No role and no AWS keys are known for ${ecr}.`,
    remedy:
      'Set `aws-role: arn:aws:iam::123456789012:role/NAME` to a role that this job may assume, and add `permissions: id-token: write` to the job. Or add aws-actions/configure-aws-credentials as a step before this one.',
  },
  'aws-role-refused': {
    message: 'AWS did not let this job assume the role arn:aws:iam::123456789012:role/ci.',
    evidence: [
      'POST https://sts.eu-west-1.amazonaws.com/: 403',
      'AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity',
      'iss: https://token.actions.githubusercontent.com',
      'sub: repo:octocat/app:ref:refs/heads/main',
      'aud: sts.amazonaws.com',
    ],
    remedy:
      'Check that the role exists, and that its trust policy allows sts:AssumeRoleWithWebIdentity with the conditions "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" and "token.actions.githubusercontent.com:sub": "repo:octocat/app:ref:refs/heads/main".',
  },
  'aws-provider-missing': {
    evidence: [
      'POST https://sts.eu-west-1.amazonaws.com/: 400',
      'InvalidIdentityToken: No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com',
      'iss: https://token.actions.githubusercontent.com',
      'sub: repo:octocat/app:ref:refs/heads/main',
      'aud: sts.amazonaws.com',
    ],
    remedy:
      'Create an IAM identity provider in the account 123456789012 with the URL https://token.actions.githubusercontent.com and the audience sts.amazonaws.com.',
  },
  'aws-failed': {
    message: 'AWS STS refused the request for the role arn:aws:iam::123456789012:role/ci.',
    evidence: [
      'POST https://sts.eu-west-1.amazonaws.com/: 403',
      'RegionDisabledException: STS is not activated in this region for account 123456789012.',
    ],
  },
  'gcp-provider-unknown': {
    message:
      'Google Cloud has no workload identity provider projects/1/locations/global/workloadIdentityPools/p/providers/q.',
    evidence: [
      'POST https://sts.googleapis.com/v1/token: 400',
      'invalid_target: The target service indicated by the "audience" parameters is invalid.',
    ],
  },
  'gcp-condition-refused': {
    evidence: [
      'POST https://sts.googleapis.com/v1/token: 400',
      'unauthorized_client: The given credential is rejected by the attribute condition.',
      'iss: https://token.actions.githubusercontent.com',
      'sub: repo:octocat/app:ref:refs/heads/main',
    ],
  },
  'gcp-impersonation-denied': {
    message: 'Google Cloud did not let this job act as ci@project.iam.gserviceaccount.com.',
    evidence: [
      'POST https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/ci%40project.iam.gserviceaccount.com:generateAccessToken: 403',
      "PERMISSION_DENIED: Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
    ],
    remedy:
      'Grant the role roles/iam.workloadIdentityUser on ci@project.iam.gserviceaccount.com to principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/subject/repo:octocat/app:ref:refs/heads/main, or to a principalSet of the pool. A change takes up to five minutes.',
  },
  'gcp-file-unusable': {
    evidence: ['GOOGLE_GHA_CREDS_PATH: /home/runner/work/app/app/gha-creds-0123456789abcdef.json: the file is missing'],
    remedy:
      'Move actions/checkout before google-github-actions/auth: a checkout removes all other files of the workspace.',
  },
  'gcp-failed': {evidence: ['POST https://sts.googleapis.com/v1/token: 503']},
  'azure-federation-refused': {
    evidence: [
      'POST https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/oauth2/v2.0/token: 401',
      "AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:octocat/app:ref:refs/heads/main'.",
      'iss: https://token.actions.githubusercontent.com',
      'sub: repo:octocat/app:ref:refs/heads/main',
      'aud: api://AzureADTokenExchange',
    ],
  },
  'azure-client-unknown': {
    evidence: [
      'POST https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/oauth2/v2.0/token: 400',
      "AADSTS700016: Application with identifier '11111111-1111-1111-1111-111111111111' was not found in the directory 'Example'.",
    ],
  },
  'azure-failed': {evidence: ['POST https://login.microsoftonline.com/example.com/oauth2/v2.0/token: 503']},
  'dockerhub-connection-refused': {
    evidence: [
      'POST https://identity.docker.com/oauth/token: 403',
      'iss: https://token.actions.githubusercontent.com',
      'sub: repo:octocat/app:ref:refs/heads/main',
    ],
  },
  'logins-ambiguous': {
    message: 'The build needs several logins for europe-docker.pkg.dev at the same time.',
    evidence: [
      'europe-docker.pkg.dev/base/images/node: login with the scope base',
      'europe-docker.pkg.dev/app/cache/app: login with the scope app',
    ],
  },
  'quay-federation-refused': {
    message: 'quay.io issued no token for the robot octocat+ci.',
    evidence: [
      'GET https://quay.io/oauth2/federation/robot/token: 401',
      'Token does not match robot',
      'iss: https://token.actions.githubusercontent.com',
      'sub: repo:octocat/app:ref:refs/heads/main',
      'aud: quay.io',
    ],
    remedy:
      'Check that the robot octocat+ci exists, and add to its federation the issuer https://token.actions.githubusercontent.com with the subject repo:octocat/app:ref:refs/heads/main. Quay knows no wildcards: add each branch, tag or environment that publishes.',
  },
  'jfrog-exchange-refused': {
    message: 'example.jfrog.io issued no token for the provider github.',
    evidence: [
      'POST https://example.jfrog.io/access/api/v1/oidc/token: 403',
      'iss: https://token.actions.githubusercontent.com',
      'sub: repo:octocat/app:ref:refs/heads/main',
      'aud: jfrog-github',
    ],
  },
  'ecr-denied': {
    message: `${ecr} denied the push to ${ecr}/app.`,
    evidence: [
      `POST https://${ecr}/v2/app/blobs/uploads/: 403`,
      'DENIED: User: arn:aws:sts::123456789012:assumed-role/ci/run is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:eu-west-1:123456789012:repository/app because no identity-based policy allows the ecr:InitiateLayerUpload action',
    ],
    remedy:
      'Allow ecr:InitiateLayerUpload on arn:aws:ecr:eu-west-1:123456789012:repository/app in a policy of arn:aws:sts::123456789012:assumed-role/ci/run. For a repository of another account, its repository policy must allow it too.',
  },
  'gar-denied': {
    message: 'europe-docker.pkg.dev denied the push to europe-docker.pkg.dev/project/images/app.',
    evidence: [
      'GET https://europe-docker.pkg.dev/v2/token?scope=repository%3Aproject%2Fimages%2Fapp%3Apull%2Cpush: 403',
      'DENIED: Permission "artifactregistry.repositories.uploadArtifacts" denied on resource "projects/project/locations/europe/repositories/images" (or it may not exist)',
    ],
    remedy:
      'Create the repository images in europe of the project project, or grant the role roles/artifactregistry.writer on it. The registry does not distinguish the two cases.',
  },
  'acr-role-missing': {
    message: 'example.azurecr.io denied the push to example.azurecr.io/team/app.',
    evidence: [
      'POST https://example.azurecr.io/v2/team/app/blobs/uploads/: 401',
      'UNAUTHORIZED: authentication required, visit https://aka.ms/acr/authorization for more information.',
    ],
  },
  'login-expired': {
    message: `The login to ${ecr} has expired.`,
    evidence: [
      `PUT https://${ecr}/v2/app/manifests/1.2.3: 403`,
      'DENIED: Your authorization token has expired. Reauthenticate and try again.',
    ],
  },
  'registry-firewall': {
    message: 'The firewall of example.azurecr.io does not admit this runner.',
    evidence: [
      'POST https://example.azurecr.io/v2/team/app/blobs/uploads/: 403',
      "DENIED: client with IP '192.0.2.7' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.",
    ],
    remedy:
      'Allow the address 192.0.2.7 in the firewall of the registry, or use a runner inside its network. Runners hosted by GitHub do not have fixed addresses.',
  },
  'registry-read-only': {
    message: 'harbor.example.com does not accept pushes to harbor.example.com/team/app now.',
    evidence: [
      'POST https://harbor.example.com/v2/team/app/blobs/uploads/: 403',
      'DENIED: The system is in read only mode. Any modification is prohibited.',
    ],
  },
  'project-missing': {
    message: 'The project of harbor.example.com/team/app does not exist.',
    evidence: ['GET https://harbor.example.com/v2/team/app/tags/list: 401', 'UNAUTHORIZED: project team not found'],
    remedy: 'Create team in the registry, or check the spelling in `images`.',
  },
  'name-not-allowed': {
    message: 'quay.example.com does not accept the name quay.example.com/team/group/app.',
    evidence: [
      'POST https://quay.example.com/v2/team/group/app/blobs/uploads/: 400',
      'NAME_INVALID: Nested repositories are not supported.',
    ],
  },
  'quota-exceeded': {
    message: 'The quota of harbor.example.com for harbor.example.com/team/app is exhausted.',
    evidence: [
      'PUT https://harbor.example.com/v2/team/app/manifests/1.2.3: 403',
      'DENIED: adding 151.7 MiB of storage resource, which when updated to current usage of 99.9 GiB will exceed the configured upper limit of 100.0 GiB.',
    ],
  },
  'digest-hidden': {
    message: 'quay.example.com accepted an image by its digest, but does not serve it.',
    evidence: ['quay.example.com/team/app does not have sha256:9f2c1d…, which Buildx has pushed'],
  },
  'ecr-create-failed': {
    message: `${ecr}/app was not created.`,
    evidence: [
      'CreateRepository: POST https://api.ecr.eu-west-1.amazonaws.com/: 400',
      'AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/ci/run is not authorized to perform: ecr:CreateRepository',
    ],
    remedy:
      'Allow ecr:CreateRepository, ecr:DescribeRepositories on arn:aws:ecr:eu-west-1:123456789012:repository/app in a policy of this identity.',
  },
  'ecr-repository-missing': {
    message: `The Amazon ECR repository ${ecr}/app does not exist.`,
    evidence: [
      `POST https://${ecr}/v2/app/blobs/uploads/: 404`,
      "NAME_UNKNOWN: The repository with name 'app' does not exist in the registry with id '123456789012'",
    ],
  },
  'repository-missing': {
    message: 'The repository registry.example.com/team/app does not exist.',
    evidence: [
      'POST https://registry.example.com/v2/team/app/blobs/uploads/: 404',
      'NAME_UNKNOWN: repository name not known to registry',
    ],
  },
  'rate-limited': {
    message: 'The rate limit of registry-1.docker.io is exceeded.',
    evidence: [
      'GET https://registry-1.docker.io/v2/library/alpine/manifests/3.22: 429, without credentials',
      'TOOMANYREQUESTS: You have reached your unauthenticated pull rate limit.',
    ],
  },
  'disk-full': {
    evidence: ['> [build 4/5] RUN npm ci:', 'npm error ENOSPC: no space left on device, write', ended],
  },
  'build-failed': {
    evidence: [
      '> [build 4/5] RUN npm test:',
      '1 failing',
      '   7 | >>> RUN npm test',
      'ERROR: failed to build: failed to solve: process "/bin/sh -c npm test" did not complete successfully: exit code: 1',
      ended,
    ],
  },
  'dockerfile-invalid': {
    evidence: [
      '   3 | >>> COPPY . .',
      'ERROR: failed to build: failed to solve: dockerfile parse error on line 3: unknown instruction: COPPY (did you mean COPY?)',
      ended,
    ],
  },
  'base-image-unreachable': {
    evidence: [
      '   1 | >>> FROM docker.io/library/alpine:3.99',
      'ERROR: failed to build: failed to solve: docker.io/library/alpine:3.99: failed to resolve source metadata for docker.io/library/alpine:3.99: not found',
      ended,
    ],
  },
  'sbom-generator-unreachable': {
    evidence: [
      'ERROR: failed to build: failed to solve: failed to resolve source metadata for docker.io/docker/buildkit-syft-scanner:stable-1: dial tcp 192.0.2.10:443: i/o timeout',
      ended,
    ],
  },
  'checks-failed': {
    message: 'Check complete, 1 warning has been found!',
    evidence: [ended],
  },
  'publish-unverified': {
    evidence: ['ghcr.io/octocat/app:latest points to sha256:77ab03…, not to sha256:9f2c1d…'],
  },
  'registry-unreachable': {
    message: refused,
    evidence: ['GET https://registry.example.com/v2/: the connection to 192.0.2.10:443 was refused (ECONNREFUSED)'],
    remedy: refusedRemedy,
  },
  'registry-failed': {
    message: 'registry.example.com responded with an unexpected error.',
    evidence: ['PUT https://registry.example.com/v2/team/app/manifests/1.2.3: 502'],
  },
  'pull-denied': {
    message: 'ghcr.io denied read access to ghcr.io/octocat/app.',
    evidence: [
      'GET https://ghcr.io/v2/octocat/app/manifests/1.2.3: 403',
      'DENIED: requested access to the resource is denied',
    ],
  },
  'tags-unlisted': {
    message: 'registry.example.com does not list the tags of the repository.',
    evidence: ['GET https://registry.example.com/v2/team/app/tags/list?n=1000: 404'],
  },
  'content-corrupt': {
    evidence: ['registry.example.com/team/app@sha256:9f2c1d…: the content has the digest sha256:0be41f…'],
  },
  'tag-immutable': {
    message: 'The tag of registry.example.com/team/app is immutable.',
    evidence: [
      'PUT https://registry.example.com/v2/team/app/manifests/latest: 412',
      "PRECONDITION: Failed to process request due to 'app:latest' configured as immutable.",
    ],
  },
  'tag-taken': {
    evidence: [`ghcr.io/octocat/app:1.2.3 points to sha256:77ab03…, revision ${revisions[1]}`],
  },
  'tag-exists': {
    evidence: [`ghcr.io/octocat/app:1.2.3 points to sha256:77ab03…, revision ${revisions[0]}`],
  },
  'tag-stale': {
    evidence: ['ghcr.io/octocat/app:latest: version 1.3.0 is higher than 1.2.9'],
  },
  'platforms-incomplete': {
    evidence: ['ghcr.io/octocat/app@sha256:9f2c1d… has no image for linux/arm64'],
  },
  'scan-found': {
    evidence: [
      'critical: CVE-2024-5535 in openssl 3.0.11-1~deb12u2, fixed in 3.0.15-1~deb12u1, from the base image (linux/amd64)',
    ],
  },
  'scan-failed': {
    evidence: [
      'linux/arm64: the scanner wrote no report',
      'linux/arm64: the scanner ended with code 1',
      'linux/arm64: unable to load the vulnerability database',
    ],
  },
  'scanner-missing': {
    evidence: [
      'GET https://github.com/anchore/grype/releases/download/v0.116.1/grype_0.116.1_linux_amd64.tar.gz: connect ETIMEDOUT',
    ],
  },
  'scanner-mismatch': {
    evidence: [
      'https://github.com/anchore/grype/releases/download/v0.116.1/grype_0.116.1_linux_amd64.tar.gz has the SHA-256 7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730',
      'expected: 0122df7b655981abe547ad3d2190d65551dac6a2bfc80b4dc2a989b5d0587458',
    ],
  },
  'scan-database-missing': {
    evidence: [
      'the default source of Grype: unable to check for a database update',
      'the database of this machine: database does not exist',
    ],
  },
  'image-too-large': {
    evidence: [
      'linux/amd64: 2.10 MB (5.2%) larger than 1.2.2 (limit +5%, 80.0 kB over)',
      'linux/amd64: largest layers that 1.2.2 does not have: 4.10 MB (layer 6 of 7)',
    ],
  },
  'sign-key-invalid': {evidence: ['sign-key: it is an ECDSA key of secp384r1']},
  'sign-key-password': {evidence: ['sign-key is encrypted, and sign-key-password does not decrypt it']},
  'sign-format-retired': {evidence: ['sign, line 1: dct']},
  'signature-not-kept': {
    message: 'registry.example.com does not show a signature that was sent to it.',
    evidence: ['registry.example.com/team/app:sha256-0123456789ab….sig has no signature by the key of this run'],
  },
  'sign-identity-missing': {
    evidence: ['ACTIONS_ID_TOKEN_REQUEST_URL is not set', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set'],
  },
  'build-not-judged': {
    evidence: [
      'docker.io/acme/app:latest would point to sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    ],
  },
  'sign-log-public': {
    evidence: [
      'acme/app is private, and https://fulcio.sigstore.dev is public',
      'acme/app is private, and https://rekor.sigstore.dev is public',
    ],
  },
  'sign-refused': {
    message: 'fulcio.sigstore.dev refused a request.',
    evidence: ['https://fulcio.sigstore.dev/api/v2/signingCert: 401 There was an error processing the identity token'],
  },
  'sign-unavailable': {
    message: 'rekor.sigstore.dev is out of order.',
    evidence: ['https://rekor.sigstore.dev/api/v1/log/entries: 502 Bad Gateway'],
  },
  'attestation-denied': {
    evidence: ['POST https://api.github.com/repos/acme/app/attestations: 403 Resource not accessible by integration'],
  },
  'attestation-failed': {
    evidence: ['POST https://api.github.com/repos/acme/app/attestations: 502 Server Error'],
  },
  'attestation-too-large': {
    evidence: ['POST https://api.github.com/repos/acme/app/attestations: 422 Bundle exceeds the maximum size'],
  },
  'signature-missing': {
    evidence: [
      'verify, line 1: ghcr.io/acme/app@sha256:0f6f… does not meet type=signature,repository=acme/app',
      'the registries have no signature and no attestation for it',
    ],
  },
  'signature-untrusted': {
    evidence: [
      'verify, line 1: ghcr.io/acme/app@sha256:0f6f… does not meet type=signature,repository=acme/app',
      'bundle sha256:93a1…: signature by https://github.com/acme/app-fork/.github/workflows/release.yml@refs/heads/main: its repository is https://github.com/acme/app-fork, not https://github.com/acme/app',
    ],
  },
  'test-failed': {
    evidence: [
      'curl: (7) Failed to connect to localhost port 8080',
      'line 2 of `test` ended with code 7: curl --fail --silent http://localhost:8080/health',
      '$IMAGE is ghcr.io/octocat/app@sha256:9f2c1d… (linux/amd64)',
    ],
  },
  'load-failed': {
    evidence: ['open /var/lib/docker/tmp/docker-import-1180/repositories: no space left on device'],
  },
  'prune-too-much': {
    message: 'The policy deletes 312 of 480 tags of ghcr.io/octocat/app, more than `max-deleted` allows.',
    evidence: ['max-deleted: 50%'],
  },
  'prune-unreadable': {
    evidence: ['ghcr.io/octocat/app:1.2.3 needs sha256:77ab03…, which cannot be read: 500'],
  },
  'commit-date-unknown': {
    evidence: ['the workspace is not a Git repository', 'GitHub responded with 404'],
  },
  'publish-incomplete': {
    evidence: ['docker.io did not respond. [registry-unreachable]'],
  },
  'prune-list-cut': {
    message: 'The list of the images of ghcr.io/octocat/app could not be read to its end.',
    evidence: ['GET /orgs/octocat/packages/container/app/versions?state=active&per_page=100&page=7: 500, Server Error'],
  },
  'refs-unlisted': {
    evidence: ['GET /repos/octocat/app/branches?per_page=100&page=3: 502, Server Error'],
  },
  'deployments-unlisted': {
    evidence: ['GET /repos/octocat/app/deployments?per_page=100&page=1: 403, Resource not accessible by integration'],
  },
  'prune-denied': {
    message: 'registry.example.com denied the deletion of images of registry.example.com/octocat/app.',
    evidence: ['sha256:9f2c1d… (pr-12): 401 UNAUTHORIZED: authentication required'],
  },
  'prune-denied-ghcr': {
    evidence: ['DELETE /orgs/octocat/packages/container/app/versions/592195799: 404, Package not found.'],
  },
  'prune-unsupported': {
    message: 'registry.example.com does not delete images.',
    evidence: ['sha256:9f2c1d… (pr-12): 405 UNSUPPORTED: The operation is unsupported.'],
  },
  'prune-raced': {
    evidence: ['registry.example.com/octocat/app:1.2.3: sha256:77ab03… is missing'],
  },
  'prune-incomplete': {
    message: '2 of 40 deletions in registry.example.com/octocat/app failed.',
    evidence: ['sha256:9f2c1d… (pr-12): registry.example.com responded with an unexpected error.'],
  },
  'source-missing': {evidence: ['ghcr.io/octocat/app does not have sha256:9f2c1d…']},
  'sources-mixed': {
    evidence: [`sha256:1a77e0… is of revision ${revisions[0]}`, `sha256:c04b52… is of revision ${revisions[1]}`],
  },
  cancelled: {},
  'command-failed': {
    message: 'The builder that this step created could not be removed.',
    evidence: ['ERROR: context deadline exceeded'],
    remedy:
      'Remove it with docker buildx rm --force tagboat-1180-1. A later run on this machine removes it after five days.',
  },
  unexpected: {evidence: ["Cannot read properties of undefined (reading 'length')"]},
}
