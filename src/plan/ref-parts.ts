import type {GitContext} from '../context/git-context.ts'
import {TagboatError} from '../errors/error.ts'
import {Problems} from '../inputs/problem.ts'
import {formatTagRef} from '../oci/reference.ts'
import type {TagRule} from '../tags/rules/rule.ts'
import {makePlan, rulesFor, type PlanRequest} from './make-plan.ts'
import type {Plan} from './plan.ts'

export interface RefQuestion extends PlanRequest {
  /** The rules of `tags`. */
  readonly written: readonly TagRule[]
}

/**
 * Parts of the plan that depend on the ref of the event, when another commit is built: the references, labels and
 * annotations of a plan with that ref that a plan without it lacks. This covers rules, expressions and the default
 * strategy.
 */
export function refParts(question: RefQuestion): readonly string[] {
  const {context, inputs} = question
  const {instead} = context
  if (instead === undefined) return []
  const ofTag = instead.ref.kind === 'tag' && inputs.image.version.kind === 'auto'
  const {version, tagged, ...rest} = question
  const withRef = partsOf({...question, context: {...context, ref: instead.ref, fullRef: instead.fullRef}})
  const without = partsOf({
    ...rest,
    version: ofTag ? undefined : version,
    tagged: instead.ref.kind === 'tag' ? undefined : tagged,
    context: {...context, ref: {kind: 'none'}, fullRef: ''},
  })
  return withRef.filter((part) => !without.includes(part))
}

/** Parts of the plan; none if the inputs are invalid without the ref. */
function partsOf(question: RefQuestion): readonly string[] {
  const problems = new Problems()
  try {
    const rules = rulesFor(question.inputs, question.written, question.context, problems)
    return parts(makePlan({...question, rules}, problems))
  } catch (error) {
    if (error instanceof TagboatError) return []
    throw error
  }
}

function parts({tags, labels, annotations}: Plan): readonly string[] {
  return [
    ...tags.map(({reference}) => formatTagRef(reference)),
    ...[...labels, ...annotations].map(({key, value}) => `${key}=${value}`),
  ]
}

/** Error `tag-elsewhere` if tags named after the Git tag of the event would point to an image of another commit. */
export function tagElsewhere({sha, instead}: GitContext, ofRef: readonly string[]): TagboatError | undefined {
  const references = ofRef.filter((part) => !part.includes('='))
  if (instead === undefined || references.length === 0) return undefined
  return new TagboatError('tag-elsewhere', {
    message: `This run is for ${instead.fullRef}, but another commit is checked out, and ${references.join(', ')} would point to its image.`,
    evidence: [`${instead.fullRef} points to ${instead.sha}`, `the built commit is ${sha}`],
  })
}
