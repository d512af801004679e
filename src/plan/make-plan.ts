import type {GitContext} from '../context/git-context.ts'
import {enableProblem, isEnable} from '../inputs/image-list.ts'
import type {ImageInput, ImageInputs, Inputs} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import {TagboatError} from '../errors/error.ts'
import {formatRepository, formatTagRef, parseRepository, type Repository} from '../oci/reference.ts'
import {otherComponentReason} from '../tags/versions/component.ts'
import {defaultStrategy, defaultStrategyNotice} from '../tags/rules/default-strategy.ts'
import type {Proposals} from '../tags/proposal.ts'
import {proposeTags} from '../tags/propose.ts'
import {Renderer} from '../tags/templates/render.ts'
import {ruleText, type TagRule} from '../tags/rules/rule.ts'
import {parseRules} from '../tags/rules/rule-reader.ts'
import {globalValues, type ValueSources} from '../tags/templates/values.ts'
import {
  environmentReference,
  environmentRepository,
  environmentTagSuffix,
  type VariantOptions,
} from '../tags/variant.ts'
import type {SkipReason} from '../reasons/push-reasons.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import {occasion} from './explain.ts'
import {reportImageNames} from './image-names.ts'
import {imageTexts} from './image-texts.ts'
import type {Plan, PlannedTag} from './plan.ts'
import {goneReason, type PushDecision} from './push-decision.ts'

export interface PlanRequest extends Omit<ValueSources, 'environment' | 'uniqueBranchTags'> {
  readonly inputs: Inputs
  readonly rules: readonly TagRule[]
  readonly push: PushDecision
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
  return [...(isAllNamed ? [] : tagRules(image, written, context, problems)), ...named]
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

function tagRules(
  image: ImageInputs,
  written: readonly TagRule[],
  context: GitContext,
  problems: Problems,
): readonly TagRule[] {
  if (image.tags.length > 0) return written
  const notice = defaultStrategyNotice(context, image.component)
  if (notice !== undefined) problems.notice({input: 'tags', message: notice})
  const lines = defaultStrategy(context, image.component).map((text, index) => ({text, number: index + 1}))
  return parseRules(lines, 'default', problems)
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
  const repositories = enabledRepositories(request, sources, problems)
  const proposals = proposeTags({...image, sources, rules: request.rules, variant: variantOptions(image)}, problems)
  const texts = imageTexts({inputs, sources: {...sources, now: request.madeAt ?? request.now}, proposals}, problems)
  reportImageNames(request, problems)
  problems.throwIfAny()
  const tags = plannedTags(repositories, proposals, image)
  const skip = skipReason(request, repositories, proposals)
  return {
    version: proposals.version,
    versionSource: request.version,
    repositories,
    tags,
    tagNames: tagNames(tags),
    skippedRules: proposals.skipped,
    ...texts,
    push: skip === undefined ? push : {do: false, reason: skip},
    skip,
  }
}

function variantOptions({variant, environment}: ImageInputs): VariantOptions {
  return {
    variant: variant?.name,
    isDefault: variant?.isDefault ?? false,
    environmentSuffix: environmentTagSuffix(environment),
  }
}

/** Repositories of the enabled images, without duplicates. Without `images`, the package of the repository at ghcr.io. */
function enabledRepositories(request: PlanRequest, sources: ValueSources, problems: Problems): readonly Repository[] {
  const {engine, inputs} = request
  const {images, environment} = inputs.image
  if (images.length === 0) return defaultRepositories(request, problems)
  const values = globalValues(sources)
  const renderer = new Renderer(engine, problems)
  const enabled = images.filter((image) => isEnabled(image, renderer, values, problems))
  const named = enabled.map(({repository}) => environmentRepository(repository, environment))
  return unique(named, formatRepository)
}

function isEnabled(
  {enable, enableColumn = 1, line}: ImageInput,
  renderer: Renderer,
  values: ReturnType<typeof globalValues>,
  problems: Problems,
): boolean {
  const text = renderer.render(enable, values, {input: 'images', line, column: enableColumn})?.text
  if (text !== undefined && !isEnable(text)) {
    problems.add({input: 'images', line, column: enableColumn, ...enableProblem(text)})
  }
  return text === 'true'
}

/** Default repository. Empty if all rules are whole references, which name their repositories themselves. */
function defaultRepositories({context, inputs, rules, push}: PlanRequest, problems: Problems): readonly Repository[] {
  if (rules.length > 0 && rules.every(({kind}) => kind === 'reference')) return []
  if (push.do && context.server.url !== 'https://github.com') {
    const message = `ghcr.io, the default, is not the package registry of ${context.server.url}`
    problems.add({input: 'images', message, remedy: 'Set `images` to the name of the image.'})
  }
  const {owner, name} = context.repository
  const other = inputs.credentials.logins.find(({source, host}) => source === 'inputs' && host !== 'ghcr.io')
  if (push.do && other !== undefined) {
    const message = `it is empty, so the image is ghcr.io/${owner}/${name}; the login to ${other.host} is not for this image`
    problems.notice({input: 'images', message})
  }
  const parsed = parseRepository(`ghcr.io/${owner}/${name}`)
  if (parsed.ok) return [environmentRepository(parsed.value, inputs.image.environment)]
  problems.add({
    input: 'images',
    message: `ghcr.io/${owner}/${name}, the default, is not a valid image name: ${parsed.reason}`,
    remedy: 'Set `images` to the name of the image.',
  })
  return []
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

function unique<T>(values: readonly T[], key: (value: T) => string): readonly T[] {
  const first = new Map<string, T>()
  for (const value of values) {
    if (!first.has(key(value))) first.set(key(value), value)
  }
  return [...first.values()]
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
