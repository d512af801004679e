import {describe, expect, test} from '@jest/globals'
import type {ErrorCode} from '../../../../src/errors/causes.ts'
import {failure, type RequestInfo} from '../../../../src/registry/failure.ts'

/**
 * Answers of registries, with the status, as their documentation, their source or reports of users have them. A row
 * without a code is the plain text of the body. Where a vendor documents only the text (the tag rules of GitLab, the
 * conflict of Oracle, the quota of IBM, the scopes of IBM, Alibaba), status and code are those of similar registries.
 */
interface Answer {
  readonly name: string
  readonly host: string
  readonly status: number
  readonly code?: string
  readonly message: string
  readonly detail?: string
  /** Path after `/v2/<name>/`. Default: the beginning of an upload. */
  readonly path?: string
  readonly method?: string
  readonly access?: RequestInfo['access']
  readonly expected: ErrorCode
  /** Text of the remedy, where it is more exact than that of the code. */
  readonly remedy?: string
}

const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const gar = 'europe-docker.pkg.dev'
const acr = 'example.azurecr.io'

/** Text of distribution, which many registries are made of. */
const denied = 'requested access to the resource is denied'
const uploadArtifacts =
  'Permission "artifactregistry.repositories.uploadArtifacts" denied on resource "projects/p/locations/europe/repositories/r" (or it may not exist)'

const answers: readonly Answer[] = [
  {
    name: 'ECR: an identity policy lacks an action',
    host: ecr,
    status: 403,
    code: 'DENIED',
    message:
      'User: arn:aws:sts::1:assumed-role/ci/run is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:eu-west-1:1:repository/app because no identity-based policy allows the ecr:InitiateLayerUpload action',
    expected: 'ecr-denied',
    remedy: 'ecr:InitiateLayerUpload on arn:aws:ecr:eu-west-1:1:repository/app',
  },
  {
    name: 'ECR: a read without the action',
    host: ecr,
    status: 403,
    code: 'DENIED',
    message: 'User: arn:aws:iam::1:user/ci is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:x',
    path: 'manifests/1',
    method: 'GET',
    access: 'pull',
    expected: 'ecr-denied',
  },
  {
    name: 'ECR: the login has ended',
    host: ecr,
    status: 403,
    code: 'DENIED',
    message: 'Your authorization token has expired. Reauthenticate and try again.',
    expected: 'login-expired',
  },
  {
    name: 'Artifact Registry: no right, or no repository',
    host: gar,
    status: 403,
    code: 'DENIED',
    message: uploadArtifacts,
    expected: 'gar-denied',
    remedy: 'r in europe of the project p',
  },
  {
    name: 'Artifact Registry: an immutable tag',
    host: gar,
    status: 400,
    code: 'MANIFEST_INVALID',
    message: 'cannot update tag 1.2. The repository has enabled tag immutability',
    path: 'manifests/1.2',
    method: 'PUT',
    expected: 'tag-immutable',
  },
  {
    name: 'Azure: no role',
    host: acr,
    status: 401,
    code: 'UNAUTHORIZED',
    message: 'authentication required, visit https://aka.ms/acr/authorization for more information.',
    expected: 'acr-role-missing',
  },
  {
    name: 'Azure: a firewall',
    host: acr,
    status: 403,
    code: 'DENIED',
    message: "client with IP '192.0.2.7' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.",
    expected: 'registry-firewall',
    remedy: 'Allow the address 192.0.2.7',
  },
  {
    name: 'Azure: a locked tag',
    host: acr,
    status: 405,
    code: 'REGISTRY_DISALLOWED_OPERATION',
    message: 'The operation is disallowed on this registry, repository or image.',
    path: 'manifests/1.2',
    method: 'PUT',
    expected: 'tag-immutable',
  },
  {
    name: 'Azure: a locked repository',
    host: acr,
    status: 405,
    code: 'REGISTRY_DISALLOWED_OPERATION',
    message: 'The operation is disallowed on this registry, repository or image.',
    expected: 'registry-read-only',
  },
  {
    name: 'Docker Hub: a token for reading',
    host: 'docker.io',
    status: 401,
    code: 'UNAUTHORIZED',
    message: 'access token has insufficient scopes',
    expected: 'token-read-only',
  },
  {
    name: 'ghcr.io: no permission',
    host: 'ghcr.io',
    status: 403,
    code: 'DENIED',
    message: 'installation not allowed to Write organization package',
    expected: 'ghcr-permission-missing',
  },
  {
    name: 'ghcr.io: a package of another repository',
    host: 'ghcr.io',
    status: 403,
    code: 'DENIED',
    message: 'permission_denied: write_package',
    expected: 'ghcr-package-not-shared',
  },
  {
    name: 'ghcr.io: no new packages',
    host: 'ghcr.io',
    status: 403,
    code: 'DENIED',
    message: 'permission_denied: create_package',
    expected: 'ghcr-creation-forbidden',
  },
  {
    name: 'ghcr.io: the same, or no permission',
    host: 'ghcr.io',
    status: 403,
    code: 'DENIED',
    message: 'installation not allowed to Create organization package',
    expected: 'ghcr-creation-forbidden',
  },
  {
    name: 'ghcr.io: a token without write:packages',
    host: 'ghcr.io',
    status: 403,
    code: 'DENIED',
    message: 'permission_denied: The token provided does not match expected scopes.',
    expected: 'token-read-only',
  },
  {
    name: 'another host with the words of ghcr.io',
    host: 'r.example',
    status: 403,
    code: 'DENIED',
    message: 'permission_denied: write_package',
    expected: 'push-denied',
  },
  {
    name: 'Harbor: no project',
    host: 'harbor.example',
    status: 401,
    code: 'UNAUTHORIZED',
    message: 'project team not found',
    expected: 'project-missing',
    remedy: 'Create team in the registry',
  },
  {
    name: 'Harbor: no right',
    host: 'harbor.example',
    status: 401,
    code: 'UNAUTHORIZED',
    message: 'unauthorized to access repository: team/app, action: push: unauthorized to access repository',
    expected: 'push-denied',
  },
  {
    name: 'Harbor: maintenance',
    host: 'harbor.example',
    status: 403,
    code: 'DENIED',
    message: 'The system is in read only mode. Any modification is prohibited.',
    expected: 'registry-read-only',
  },
  {
    name: 'Harbor: an immutable tag',
    host: 'harbor.example',
    status: 412,
    code: 'PRECONDITION',
    message: "Failed to process request due to 'app:1.2' configured as immutable.",
    path: 'manifests/1.2',
    method: 'PUT',
    expected: 'tag-immutable',
  },
  {
    name: 'Quay: maintenance',
    host: 'quay.example',
    status: 405,
    code: 'DENIED',
    message: 'System is currently read-only. Pulls will succeed but all write operations are currently suspended.',
    expected: 'registry-read-only',
  },
  {
    name: 'Quay: one level only',
    host: 'quay.example',
    status: 400,
    code: 'NAME_INVALID',
    message: 'Nested repositories are not supported.',
    expected: 'name-not-allowed',
  },
  {
    name: 'Quay: an immutable tag',
    host: 'quay.example',
    status: 409,
    code: 'TAG_IMMUTABLE',
    message: 'tag is immutable',
    path: 'manifests/1.2',
    method: 'PUT',
    expected: 'tag-immutable',
  },
  {
    name: 'Harbor: a policy that prevents pulls',
    host: 'harbor.example',
    status: 412,
    code: 'PROJECTPOLICYVIOLATION',
    message: 'current image with 3 vulnerabilities cannot be pulled due to configured policy',
    path: 'manifests/1.2',
    method: 'GET',
    access: 'pull',
    expected: 'pull-denied',
    remedy: 'vulnerabilities',
  },
  {
    name: 'Gitea: no right',
    host: 'git.example',
    status: 401,
    message: 'reqPackageAccess',
    expected: 'push-denied',
    remedy: 'write:package',
  },
  {
    name: 'Gitea: no owner',
    host: 'git.example',
    status: 404,
    message: 'Not found.',
    expected: 'project-missing',
    remedy: 'user or organization',
  },
  {
    name: 'Gitea: no space for a layer',
    host: 'git.example',
    status: 403,
    message: '',
    path: 'blobs/uploads/facuizi7wl62jkkqcv8djeuab',
    method: 'PUT',
    expected: 'quota-exceeded',
    remedy: 'LIMIT_TOTAL_OWNER_SIZE',
  },
  {
    name: 'Gitea: too many packages',
    host: 'git.example',
    status: 403,
    message: '',
    path: `manifests/sha256:${'a'.repeat(64)}`,
    method: 'PUT',
    expected: 'quota-exceeded',
    remedy: 'LIMIT_TOTAL_OWNER_COUNT',
  },
  {name: 'distribution: maintenance', host: 'r.example', status: 405, message: '', expected: 'registry-read-only'},
  {name: 'a denial without words', host: 'git.example', status: 403, message: '', expected: 'push-denied'},
  {
    name: 'GitLab: a token without a scope for the registry',
    host: 'registry.gitlab.com',
    status: 403,
    code: 'DENIED',
    message: 'access forbidden',
    expected: 'token-read-only',
    remedy: 'write_registry',
  },
  {
    name: 'GitLab: a protected repository',
    host: 'registry.gitlab.com',
    status: 403,
    code: 'DENIED',
    message: 'Pushing to protected repository path forbidden',
    expected: 'push-denied',
    remedy: 'rule requires',
  },
  {
    name: 'GitLab: a protected tag',
    host: 'registry.gitlab.com',
    status: 401,
    code: 'DENIED',
    message: denied,
    detail: 'tag "1.2" is protected',
    path: 'manifests/1.2',
    method: 'PUT',
    expected: 'push-denied',
    remedy: 'rule requires',
  },
  {
    name: 'GitLab: an immutable tag',
    host: 'registry.gitlab.com',
    status: 401,
    code: 'DENIED',
    message: denied,
    detail: 'tag "1.2" is immutable',
    path: 'manifests/1.2',
    method: 'PUT',
    expected: 'tag-immutable',
  },
  {
    name: 'GitLab: no space',
    host: 'registry.gitlab.com',
    status: 403,
    code: 'DENIED',
    message: 'Your action has been rejected because the namespace storage limit has been reached.',
    expected: 'quota-exceeded',
  },
  {
    name: 'GitLab: no project, or no right',
    host: 'registry.gitlab.com',
    status: 401,
    code: 'DENIED',
    message: denied,
    expected: 'push-denied',
  },
  {
    name: 'Nexus: a tag where redeployment is disabled',
    host: 'nexus.example',
    status: 400,
    code: 'BLOB_UPLOAD_INVALID',
    message: 'blob upload invalid',
    detail: 'Repository does not allow updating assets: docker-hosted',
    path: 'manifests/1.2',
    method: 'PUT',
    expected: 'tag-immutable',
    remedy: 'Allow redeploy',
  },
  {
    name: 'Nexus: a repository for reading',
    host: 'nexus.example',
    status: 400,
    code: 'BLOB_UPLOAD_INVALID',
    message: 'blob upload invalid',
    detail: 'Repository is read only: docker-hosted',
    expected: 'registry-read-only',
  },
  {
    name: 'Nexus: no right',
    host: 'nexus.example',
    status: 401,
    code: 'UNAUTHORIZED',
    message: 'access to the requested resource is not authorized',
    expected: 'push-denied',
  },
  {
    name: 'DigitalOcean: more repositories than the plan has',
    host: 'registry.digitalocean.com',
    status: 403,
    code: 'DENIED',
    message: 'registry contains 1 repositories, limit is 1',
    expected: 'quota-exceeded',
  },
  {
    name: 'Scaleway: no namespace, or no right',
    host: 'rg.fr-par.scw.cloud',
    status: 401,
    code: 'DENIED',
    message: denied,
    expected: 'push-denied',
  },
  {
    name: 'Oracle: a manifest that is stored already',
    host: 'fra.ocir.io',
    status: 409,
    code: 'CONFLICT',
    message: 'manifest already exists',
    path: 'manifests/1.2',
    method: 'PUT',
    expected: 'registry-failed',
    remedy: 'job again',
  },
  {
    name: 'Oracle: a conflict that names immutability',
    host: 'ocir.eu-frankfurt-1.oci.oraclecloud.com',
    status: 409,
    code: 'CONFLICT',
    message: 'the repository is immutable',
    path: 'manifests/1.2',
    method: 'PUT',
    expected: 'tag-immutable',
  },
  {
    name: 'IBM: a key for reading',
    host: 'de.icr.io',
    status: 403,
    code: 'DENIED',
    message: 'Insufficient scope',
    expected: 'token-read-only',
    remedy: 'role Writer',
  },
  {
    name: 'IBM: no space',
    host: 'icr.io',
    status: 401,
    code: 'UNAUTHORIZED',
    message: 'You have exceeded your storage quota. Delete one or more images, or review your storage quota.',
    expected: 'quota-exceeded',
  },
  {
    name: 'Alibaba: an immutable tag',
    host: 'example-registry.cn-hangzhou.cr.aliyuncs.com',
    status: 400,
    code: 'TAG_INVALID',
    message: 'The requested tag already exists and cannot be overwritten.',
    path: 'manifests/1.2',
    method: 'PUT',
    expected: 'tag-immutable',
  },
  {
    name: 'Chainguard: a pull without a right',
    host: 'cgr.dev',
    status: 403,
    code: 'DENIED',
    message: denied,
    path: 'manifests/latest',
    method: 'GET',
    access: 'pull',
    expected: 'pull-denied',
  },
  {
    name: 'Cloudsmith: no right',
    host: 'docker.cloudsmith.io',
    status: 403,
    code: 'DENIED',
    message: denied,
    expected: 'push-denied',
  },
  {
    name: 'a denial that names nothing',
    host: acr,
    status: 403,
    code: 'DENIED',
    message: denied,
    expected: 'push-denied',
  },
]

function asFailure(answer: Answer): ReturnType<typeof failure> {
  const {host, status, code, message, detail, path = 'blobs/uploads/', method = 'POST', access = 'push'} = answer
  const body = code === undefined ? message : JSON.stringify({errors: [{code, message, detail}]})
  const url = new URL(`https://${host}/v2/team/app/${path}`)
  const request = {host, method, url, access, repository: `${host}/team/app`, authenticated: true}
  return failure({...request, hide: (text) => text}, {status, body: Buffer.from(body)})
}

describe('an answer of a registry', () => {
  test.each(answers)('$name: $expected', (answer) => {
    expect(asFailure(answer).code).toBe(answer.expected)
  })

  test.each(answers.filter(({remedy}) => remedy !== undefined))('$name: has a remedy from its text', (answer) => {
    expect(asFailure(answer).remedy).toContain(answer.remedy)
  })

  test.each(answers)('$name: is quoted as evidence', (answer) => {
    expect(asFailure(answer).evidence.join('\n')).toContain(answer.message)
  })
})

test('a denial of Azure without a login is not about roles', () => {
  const url = new URL(`https://${acr}/v2/app/blobs/uploads/`)
  const request = {host: acr, method: 'POST', url, access: 'push' as const, repository: `${acr}/app`}
  const body = Buffer.from(JSON.stringify({errors: [{code: 'UNAUTHORIZED', message: 'authentication required'}]}))
  expect(failure({...request, authenticated: false, hide: (text) => text}, {status: 401, body}).code).toBe(
    'push-denied',
  )
})
