import type {EnvironmentInput} from '../inputs/inputs.ts'
import type {Repository, TagRef} from '../oci/reference.ts'

/** What the environment adds to every tag of every image: `-staging`, or nothing. */
export function environmentTagSuffix(environment: EnvironmentInput | undefined): string {
  return environment?.style === 'suffix' ? `-${environment.name}` : ''
}

/** Where the image of this environment lives: `app-staging` in the repository style. */
export function environmentRepository(repository: Repository, environment: EnvironmentInput | undefined): Repository {
  if (environment?.style !== 'repository') return repository
  return {host: repository.host, path: `${repository.path}-${environment.name.toLowerCase()}`}
}

/** A whole reference belongs to the environment like every other tag. */
export function environmentReference({repository, tag}: TagRef, environment: EnvironmentInput | undefined): TagRef {
  return {
    repository: environmentRepository(repository, environment),
    tag: `${tag}${environmentTagSuffix(environment)}`,
  }
}
