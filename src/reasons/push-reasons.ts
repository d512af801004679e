import type {Ref} from '../context/git-context.ts'
import type {NoValues, ReasonIn, ReasonTable} from './reason-table.ts'

/** Reasons of the decision to publish. */
export interface PushReasons {
  readonly 'push-true': NoValues
  readonly 'push-false': NoValues
  /** `event` is `github.event_name`. */
  readonly 'push-auto': {readonly event: string; readonly ref: Ref}
  readonly 'push-auto-merge-queue': {readonly branch: string | undefined}
  readonly 'call-without-image': {readonly call: string}
  /** `number` is undefined where the event does not name the pull request. */
  readonly 'pull-request': {readonly number: number | undefined}
  readonly dependabot: NoValues
  readonly 'after-pull-request': NoValues
  readonly 'after-dependabot': NoValues
  readonly 'fork-without-credentials': {readonly repository: string; readonly hosts: readonly string[]}
  readonly 'ref-deleted': {readonly ref: Ref}
  readonly 'pull-request-closed': {readonly ref: Ref}
  readonly 'release-draft': {readonly release: string}
  /** `action` is that of the event: `deleted`, `unpublished`. */
  readonly 'release-gone': {readonly release: string; readonly action: string | undefined}
  /** `owner` is undefined for a version of the whole repository. */
  readonly 'other-component': {
    readonly tag: string
    readonly owner: string | undefined
    readonly component: string
  }
  readonly 'images-disabled': NoValues
}

export type PushReason = ReasonIn<PushReasons>

/** Reasons for which the event leaves nothing to publish. */
export type SkipReason = Extract<
  PushReason,
  {
    code:
      'ref-deleted' | 'pull-request-closed' | 'release-draft' | 'release-gone' | 'other-component' | 'images-disabled'
  }
>

export const pushReasons: ReasonTable<PushReasons> = {
  'push-true': () => 'push: true',
  'push-false': () => 'push: false',
  'push-auto': ({event, ref}) =>
    ref.kind === 'none' ? `push: auto, event ${event}` : `push: auto, ${event} of ${refText(ref)}`,
  'push-auto-merge-queue': ({branch}) => `push: auto, merge queue candidate for ${branch ?? 'its branch'}`,
  'call-without-image': ({call}) => `\`call: ${call}\` does not make an image`,
  'pull-request': ({number}) =>
    `push: auto does not publish ${number === undefined ? 'pull requests' : `pull request ${number}`}`,
  dependabot: () => 'push: auto does not publish runs of Dependabot, which have no secrets and a read-only token',
  'after-pull-request': () => 'push: auto does not publish after the workflow run of a pull request',
  'after-dependabot': () => 'push: auto does not publish after a workflow run of Dependabot',
  'fork-without-credentials': ({repository, hosts}) =>
    `${repository} is a fork without credentials for ${hosts.join(', ')}`,
  'ref-deleted': ({ref}) => `${refText(ref)} was deleted`,
  'pull-request-closed': ({ref}) => `${refText(ref)} was closed without a merge`,
  'release-draft': ({release}) => `release ${release} is a draft`,
  'release-gone': ({release, action}) => `release ${release} was ${action ?? 'withdrawn'}`,
  'other-component': ({tag, owner, component}) =>
    `tag ${tag} is a version of ${owner === undefined ? 'the whole repository' : `the component ${owner}`}, not of the component ${component}`,
  'images-disabled': () => '`enable` is false for every image',
}

function refText(ref: Ref): string {
  switch (ref.kind) {
    case 'branch':
      return `branch ${ref.name}`
    case 'tag':
      return `tag ${ref.name}`
    case 'pull':
      return `pull request ${ref.name}`
    case 'none':
      return 'the ref'
  }
}
