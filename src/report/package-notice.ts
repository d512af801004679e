import {packageOf} from '../oci/ghcr.ts'
import {formatRepository, type Repository} from '../oci/reference.ts'

/** Package of GitHub, as its API describes it: https://docs.github.com/rest/packages/packages */
export interface PackageFacts {
  /** Kind of the owner, as in addresses. */
  readonly owners: 'orgs' | 'users'
  readonly visibility: 'public' | 'private' | 'internal'
  /** Name of the linked repository, `owner/name`; undefined if none is linked. */
  readonly linked: string | undefined
  /** Whether this run has created it. It may exist since an earlier run that failed before it tagged anything. */
  readonly isNew: boolean
}

/** Package whose first tags this run has created. */
interface NewPackage {
  readonly repository: Repository
  /** Web address of the GitHub server. */
  readonly server: string
  /** Repository of the workflow, `owner/name`. */
  readonly source: string
}

/** Notice about a package after its first publication. `facts` is the reason if they could not be read. */
export function packageNotice(place: NewPackage, facts: PackageFacts | string): string {
  const name = formatRepository(place.repository)
  if (typeof facts === 'string') {
    return `${name} has its first tags. Whether the package is private, and linked to a repository, could not be read: ${facts}. GitHub creates packages private. Visibility and access are changed in its settings: ${packagePage(place)}`
  }
  const {visibility, linked, isNew} = facts
  const first = isNew ? `${name} is a new package.` : `${name} has its first tags.`
  return `${first} It is ${visibility}, and ${linkText(linked, place)} To change its visibility (Change visibility) or access (Manage Actions access), open ${settingsPage(place, facts)}`
}

function linkText(linked: string | undefined, {source}: NewPackage): string {
  if (linked === undefined) return `not linked to a repository: connect ${source} in its settings (Connect repository).`
  if (linked.toLowerCase() === source.toLowerCase()) return `linked to ${linked}.`
  return `linked to ${linked}, not to ${source}: jobs of ${source} need the role Write in its settings.`
}

function settingsPage({repository, server}: NewPackage, {owners}: PackageFacts): string {
  const {owner, name} = packageOf(repository)
  return `${server}/${owners}/${owner}/packages/container/${encodeURIComponent(name)}/settings`
}

/** Page for a package whose owner is of an unknown kind: it names all packages of the owner. */
function packagePage({repository, server}: NewPackage): string {
  return `${server}/${packageOf(repository).owner}?tab=packages`
}
