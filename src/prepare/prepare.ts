import {writtenEpoch} from '../buildx/source-date-epoch.ts'
import {readContext} from '../context/event.ts'
import type {GitContext} from '../context/git-context.ts'
import {withAnnotationLevels} from '../inputs/annotation-inputs.ts'
import {withDefaultAttestations, withDefaultPlatforms} from '../inputs/build-inputs.ts'
import {missingRepositoryFacts, parseRepositoryFacts, withRepositoryFacts} from '../context/repository-info.ts'
import {readEventFile} from '../context/payload.ts'
import {checkBuilderFiles} from '../inputs/secrets/builder-files.ts'
import {secretsInTexts} from '../inputs/address-secrets.ts'
import {errorMessage, type TagboatError} from '../errors/error.ts'
import {isTooShortToMask} from '../errors/known-secrets.ts'
import type {Inputs} from '../inputs/inputs.ts'
import {warnOfNodeVariables, warnOfUncheckedCertificates} from './node-variables.ts'
import {formatNotice, Problems} from '../inputs/problem.ts'
import {readInputs} from '../inputs/read.ts'
import type {ActionName} from '../inputs/spec/spec.ts'
import {templatesOf} from '../plan/image-texts.ts'
import {makePlan, rulesFor, type PlanRequest} from '../plan/make-plan.ts'
import type {Plan} from '../plan/plan.ts'
import {writtenHosts} from '../plan/written-hosts.ts'
import {decidePush, missingCredentials, requireCredentials, type PushQuestion} from '../plan/push-decision.ts'
import {jobToken} from '../credentials/choose-logins.ts'
import {checkTemplates} from '../tags/templates/check-templates.ts'
import {parseRules} from '../tags/rules/rule-reader.ts'
import {needsFullEngine, plainEngine, type TemplateEngine} from '../tags/templates/template.ts'
import {readShortShaLength} from '../tags/templates/values.ts'
import {aroundCommits} from './around-commits.ts'
import {builtContext, type BuiltContext} from './built-commit.ts'
import {withCommitDate} from './commit-date.ts'
import {workspace, type Io} from '../io/io.ts'
import {withDigestFiles} from './digest-files.ts'
import {judge, logRemarks, unpushedOutputs} from './judge-plan.ts'
import {prepareVersion} from './run-version.ts'

export interface Prepared {
  readonly action: ActionName
  readonly inputs: Inputs
  readonly context: GitContext
  readonly plan: Plan
  /** Time of a build with `reproducible` or SOURCE_DATE_EPOCH, in seconds; undefined for any other build. */
  readonly sourceDateEpoch: number | undefined
  /**
   * A Git context of a pull request is the tip of its branch (DOCKER_GIT_CONTEXT_PR_HEAD_REF of
   * docker/build-push-action).
   */
  readonly prefersPullHead: boolean
  /** Commits of other repositories that the build reads besides the one that is its revision. */
  readonly around: readonly string[]
  /** Reason to build and publish nothing; usually undefined. It is reported as a failure of the run. */
  readonly refusal?: TagboatError | undefined
  /** Notices about valid inputs. */
  readonly notices: readonly string[]
}

/**
 * Reads the inputs and the event, and makes the plan. Nothing is changed. The only process is Git, also in a dry run: for
 * `metadata-context: git`, `version: auto` and `{{commit_date}}`, or if another commit than the event's is checked out.
 */
export async function prepare(io: Io, action: ActionName = 'publish'): Promise<Prepared> {
  const problems = new Problems()
  const raw = action === 'promote' ? await withDigestFiles(io.inputs, io, problems) : io.inputs
  const inputs = await completeInputs(await readInputs(raw, problems, action), {action, io}, problems)
  warnOfNodeVariables(io.environment, problems)
  warnOfUncheckedCertificates(io.environment, problems)
  // Rules and expressions are checked without the event, so that their problems are reported with those of other
  // inputs.
  const writtenRules = parseRules(inputs.image.tags, 'tags', problems)
  const engine = await engineFor(templatesOf(inputs))
  checkTemplates(inputs, engine, problems)
  const shortShaLength = readShortShaLength(io.environment, problems)
  const userEpoch = action === 'promote' ? undefined : writtenEpoch(inputs.build.buildArgs, io.environment, problems)
  problems.throwIfAny()
  const built = await contextOf(io, inputs, {action, userEpoch})
  const {context} = built
  const sourceDateEpoch = userEpoch ?? (inputs.build.reproducible ? secondsOf(context.commitDate) : undefined)
  const question = pushQuestion(inputs, context)
  const rules = rulesFor(inputs, writtenRules, context, problems)
  const versions = await prepareVersion({inputs, rules, context, directory: built.directory}, io, problems)
  const times = {now: io.now(), ...(sourceDateEpoch !== undefined && {madeAt: new Date(sourceDateEpoch * 1000)})}
  const sources = {inputs, rules, context, engine, shortShaLength, ...times, ...versions}
  const {plan, request, logins} = planWithLogins(sources, question, problems)
  for (const warning of problems.warnings) io.workflow.warning(formatNotice(warning))
  const {remarks, refusal, notices: judged} = judge(built, plan, {action, request: {...request, written: writtenRules}})
  logRemarks(remarks, io)
  if (plan.skip === undefined)
    await checkCredentials(logins, {isRefused: refusal !== undefined, dryRun: inputs.publish.dryRun}, io)
  const prefersPullHead = io.environment['DOCKER_GIT_CONTEXT_PR_HEAD_REF'] === 'true'
  const notices = [
    ...[...problems.notices, ...unpushedOutputs(inputs, plan)].map(formatNotice),
    ...judged,
    ...remarks.flatMap(({level, text}) => (level === 'notice' ? [text] : [])),
  ]
  return {action, inputs, context, plan, sourceDateEpoch, prefersPullHead, around: built.around, notices, refusal}
}

interface Planned {
  readonly plan: Plan
  readonly request: PlanRequest
  /** Question about the logins that the plan needs. */
  readonly logins: PushQuestion
}

/** Makes the plan. On a fork, whether `push: auto` publishes depends on the logins to the registries of the plan. */
function planWithLogins(sources: Omit<PlanRequest, 'push'>, question: PushQuestion, problems: Problems): Planned {
  const request = {...sources, push: decidePush({...question, hosts: []})}
  const plan = makePlan(request, problems)
  const logins = {...question, hosts: writtenHosts(plan, sources.inputs.build)}
  const push = decidePush(logins)
  if (push.do || !plan.push.do) return {plan, request, logins}
  const unpublished = {...plan, push}
  return {
    plan: unpublished,
    request: {...request, push},
    logins: {...question, hosts: writtenHosts(unpublished, sources.inputs.build)},
  }
}

/** Checks the credentials. A dry run does not log in, so it only warns about missing ones. */
async function checkCredentials(
  question: PushQuestion,
  {isRefused, dryRun}: {readonly isRefused: boolean; readonly dryRun: boolean},
  {workflow}: Io,
): Promise<void> {
  if (!dryRun) {
    if (!isRefused) requireCredentials(question)
    return
  }
  const failure = missingCredentials(question)
  if (failure === undefined) return
  const {renderError} = await import('../errors/render-error.ts')
  workflow.warning(renderError(failure))
}

type Found = BuiltContext & Pick<Prepared, 'around'>

interface ContextQuestion {
  readonly action: ActionName
  readonly userEpoch: number | undefined
}

/** Context with the commit that is built, and its date. A promote builds nothing: its image states its own commit. */
async function contextOf(io: Io, inputs: Inputs, {action, userEpoch}: ContextQuestion): Promise<Found> {
  const event = await completeContext(io, inputs)
  const found = await foundContext(event, action, inputs, io)
  const around = action === 'promote' ? [] : await aroundCommits(found.context, inputs, io)
  return {...found, around, context: await withCommitDate(found.context, inputs, io, userEpoch)}
}

async function foundContext(context: GitContext, action: ActionName, inputs: Inputs, io: Io): Promise<BuiltContext> {
  if (inputs.image.metadataContext === 'git') {
    const {cloneContext} = await import('./clone-context.ts')
    return cloneContext(context, inputs, io)
  }
  if (action === 'promote') return {context, directory: workspace(io), built: undefined, remark: undefined}
  return builtContext(context, inputs, io)
}

function secondsOf(date: string | undefined): number | undefined {
  return date === undefined ? undefined : Math.floor(Date.parse(date) / 1000)
}

function pushQuestion({publish, build, credentials}: Inputs, context: GitContext): PushQuestion {
  const hasJobToken = jobToken(credentials, context) !== undefined
  return {push: publish.push, call: build.call, logins: credentials.logins, hasJobToken, context}
}

/** Completes the inputs with defaults from environment variables, and checks what they name. */
async function completeInputs(
  read: Inputs,
  {action, io}: {readonly action: ActionName; readonly io: Io},
  problems: Problems,
): Promise<Inputs> {
  const {environment} = io
  const written = withAnnotationLevels(read, environment, problems)
  maskSecrets(written, io)
  const built = action === 'promote' ? written : withDefaultPlatforms(written, environment)
  return withCheckedFiles(withDefaultAttestations(built, environment), io, problems)
}

/** Checks the variables, files and agents that the inputs name, and leaves out build secrets that are empty. */
async function withCheckedFiles(inputs: Inputs, io: Io, problems: Problems): Promise<Inputs> {
  const {environment, files} = io
  const {build} = inputs
  const lookAt = async (file: string): ReturnType<typeof files.kindOf> => files.kindOf(file)
  const secretEnvs = await checkedSecrets(build, {environment, lookAt}, problems)
  await checkBuilderFiles(inputs.builder, lookAt, problems)
  if (build.ssh.length > 0) {
    const {checkSsh} = await import('../inputs/secrets/ssh.ts')
    await checkSsh({text: io.inputs.get('ssh') ?? '', environment, lookAt}, problems)
  }
  return {...inputs, build: {...build, secretEnvs}}
}

/** Checks the variables and files of build secrets. Returns the entries of `secret-envs` to pass to the build. */
async function checkedSecrets(
  {secretEnvs, secretFiles}: Inputs['build'],
  {environment, lookAt}: Pick<Io, 'environment'> & {readonly lookAt: Io['files']['kindOf']},
  problems: Problems,
): Promise<Inputs['build']['secretEnvs']> {
  if (secretEnvs.length + secretFiles.length === 0) return []
  const {checkSecretFiles, checkSecretVariables} = await import('../inputs/build-secrets.ts')
  const passed = checkSecretVariables(secretEnvs, environment, problems)
  await checkSecretFiles(secretFiles, lookAt, problems)
  return passed
}

function maskSecrets({build, credentials}: Inputs, {workflow, inputs: raw, environment}: Io): void {
  const passwords = credentials.logins.map(({password}) => password)
  const secrets = build.secrets.map(({value}) => value).filter((value) => !isTooShortToMask(value.reveal()))
  for (const secret of [...passwords, ...secrets, credentials.githubToken]) {
    if (secret !== undefined && !secret.isEmpty) workflow.mask(secret.reveal())
  }
  for (const secret of secretsInTexts(raw, environment)) {
    if (!isTooShortToMask(secret)) workflow.mask(secret)
  }
}

/** Context of the event. Facts that the event does not contain, which is rare, come from the GitHub API. */
async function completeContext(io: Io, {credentials}: Inputs): Promise<GitContext> {
  const context = readContext(io.environment, await readPayload(io))
  const token = credentials.githubToken
  if (missingRepositoryFacts(context).length === 0 || token === undefined) return context
  try {
    const {owner, name} = context.repository
    const answer = await io.gitHub(token, context.server.apiUrl).repository(owner, name)
    return withRepositoryFacts(context, parseRepositoryFacts(answer))
  } catch (error) {
    const reason = errorMessage(error)
    io.workflow.warning(
      `The GitHub API did not return the facts that the event lacks (${reason}): the default branch, description and licence of the repository are unknown in this run.`,
    )
    return context
  }
}

async function readPayload({environment, files, workflow}: Io): Promise<unknown> {
  const {payload, warning} = await readEventFile(environment['GITHUB_EVENT_PATH'], files)
  if (warning !== undefined) workflow.warning(warning)
  return payload
}

/** The full engine is loaded only when an expression needs it. */
async function engineFor(templates: readonly string[]): Promise<TemplateEngine> {
  if (!templates.some(needsFullEngine)) return plainEngine
  const {handlebarsEngine} = await import('../tags/templates/handlebars.ts')
  return handlebarsEngine
}
