/** Actions of this repository that publish images. */
const publishingActions = ['publish', 'stage', 'promote'] as const

/** Actions of this repository that have inputs. */
export const actionNames = [...publishingActions, 'prune'] as const

export type PublishingAction = (typeof publishingActions)[number]

export type ActionName = (typeof actionNames)[number]

/** Reports whether an action builds an image. */
export function builds(action: ActionName): boolean {
  return action === 'publish' || action === 'stage'
}
