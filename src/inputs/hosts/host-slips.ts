import {cloudVendor} from '../../oci/cloud-vendor.ts'
import {ghcrHost} from '../../oci/ghcr.ts'
import {dockerHub} from '../../oci/reference.ts'
import {ecrSlip} from './ecr-slip.ts'

/** Name of a registry, or of an image in it, and the input with it. */
export interface WrittenName {
  readonly input: string
  /** 1-based line in the input. */
  readonly line?: number
  readonly host: string
  /** Path of the image; undefined for a login. */
  readonly path: string | undefined
}

/** Mistake in a name that cannot be the right one, with its remedy. */
interface HostSlip {
  readonly message: string
  readonly remedy: string
}

/** Rule about hosts that are not registries, but look like one. */
interface HostRow {
  readonly is: RegExp
  readonly message: string
  /** Name to write instead; `NAME` is the path of the image. */
  readonly instead: string
}

/** Hosts of vendors that are not registries: web sites, registries that have ended, and frequent misspellings. */
const hostRows: readonly HostRow[] = [
  {
    is: /^(?:docker|containers)\.pkg\.github\.com$/,
    message: 'the Docker registry of GitHub Packages has ended',
    instead: `${ghcrHost}/OWNER/NAME`,
  },
  {
    is: /^(?:(?:www|packages)\.)?github\.com$|\.pkg\.github\.com$/,
    message: 'this is not the container registry of GitHub',
    instead: `${ghcrHost}/OWNER/NAME`,
  },
  {
    is: /^(?:ghrc|gchr|hgcr)\.io$|^ghcr\.(?:com|dev|net|pkg\.github\.com)$/,
    message: 'this is not the container registry of GitHub',
    instead: `${ghcrHost}/OWNER/NAME`,
  },
  {
    is: /^(?:(?:hub|www|cloud|registry)\.)?docker\.com$|^(?:hub|registry|cloud)\.docker\.io$|^index\.docker\.com$|^dockerhub\.(?:io|com)$/,
    message: 'this is not the registry of Docker Hub',
    instead: `${dockerHub.name}/OWNER/NAME`,
  },
  {
    is: /^(?:gitlab\.com|registry\.gitlab\.io|containers?\.gitlab\.com)$/,
    message: 'this is not the container registry of GitLab',
    instead: 'registry.gitlab.com/GROUP/PROJECT',
  },
  {is: /^(?:www\.)?quay\.com$|^quai\.io$/, message: 'this is not the registry Quay', instead: 'quay.io/NAMESPACE/NAME'},
  {
    is: /(?:^|[.-])azure?cr\.|azurecr/,
    message: 'this is not the login server of a registry in Azure, whose name has 5 to 50 letters and digits',
    instead: 'REGISTRY.azurecr.io/NAME',
  },
  {
    is: /^gcr\.(?:com|dev|net)$|^docker\.pkg\.dev$|^(?:[a-z0-9-]+\.pkg\.(?:dev|com|io)|[a-z0-9-]+-docker\.pkg\.(?:com|io|de))$/,
    message: 'this is not a registry of Google, whose host begins with its location',
    instead: 'LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/NAME',
  },
]

/** Form of the names in a registry, whose path has a minimum of parts. */
interface PathRow {
  readonly is: (host: string) => boolean
  readonly parts: number
  readonly form: string
}

const pathRows: readonly PathRow[] = [
  {is: (host) => host === ghcrHost, parts: 2, form: `${ghcrHost}/OWNER/NAME`},
  {is: (host) => host === 'quay.io', parts: 2, form: 'quay.io/NAMESPACE/NAME'},
  {is: (host) => host === 'registry.gitlab.com', parts: 2, form: 'registry.gitlab.com/GROUP/PROJECT'},
  {is: (host) => host === 'public.ecr.aws', parts: 2, form: 'public.ecr.aws/ALIAS/NAME'},
  {is: (host) => host.endsWith('gcr.io') && isGoogle(host), parts: 2, form: 'gcr.io/PROJECT/NAME'},
  {is: isGoogle, parts: 3, form: 'LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/NAME'},
  {is: (host) => host === 'registry.digitalocean.com', parts: 2, form: 'registry.digitalocean.com/REGISTRY/NAME'},
  {is: (host) => /^rg\.[a-z-]+\.scw\.cloud$/.test(host), parts: 2, form: 'rg.REGION.scw.cloud/NAMESPACE/NAME'},
  {is: (host) => /^(?:[a-z0-9-]+\.)?icr\.io$/.test(host), parts: 2, form: 'icr.io/NAMESPACE/NAME'},
]

function isGoogle(host: string): boolean {
  return cloudVendor(host) === 'google'
}

/**
 * Mistake in the name of a registry or image of a known vendor; undefined if there is none. The input `ecr` may declare
 * that any host is Amazon ECR, or that none is.
 */
export function hostSlip({host, path}: Pick<WrittenName, 'host' | 'path'>, isEcrByHost: boolean): HostSlip | undefined {
  const ofEcr = isEcrByHost ? ecrSlip(host) : undefined
  if (ofEcr !== undefined) return ofEcr
  if (cloudVendor(host) === undefined) {
    const row = hostRows.find(({is}) => is.test(host))
    if (row !== undefined) return {message: row.message, remedy: `Write ${instead(row.instead, path)}.`}
  }
  if (path === undefined) return undefined
  const row = pathRows.find(({is}) => is(host))
  const count = path.split('/').length
  if (row === undefined || count >= row.parts) return undefined
  const missing = row.form.split('/').slice(1)
  return {
    message: `a part of the name is missing: it has ${count === 1 ? 'one part' : `${count} parts`} after the host, instead of ${missing.join('/')}`,
    remedy: `Write ${row.form}.`,
  }
}

/** Name to write. A login has only the host. */
function instead(form: string, path: string | undefined): string {
  return path === undefined ? (form.split('/')[0] ?? form) : form
}
