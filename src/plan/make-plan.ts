import type {GitContext} from '../context/git-context.ts'
import type {ImageInputs, Inputs} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import {TagboatError} from '../errors/error.ts'
import {formatTagRef, type Repository} from '../oci/reference.ts'
import {otherComponentReason} from '../tags/versions/component.ts'
import {defaultStrategy, defaultStrategyNotice} from '../tags/rules/default-strategy.ts'
import type {Proposals} from '../tags/proposal.ts'
import {proposeTags} from '../tags/propose.ts'
import type {ProposeRequest} from '../tags/tag-run.ts'
import {ruleText, type TagRule} from '../tags/rules/rule.ts'
import {parseRules} from '../tags/rules/rule-reader.ts'
import type {ValueSources} from '../tags/templates/values.ts'
import {environmentReference, environmentTagSuffix, type VariantOptions} from '../tags/variant.ts'
import type {SkipReason} from '../reasons/push-reasons.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import {occasion} from './explain.ts'
import {requireOneImage} from './best-effort.ts'
import {reportImageNames} from './image-names.ts'
import {imageTexts} from './image-texts.ts'
import type {Plan, PlannedTag} from './plan.ts'
import {enabledRepositories, unique, type ImagesRequest} from './repositories.ts'
import {goneReason} from './push-decision.ts'

export interface PlanRequest extends ImagesRequest {
  /** Time for labels and annotations. Default: `now`. Tags always use `now`. */
  readonly madeAt?: Date
}

/**
 * Tag rules of the run: those of `tags`, which are already parsed, or the default strategy for this event, and the names
 * in `outputs` that push. If `images` and `tags` are empty, such names replace the default strategy.
 */
export function rulesFor(
  {image, build}: Pick<Inputs, 'image' | 'build'>,
  written: readonly TagRule[],
  context: GitContext,
  problems: Problems,
): readonly TagRule[] {
  const named = outputRules(build)
  const isAllNamed = named.length > 0 && image.images.length === 0 && image.tags.length === 0
  if (isAllNamed) return named
  const notice = image.tags.length > 0 ? undefined : defaultStrategyNotice(context, image.component)
  if (notice !== undefined) problems.notice({input: 'tags', message: notice})
  return [...tagRules(image, written, context, problems), ...named]
}

function outputRules({image}: Inputs['build']): readonly TagRule[] {
  return image.references.map(({reference, line}) => ({
    kind: 'reference',
    reference,
    source: {origin: 'outputs', line, text: formatTagRef(reference)},
    columns: {},
    priority: 0,
    enable: 'true',
    prefix: undefined,
    suffix: undefined,
  }))
}

/** Rules of `tags`, which are already parsed, or the default strategy for an event. */
export function tagRules(
  image: Pick<ImageInputs, 'tags' | 'component'>,
  written: readonly TagRule[],
  context: GitContext,
  problems: Problems,
): readonly TagRule[] {
  if (image.tags.length > 0) return written
  const lines = defaultStrategy(context, image.component).map((text, index) => ({text, number: index + 1}))
  return parseRules(lines, {origin: 'default'}, problems)
}

/**
 * Computes the plan from the inputs and the context, without side effects.
 * @throws TagboatError `input-invalid`, with all problems of `problems`.
 */
export function makePlan(request: PlanRequest, problems: Problems): Plan {
  const {inputs, push} = request
  const {image} = inputs
  const sources: ValueSources = {
    ...request,
    environment: image.environment?.name ?? '',
    uniqueBranchTags: image.uniqueBranchTags,
  }
  const {repositories, bestEffort} = enabledRepositories(request, sources, problems)
  const proposals = proposalsOf(image, {sources, rules: request.rules}, problems)
  const texts = imageTexts({inputs, sources: {...sources, now: request.madeAt ?? request.now}, proposals}, problems)
  reportImageNames(request, problems)
  const isAlone =
    bestEffort.length > 0 && bestEffort.length === repositories.length && proposals.references.length === 0
  if (isAlone && (push.do || image.images.every(({isBestEffort}) => isBestEffort)))
    requireOneImage(image.images, problems)
  problems.throwIfAny()
  const tags = plannedTags(repositories, proposals, image)
  const skip = skipReason(request, repositories, proposals)
  return {
    version: proposals.version,
    versionSource: request.version,
    repositories,
    ...(bestEffort.length > 0 && {bestEffort}),
    tags,
    tagNames: tagNames(tags),
    skippedRules: proposals.skipped,
    ...texts,
    push: skip === undefined ? push : {do: false, reason: skip},
    skip,
  }
}

/** Proposes the tags of these rules for the images of a step. */
export function proposalsOf(
  image: ImageInputs,
  {sources, rules}: Pick<ProposeRequest, 'sources' | 'rules'>,
  problems: Problems,
): Proposals {
  return proposeTags({...image, sources, rules, variant: variantOptions(image)}, problems)
}

function variantOptions({variant, environment}: ImageInputs): VariantOptions {
  return {
    variant: variant?.name,
    isDefault: variant?.isDefault ?? false,
    environmentSuffix: environmentTagSuffix(environment),
  }
}

function plannedTags(
  repositories: readonly Repository[],
  proposals: Proposals,
  {environment}: ImageInputs,
): readonly PlannedTag[] {
  const named = repositories.flatMap((repository) =>
    proposals.tags.map(({tag, role, source, notes}) => ({reference: {repository, tag}, role, source, notes})),
  )
  const whole = proposals.references.map(({reference, role, source}) => ({
    // A name in `outputs` is used unchanged.
    reference: source.origin === 'outputs' ? reference : environmentReference(reference, environment),
    role,
    source,
    notes: [],
  }))
  return unique([...named, ...whole], ({reference}) => formatTagRef(reference))
}

function tagNames(tags: readonly PlannedTag[]): readonly string[] {
  return [...new Set(tags.map(({reference}) => reference.tag))]
}

function skipReason(
  {context, inputs}: PlanRequest,
  repositories: readonly Repository[],
  proposals: Proposals,
): SkipReason | undefined {
  const {component} = inputs.image
  const gone = goneReason(context)
  if (gone !== undefined) return gone
  const other =
    component === undefined || context.ref.kind !== 'tag'
      ? undefined
      : otherComponentReason(component, context.ref.name)
  if (other !== undefined) return other
  return repositories.length === 0 && proposals.references.length === 0 ? {code: 'images-disabled'} : undefined
}

/** Error `nothing-to-tag` for a plan that pushes without any tag; undefined for other plans. */
export function nothingToTag(
  {tags, push, skippedRules}: Plan,
  requested: Inputs['publish']['push'],
  context: GitContext,
): TagboatError | undefined {
  if (tags.length > 0 || !push.do) return undefined
  const wanted = requested === 'auto' ? 'push: auto would publish' : 'A push was requested'
  return new TagboatError('nothing-to-tag', {
    message: `${wanted}, but no rule gave a tag for ${occasion(context)}.`,
    evidence: skippedRules.map(({source, reason}) => `${ruleText(source)}: ${formatPlanReason(reason)}`),
  })
}
