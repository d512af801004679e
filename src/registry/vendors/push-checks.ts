import {cloudVendor} from '../../oci/cloud-vendor.ts'
import {parseEcrHost} from '../../oci/ecr.ts'
import {parseChallenge} from '../auth/challenge.ts'
import {ghcrHost} from '../../oci/ghcr.ts'
import {isQuay} from './quay.ts'

/** Facts that determine the kind of a registry. */
interface RegistryFacts {
  /** Host as in image references. */
  readonly host: string
  /** `WWW-Authenticate` header of the response to `/v2/`. */
  readonly challenge: string | undefined
}

/** Requests that show before the first push whether a registry accepts it. */
export interface PushChecks {
  /**
   * Time of an upload that is started, and cancelled at once. `never`: only without a token for a login, since the
   * token server refuses what may not be pushed. `unless-granted`: only if the token does not state that it grants pushes.
   * `before-push`: not before the build, since a request for the right to push creates the repository.
   */
  readonly upload: 'before-build' | 'unless-granted' | 'before-push' | 'never'
  /** Facts that are read at the same time: the locks of tags of Azure. */
  readonly reads?: 'azure-locks'
}

interface CheckRow extends PushChecks {
  readonly vendor: string
  readonly is: (facts: RegistryFacts) => boolean
}

/** Checks of each kind of registry, the most specific first. docs/publishing.md#preflight has the reasons. */
const rows: readonly CheckRow[] = [
  {vendor: 'Quay', is: ({challenge}) => isQuay(challenge), upload: 'before-push'},
  {vendor: 'Artifact Registry', is: ({host}) => cloudVendor(host) === 'google', upload: 'never'},
  {vendor: 'Docker Hub', is: ({host}) => cloudVendor(host) === 'docker-hub', upload: 'unless-granted'},
  {
    vendor: 'Amazon ECR',
    is: ({host}) => parseEcrHost(host)?.kind === 'private',
    upload: 'before-build',
  },
  {vendor: 'Azure', is: ({host}) => cloudVendor(host) === 'azure', upload: 'before-build', reads: 'azure-locks'},
  {vendor: 'ghcr.io', is: ({host}) => host === ghcrHost, upload: 'before-build'},
  // Its token server grants nothing silently, and only the registry names the reason; nor does a token show a quota.
  {vendor: 'Harbor', is: ({challenge}) => serviceOf(challenge) === 'harbor-registry', upload: 'before-build'},
  {vendor: 'a token server', is: ({challenge}) => schemeOf(challenge) === 'bearer', upload: 'unless-granted'},
]

/** Checks for a registry. */
export function pushChecks(facts: RegistryFacts): PushChecks {
  return rows.find(({is}) => is(facts)) ?? {upload: 'before-build'}
}

function serviceOf(challenge: string | undefined): string | undefined {
  return parseChallenge(challenge ?? '')?.parameters.get('service')
}

function schemeOf(challenge: string | undefined): string | undefined {
  return parseChallenge(challenge ?? '')?.scheme
}
