import path from 'node:path'
import type {BuildRequest} from '../buildx/arguments.ts'
import type {GitContext} from '../context/git-context.ts'
import {chooseLogins, hostsWithoutLogin} from '../credentials/choose-logins.ts'
import {authOf, type DockerConfig} from '../credentials/docker-config.ts'
import {ownPrefix} from '../credentials/docker-home.ts'
import {credentialKey, logIn} from '../credentials/login.ts'
import {toTagboatError} from '../errors/error.ts'
import type {Inputs} from '../inputs/inputs.ts'
import {explainPlan, ruleText} from '../plan/explain.ts'
import {readBack, type ReadBack} from '../promote/read-back.ts'
import {registryReader} from '../registry/reader.ts'
import {outputs, outputVariables} from '../report/outputs.ts'
import type {BuildReport, Report} from '../report/report.ts'
import {summary} from '../report/summary.ts'
import {formatTagRef} from '../oci/reference.ts'
import {build, requireBuilder, requireSources} from '../stage/build.ts'
import {writeBakeFiles} from './bake-files.ts'
import type {Edges} from './edges.ts'
import {prepareConfig, withDockerHome, type LentHome} from './home.ts'
import {prepare, type Prepared} from './prepare.ts'

/** The action `tagboat`: plan, log in, build and push, read back, report. */
export async function publish(edges: Edges): Promise<void> {
  const prepared = await prepare(edges)
  const {plan, inputs} = prepared
  announce(prepared, edges)
  let report: Report = {plan, dryRun: inputs.publish.dryRun}
  try {
    if (!report.dryRun && plan.skip === undefined) {
      await requireSources(inputs.build, edges)
      const staged = await withDockerHome(edges, inputs.credentials.exportLogin, async (lent) =>
        stage(prepared, lent, edges),
      )
      report = {...report, build: staged.report}
      if (plan.push.do) report = {...report, published: await verify(prepared, staged, edges)}
    }
  } catch (error) {
    report = {...report, failure: toTagboatError(error)}
  }
  await tell(report, inputs, edges)
  if (report.failure !== undefined) throw report.failure
}

interface Staged {
  readonly report: BuildReport
  /** The logins that the push had, for reading back. */
  readonly config: DockerConfig
}

/**
 * Logs in, looks at the builder meanwhile, and builds. For now BuildKit pushes the tags in the same breath; this is
 * where stage, gate and promote come apart.
 */
async function stage(prepared: Prepared, {home, env}: LentHome, edges: Edges): Promise<Staged> {
  const {inputs, context, plan} = prepared
  const {workflow, now} = edges
  const pushedTo = plan.push.do ? plan.tags.map(({reference}) => reference.repository) : []
  const question = {inputs: inputs.credentials, context, pushedTo, userConfig: home.userConfig}
  const logins = chooseLogins(question)
  await prepareConfig(home, logins, edges)
  const [, config] = await bothEnded(
    requireBuilder(inputs.build, env, edges),
    logIn(logins, home, {...edges, childEnv: env}),
  )
  workflow.print(logins.map(({host, username}) => `Logged in to ${host} as ${username}`))
  workflow.print(hostsWithoutLogin(question, logins).map((host) => `No login for ${host}: pushing as nobody`))
  const started = now()
  const request = buildRequest(prepared, home.directory)
  const result = await workflow.inQuietGroup('docker buildx build', async (write) => build(request, env, write, edges))
  return {report: {...result, durationMs: now().getTime() - started.getTime()}, config}
}

/** Waits for both even when one fails: a login that is still running would write into a home that is being removed. */
async function bothEnded<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second])
  return [await first, await second]
}

function buildRequest({inputs, context, plan}: Prepared, directory: string): BuildRequest {
  const {repository, server, run} = context
  return {
    inputs: inputs.build,
    tags: plan.tags.map(({reference}) => reference),
    labels: plan.labels,
    annotations: plan.annotations,
    push: plan.push.do,
    gitContext: `${server.url}/${repository.owner}/${repository.name}.git#${gitRevision(context)}`,
    gitToken: inputs.credentials.githubToken,
    builderId: `${run.url}/attempts/${run.attempt}`,
    metadataFile: path.join(directory, `${ownPrefix}build-metadata.json`),
    imageIdFile: path.join(directory, `${ownPrefix}image-id`),
  }
}

/**
 * The commit; for a pull request the ref, as docker/build-push-action has it: no branch holds its merge commit, and older
 * BuildKit fetches branches alone. Not so for `pull_request_target`, whose commit is the base's: its secrets are not for
 * code of the pull request.
 */
function gitRevision({event, ref, sha, fullRef}: GitContext): string {
  return sha === '' || (event === 'pull_request' && ref.kind === 'pull') ? fullRef : sha
}

async function verify({plan, inputs}: Prepared, {report, config}: Staged, edges: Edges): Promise<ReadBack> {
  const references = plan.tags.map(({reference}) => reference)
  const digest = report.metadata?.digest
  if (digest === undefined) {
    const reason = 'Buildx reported no digest'
    return {images: [], unread: references.map((reference) => ({reference: formatTagRef(reference), reason}))}
  }
  using http = edges.http()
  const found = await readBack(
    {references, digest, platforms: inputs.build.platforms, platform: report.metadata?.platform},
    (repository) => registryReader(repository, authOf(config, credentialKey(repository.host)), http),
  )
  // A request that was cancelled is told as a registry that cannot be read.
  edges.signal.throwIfAborted()
  return found
}

/** The plan in the log, and a warning for each rule that probably was not meant to give nothing. */
function announce({plan, context, inputs, notices}: Prepared, {workflow}: Edges): void {
  if (inputs.publish.dryRun) workflow.info('Dry run: nothing is built or changed. A real run would do this:')
  workflow.print(explainPlan(plan, context, inputs.build))
  for (const notice of notices) workflow.notice(notice)
  for (const {source, reason, level} of plan.skippedRules) {
    if (level === 'warning') workflow.warning(`No tag from ${ruleText(source)}: ${reason}`)
  }
  if (plan.skip !== undefined) workflow.notice(plan.skip)
}

async function tell(report: Report, inputs: Inputs, edges: Edges): Promise<void> {
  const {workflow, environment} = edges
  const values = {
    ...outputs(report, inputs.output),
    ...(report.failure === undefined ? await writeBakeFiles(report.plan, inputs.output.bakeTarget, edges) : {}),
  }
  for (const [name, value] of Object.entries(values)) workflow.setOutput(name, value)
  if (environment['DOCKER_METADATA_SET_OUTPUT_ENV'] === 'true') {
    for (const [name, value] of Object.entries(outputVariables(values))) workflow.exportVariable(name, value)
  }
  for (const {reference, reason} of report.published?.unread ?? []) {
    workflow.warning(`${reference} was pushed, but could not be read back: ${reason}`)
  }
  if (report.published !== undefined) {
    const count = report.plan.tags.length
    workflow.info(
      `Published ${count} ${count === 1 ? 'tag' : 'tags'} of ${report.build?.metadata?.digest ?? 'the image'}`,
    )
  }
  if (inputs.publish.summary) await writeSummary(report, workflow)
}

/** What was published stays published when the runner does not take the summary. */
async function writeSummary(report: Report, workflow: Edges['workflow']): Promise<void> {
  try {
    await workflow.writeSummary(summary(report))
  } catch (error) {
    workflow.warning(`The job summary could not be written: ${toTagboatError(error).evidence.join(' ')}`)
  }
}
