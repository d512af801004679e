import {cloudVendor} from '../oci/cloud-vendor.ts'
import {containerRegistryOf, ghcrHost} from '../oci/ghcr.ts'
import {parseChallenge} from '../registry/auth/challenge.ts'
import {isQuay} from '../registry/vendors/quay.ts'

/** Facts that determine the kind of a registry. */
interface RegistryFacts {
  /** Host as in image references. */
  readonly host: string
  /** `WWW-Authenticate` header of the response to `/v2/` without credentials. */
  readonly challenge: string | undefined
  /** Web address of the GitHub server of this run. */
  readonly gitHubServer: string
}

/** Kind of a registry: whose API lists and deletes its images. */
export type RegistryKind =
  'ghcr' | 'ecr' | 'google' | 'azure' | 'docker-hub' | 'gitlab' | 'quay' | 'harbor' | 'gitea' | 'oci'

interface KindRow {
  readonly kind: RegistryKind
  readonly is: (facts: RegistryFacts) => boolean
}

/**
 * Kinds with what identifies them, the most specific first. A registry with a host of its owner is known by the address
 * of its token server, or by the `service` that it requests tokens for:
 * - GitLab: https://docs.gitlab.com/administration/packages/container_registry_metadata_database/, `/jwt/auth`
 * - Harbor: https://github.com/goharbor/harbor/blob/main/src/server/middleware/v2auth/auth.go
 * - Gitea and Forgejo: https://github.com/go-gitea/gitea/blob/main/routers/api/packages/container/container.go
 */
const rows: readonly KindRow[] = [
  {kind: 'ghcr', is: ({host, gitHubServer}) => isGitHub(host, gitHubServer)},
  {kind: 'ecr', is: ({host}) => cloudVendor(host) === 'aws'},
  {kind: 'google', is: ({host}) => cloudVendor(host) === 'google'},
  {kind: 'azure', is: ({host}) => cloudVendor(host) === 'azure'},
  {kind: 'docker-hub', is: ({host}) => cloudVendor(host) === 'docker-hub'},
  {kind: 'gitlab', is: ({host, challenge}) => host === 'registry.gitlab.com' || hasRealm(challenge, '/jwt/auth')},
  {kind: 'quay', is: ({host, challenge}) => host === 'quay.io' || isQuay(challenge)},
  {kind: 'harbor', is: ({challenge}) => parameter(challenge, 'service') === 'harbor-registry'},
  {kind: 'gitea', is: ({challenge}) => isGitea(challenge)},
]

/** Kind of a registry; `oci` if nothing else is known. */
export function registryKind(facts: RegistryFacts): RegistryKind {
  return rows.find(({is}) => is(facts))?.kind ?? 'oci'
}

/** Container registry of github.com, of a company on ghe.com, or of the GitHub server of this run. */
function isGitHub(host: string, server: string): boolean {
  return host === ghcrHost || host === containerRegistryOf(server) || /^containers\.[a-z0-9-]+\.ghe\.com$/.test(host)
}

function isGitea(challenge: string | undefined): boolean {
  return parameter(challenge, 'service') === 'container_registry' && hasRealm(challenge, '/v2/token')
}

/** Reports whether the address of the token server ends in a path. The server may have a path of its own before it. */
function hasRealm(challenge: string | undefined, path: string): boolean {
  const realm = parameter(challenge, 'realm') ?? ''
  return URL.canParse(realm) && new URL(realm).pathname.endsWith(path)
}

function parameter(challenge: string | undefined, name: string): string | undefined {
  return parseChallenge(challenge ?? '')?.parameters.get(name)
}
