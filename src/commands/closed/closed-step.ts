import {Problems} from '../../inputs/problem.ts'
import type {Io} from '../../io/io.ts'
import type {Repository} from '../../oci/reference.ts'
import {plannedContext, tagPlanner, type TagPlanner} from '../../plan/tag-planner.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import type {ClosedRef} from '../../retention/closed/closed-ref.ts'
import {eventOf, ownTags, type OwnTag} from '../../retention/closed/own-tags.ts'
import type {LiveRefs} from '../../retention/live-refs.ts'
import {repositoriesOf} from '../prune/prepare-prune.ts'

/** Step of the publish action, as it ran for a ref that is closed now. */
export interface ClosedStep {
  readonly closed: ClosedRef
  /** Repositories of the images that the step published for the ref. */
  readonly repositories: readonly Repository[]
  readonly bestEffort: readonly Repository[]
  readonly ownTags: (refs: LiveRefs) => readonly OwnTag[]
}

/** Prepares the deletion of the tags of a closed ref. Sends no request. */
export function closedStep({inputs, context, plan, step}: Prepared, closed: ClosedRef, io: Io): ClosedStep {
  const {image, build} = inputs
  const problems = new Problems()
  const repositories = repositoriesOf({...step, inputs}, plannedContext(eventOf(closed), context), io, problems)
  problems.throwIfAny()
  // Names in `outputs` replace the default strategy.
  const isAllNamed = build.image.references.length > 0 && image.images.length === 0 && image.tags.length === 0
  const planner: TagPlanner = isAllNamed
    ? () => []
    : tagPlanner({...step, image, now: io.now(), regex: io.regex}, context)
  const published = plan.skip === undefined && plan.push.do ? plan.tagNames : []
  return {
    closed,
    ...repositories,
    ownTags: (refs) => ownTags({planner, closed, refs, component: image.component, published}),
  }
}
