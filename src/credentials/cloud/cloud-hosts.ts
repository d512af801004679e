import {cloudVendor} from '../../oci/cloud-vendor.ts'
import {dockerHub} from '../../oci/reference.ts'

/** Private registries of clouds that a text, such as a Dockerfile, names. */
export function cloudHostsIn(text: string): readonly string[] {
  const names = text.match(/(?<![\w.-])[a-z0-9][a-z0-9.-]{3,100}(?=\/)/g) ?? []
  return [...new Set(names)].filter((name) => !publicHosts.has(name) && cloudVendor(name) !== undefined)
}

/** Registries from which images are usually read without a login. */
const publicHosts: ReadonlySet<string> = new Set([dockerHub.name, 'public.ecr.aws', 'ecr-public.aws.com'])
