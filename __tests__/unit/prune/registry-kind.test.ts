import {expect, test} from '@jest/globals'
import {registryKind} from '../../../src/prune/registry-kind.ts'

const gitHubServer = 'https://github.com'

test.each([
  ['ghcr.io', 'ghcr'],
  ['containers.acme.ghe.com', 'ghcr'],
  ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'ecr'],
  ['public.ecr.aws', 'ecr'],
  ['europe-docker.pkg.dev', 'google'],
  ['eu.gcr.io', 'google'],
  ['acmeimages.azurecr.io', 'azure'],
  ['docker.io', 'docker-hub'],
  ['registry.gitlab.com', 'gitlab'],
  ['quay.io', 'quay'],
  ['containers.example.org', 'oci'],
  ['notghcr.io', 'oci'],
])('the host %s is of kind %s', (host, kind) => {
  expect(registryKind({host, challenge: undefined, gitHubServer})).toBe(kind)
})

test('the host of a GitHub Enterprise Server is that of its own runs', () => {
  const facts = {host: 'containers.git.example.org', challenge: undefined}
  expect(registryKind({...facts, gitHubServer: 'https://git.example.org'})).toBe('ghcr')
  expect(registryKind({...facts, gitHubServer})).toBe('oci')
})

test.each([
  ['gitlab', 'Bearer realm="https://git.example.org/jwt/auth",service="container_registry"'],
  ['gitlab', 'Bearer realm="https://example.org/gitlab/jwt/auth",service="container_registry"'],
  ['quay', 'Bearer realm="https://quay.example.org/v2/auth",service="quay.example.org"'],
  ['harbor', 'Bearer realm="https://harbor.example.org/service/token",service="harbor-registry"'],
  ['gitea', 'Bearer realm="https://git.example.org/v2/token",service="container_registry",scope="*"'],
  ['gitea', 'Bearer realm="https://git.example.org/forge/v2/token",service="container_registry",scope="*"'],
  // Artifactory, a token server of distribution, zot with a password file.
  ['oci', 'Bearer realm="https://acme.example.org/v2/token",service="acme.example.org"'],
  ['oci', 'Bearer realm="https://auth.example.org/token",service="registry"'],
  ['oci', 'Basic realm="Authorization Required"'],
  ['oci', 'Bearer realm="/jwt/auth",service="container_registry"'],
])('a registry of kind %s is known by its challenge %s', (kind, challenge) => {
  expect(registryKind({host: 'registry.example.org', challenge, gitHubServer})).toBe(kind)
})
