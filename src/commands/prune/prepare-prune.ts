import type {GitContext} from '../../context/git-context.ts'
import {jobToken} from '../../credentials/choose-logins.ts'
import type {Inputs} from '../../inputs/inputs.ts'
import {formatNotice, Problems} from '../../inputs/problem.ts'
import type {PruneInputs} from '../../inputs/prune/policy.ts'
import {parseList} from '../../inputs/syntax/lists.ts'
import type {Io} from '../../io/io.ts'
import {formatRepository, type Repository} from '../../oci/reference.ts'
import {requireCredentials} from '../../plan/push-decision.ts'
import {enabledRepositories, unique} from '../../plan/repositories.ts'
import {readStep, type StepInputs} from '../../prepare/read-step.ts'
import {resolveContext} from '../../prepare/resolve-context.ts'
import type {PruneSkip} from '../../reasons/prune-skips.ts'
import type {ValueSources} from '../../tags/templates/values.ts'
import {appliesTo} from '../../retention/decide/guards.ts'
import {environmentReference} from '../../tags/variant.ts'

/** Inputs, event and repositories of a run of the prune action. */
export interface PreparedPrune {
  readonly step: StepInputs
  readonly inputs: Inputs
  readonly retention: PruneInputs
  readonly context: GitContext
  /** Repositories of `images`, without duplicates. */
  readonly repositories: readonly Repository[]
  /** Repositories with `required=false`. */
  readonly bestEffort: readonly Repository[]
  /** Reason not to delete anything; usually undefined. */
  readonly skip: PruneSkip | undefined
}

/**
 * Reads the inputs and the event. Changes nothing, and sends no request to a registry.
 * @throws TagboatError `input-invalid` with all problems, `credentials-missing`
 */
export async function preparePrune(io: Io): Promise<PreparedPrune> {
  const problems = new Problems()
  reportPatterns(io.inputs.get('tags') ?? '', problems)
  const step = await readStep(io, 'prune', problems)
  const {inputs} = step
  const {prune: retention} = inputs
  if (retention === undefined) throw new Error('the inputs of the action prune were not read')
  const {context} = await resolveContext(step, io)
  const {repositories, bestEffort} = repositoriesOf(step, context, io, problems)
  checkLineImages(retention, repositories, problems)
  problems.throwIfAny()
  for (const warning of problems.warnings) io.workflow.warning(formatNotice(warning))
  for (const notice of problems.notices) io.workflow.notice(formatNotice(notice))
  const skip = readOnlyReason(context) ?? (repositories.length === 0 ? {code: 'no-images'} : undefined)
  const prepared = {step, inputs, retention, context, repositories, bestEffort, skip}
  if (skip === undefined) await requireLogins(prepared)
  return prepared
}

/** Reports patterns in `tags`, which in other programs are those of the tags to delete. */
function reportPatterns(tags: string, problems: Problems): void {
  for (const {text, number: line, column} of parseList(tags, {commas: false, quotes: false}).items) {
    if (!/[*?]/.test(text) || !/^[\w.*?-]+$/.test(text)) continue
    const message = `"${text}" is a pattern, and \`tags\` has the rules of the step that publishes`
    problems.add({input: 'tags', line, column, message, remedy: 'Write the tags to delete in `delete-tags`.'})
  }
}

/** Reports lines of `policy` whose `images` names no image of the step. One that keeps tags would protect nothing. */
function checkLineImages({policy}: PruneInputs, repositories: readonly Repository[], problems: Problems): void {
  if (repositories.length === 0) return
  for (const {type, images, line} of policy) {
    if (images === undefined || repositories.some((one) => appliesTo(images, one))) continue
    const what = {
      input: 'policy',
      ...(line !== undefined && {line}),
      message: `images=${images.join(' ')} names none of the images ${repositories.map(formatRepository).join(', ')}`,
    } as const
    if (type === 'keep') problems.add({...what, remedy: 'Write whole names with the registry, such as ghcr.io/acme/*.'})
    else problems.notice(what)
  }
}

/** Reason why the token of the run may not delete anything. */
export function readOnlyReason({event, pull, byDependabot}: GitContext): PruneSkip | undefined {
  if (byDependabot) return {code: 'dependabot-token'}
  return event === 'pull_request' && pull?.fromFork === true ? {code: 'fork-token', number: pull.number} : undefined
}

/** Repositories of `images`. Without `images`, those of whole references in `tags`, or else the default. */
export function repositoriesOf(
  {
    inputs,
    writtenRules,
    engine,
    shortShaLength,
  }: Pick<StepInputs, 'inputs' | 'writtenRules' | 'engine' | 'shortShaLength'>,
  context: GitContext,
  io: Io,
  problems: Problems,
): Pick<PreparedPrune, 'repositories' | 'bestEffort'> {
  const {image} = inputs
  const named = writtenRules.flatMap((rule) =>
    rule.kind === 'reference' ? [environmentReference(rule.reference, image.environment).repository] : [],
  )
  const sources: ValueSources = {
    context,
    engine,
    now: io.now(),
    environment: image.environment?.name ?? '',
    shortShaLength,
    version: undefined,
    tagged: undefined,
    files: new Map(),
    regex: io.regex,
    uniqueBranchTags: image.uniqueBranchTags,
  }
  const request = {...sources, inputs, rules: writtenRules, push: {do: true, reason: {code: 'push-true'}}} as const
  const {repositories, bestEffort} = enabledRepositories(request, sources, problems)
  if (image.images.length > 0 || repositories.length > 0) return {repositories, bestEffort}
  return {repositories: unique(named, formatRepository), bestEffort: []}
}

/**
 * Requires the user name and password of each login of the repositories.
 * @throws TagboatError `credentials-missing`
 */
export async function requireLogins({
  inputs,
  context,
  repositories,
  bestEffort,
}: Pick<PreparedPrune, 'inputs' | 'context' | 'repositories' | 'bestEffort'>): Promise<void> {
  const {credentials} = inputs
  const required = repositories.filter((one) => !bestEffort.includes(one))
  await requireCredentials({
    push: 'true',
    call: undefined,
    logins: credentials.logins,
    hasJobToken: jobToken(credentials, context) !== undefined,
    hosts: [...new Set(required.map(({host}) => host))],
    context,
  })
}
