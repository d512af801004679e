import {describe, expect, test} from '@jest/globals'
import type {ErrorCode} from '../../../../src/errors/causes.ts'
import {failure, type RequestInfo} from '../../../../src/registry/failure.ts'

/**
 * Answers of registries, with the status, as their documentation, their source or reports of users have them. A row
 * without a code is the plain text of the body.
 */
interface Answer {
  readonly name: string
  readonly host: string
  readonly status: number
  readonly code?: string
  readonly message: string
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
  {name: 'Gitea: no right', host: 'git.example', status: 401, message: 'reqPackageAccess', expected: 'push-denied'},
  {name: 'Gitea: no owner', host: 'git.example', status: 404, message: 'Not found.', expected: 'repository-missing'},
  {
    name: 'a denial that names nothing',
    host: acr,
    status: 403,
    code: 'DENIED',
    message: 'requested access to the resource is denied',
    expected: 'push-denied',
  },
]

function asFailure(answer: Answer): ReturnType<typeof failure> {
  const {host, status, code, message, path = 'blobs/uploads/', method = 'POST', access = 'push'} = answer
  const body = code === undefined ? message : JSON.stringify({errors: [{code, message}]})
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
