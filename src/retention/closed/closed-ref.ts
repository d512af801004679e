import type {GitContext} from '../../context/git-context.ts'

/** Pull request that was closed, with or without a merge, or branch that was deleted. */
export type ClosedRef =
  | {
      readonly kind: 'pull'
      readonly number: number
      /** Source branch, in the fork if `fromFork` is true. */
      readonly headRef: string | undefined
      readonly baseRef: string | undefined
      readonly fromFork: boolean
    }
  | {readonly kind: 'branch'; readonly branch: string}

/** Ref that the event of a run closed or deleted; undefined for any other event. */
export function closedRef({event, action, gone, ref, pull}: GitContext): ClosedRef | undefined {
  const isPull = event === 'pull_request' || event === 'pull_request_target'
  if (isPull && action === 'closed' && pull !== undefined) {
    const {number, headRef, baseRef, fromFork} = pull
    return {kind: 'pull', number, headRef, baseRef, fromFork}
  }
  return gone && ref.kind === 'branch' ? {kind: 'branch', branch: ref.name} : undefined
}

/** Reports whether a full ref, which an image states, is the closed one. */
export function isClosedRef(fullRef: string, closed: ClosedRef): boolean {
  if (closed.kind === 'branch') return fullRef === `refs/heads/${closed.branch}`
  return fullRef === `refs/pull/${closed.number}/merge` || fullRef === `refs/pull/${closed.number}/head`
}
