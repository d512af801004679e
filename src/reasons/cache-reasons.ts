import type {NoValues, ReasonIn, ReasonTable} from './reason-table.ts'

/** Reasons of the choice of a cache, of reading it only, and of having none. */
export interface CacheReasons {
  readonly 'cache-one-platform': NoValues
  readonly 'cache-several-platforms': NoValues
  readonly 'cache-registry-unwritable': NoValues
  readonly 'cache-actions-unavailable': NoValues
  /** Read-only: anyone may have written the code that is built. */
  readonly 'cache-fork': NoValues
  readonly 'cache-dependabot': NoValues
  readonly 'cache-after-pull-request': NoValues
  readonly 'cache-merge-queue': NoValues
  readonly 'cache-no-branch': NoValues
  readonly 'cache-branch-unknown': NoValues
  readonly 'cache-base-branch': NoValues
  readonly 'cache-tag-scope': NoValues
  readonly 'cache-no-login': {readonly host: string}
  readonly 'cache-written': NoValues
  readonly 'cache-no-export': NoValues
  readonly 'cache-no-actions': NoValues
  readonly 'cache-no-image': NoValues
  readonly 'cache-nowhere': NoValues
  readonly 'no-cache': NoValues
}

export type CacheReason = ReasonIn<CacheReasons>

const noActions =
  'this runner does not offer a cache of GitHub Actions (ACTIONS_RUNTIME_TOKEN with ACTIONS_RESULTS_URL or ACTIONS_CACHE_URL)'
const noImage = 'there is no image to store it beside'

export const cacheReasons: ReasonTable<CacheReasons> = {
  'cache-one-platform': () => 'one platform, and the runner offers it',
  'cache-several-platforms': () => 'several platforms would fill the cache of GitHub Actions',
  'cache-registry-unwritable': () => 'no credentials for the registry',
  'cache-actions-unavailable': () => 'the runner does not offer a cache of GitHub Actions',
  'cache-fork': () => 'a pull request from a fork',
  'cache-dependabot': () => 'a run of Dependabot',
  'cache-after-pull-request': () => 'it follows the run of a pull request',
  'cache-merge-queue': () => 'the cache of a merge queue candidate would never be read',
  'cache-no-branch': () => 'the event does not belong to a branch',
  'cache-branch-unknown': () => 'the branch of the built commit is not known',
  'cache-base-branch': () => 'it would be written for the base branch of the pull request',
  'cache-tag-scope': () => 'no other ref can read what a tag writes',
  'cache-no-login': ({host}) => `no credentials for ${host}`,
  'cache-written': () => 'the first build of this run has written it',
  'cache-no-export': () =>
    'the builder cannot export one, because its engine has no containerd image store. Turn that on, or use `driver: docker-container`',
  'cache-no-actions': () => noActions,
  'cache-no-image': () => noImage,
  'cache-nowhere': () => `${noActions}, and ${noImage}`,
  'no-cache': () => 'no-cache',
}
