import {formatRepository, type Repository} from '../oci/reference.ts'
import type {Plan} from '../plan/plan.ts'
import {planForLaterSteps} from './report.ts'

/** Repositories of the planned tags without duplicates, in the order of the plan. */
export function taggedRepositories(plan: Plan): readonly Repository[] {
  const {tags} = planForLaterSteps(plan)
  const all = tags.map(({reference}) => reference.repository)
  return [...new Map(all.map((repository) => [formatRepository(repository), repository])).values()]
}

/** Path that all repositories share, without the namespace of official images; undefined if they differ. */
export function sharedPath([first, ...others]: readonly Repository[]): string | undefined {
  return first !== undefined && others.every(({path}) => path === first.path)
    ? first.path.replace(/^library\//, '')
    : undefined
}

/**
 * Name of the image with its version, for headings: `ghcr.io/acme/app:1.2.3`, or `acme/app:1.2.3` in several
 * registries. Empty without tags.
 */
export function headingName(plan: Plan): string {
  const repositories = taggedRepositories(plan)
  const [first, ...others] = repositories
  if (first === undefined) return plan.version ?? ''
  const path = others.length > 0 ? sharedPath(repositories) : undefined
  return `${path ?? formatRepository(first)}${versionSuffix(plan)}`
}

const maxNames = 3

/** Names of the image in all repositories, for the log: `ghcr.io/acme/app:1.2.3, acme/app:1.2.3`. */
export function logName(plan: Plan): string {
  const repositories = taggedRepositories(plan)
  const names = repositories.slice(0, maxNames).map((one) => `${formatRepository(one)}${versionSuffix(plan)}`)
  const rest = repositories.length - maxNames
  return [...names, ...(rest > 0 ? [`${rest} more`] : [])].join(', ') || (plan.version ?? 'the image')
}

function versionSuffix({version}: Plan): string {
  return version === undefined ? '' : `:${version}`
}
