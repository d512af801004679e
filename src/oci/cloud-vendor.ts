import {isEcr} from './ecr.ts'
import {dockerHub} from './reference.ts'

/** Vendor whose token services issue credentials for a registry. */
type CloudVendor = 'aws' | 'google' | 'azure' | 'docker-hub'

/** Artifact Registry, and the gcr.io names that it serves; regional endpoints of the former. */
const google = /^(?:(?:[a-z0-9-]+\.)?gcr\.io|[a-z0-9-]+-docker\.pkg\.dev|docker\.[a-z0-9-]+\.rep\.pkg\.dev)$/
/** Azure Container Registry, with the endpoints of single regions. */
const azure = /^[a-z0-9-]{5,}(?:\.[a-z0-9]+\.geo)?\.azurecr\.(?:io|us|cn)$/

/** Vendor of a registry, by its host. Undefined for registries that accept only a user name and a password. */
export function cloudVendor(host: string): CloudVendor | undefined {
  if (isEcr(host)) return 'aws'
  if (google.test(host)) return 'google'
  if (azure.test(host)) return 'azure'
  return host === dockerHub.name ? 'docker-hub' : undefined
}
