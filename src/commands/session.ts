import type {BuildReport} from '../report/report.ts'
import {chooseLogins, hostsWithoutLogin} from '../credentials/choose-logins.ts'
import {logIn, type Login} from '../credentials/login.ts'
import type {Builder} from '../buildx/inspect.ts'
import type {Destination} from '../buildx/outputs.ts'
import {formatRepository, type Repository, type TagRef} from '../oci/reference.ts'
import {build, inspectBuilder} from '../stage/build.ts'
import {buildRequest} from './build-request.ts'
import type {Edges} from './edges.ts'
import {prepareConfig, type LentHome} from './home.ts'
import type {Prepared} from './prepare.ts'
import type {Note} from './reporting.ts'
import {openRegistries, type Registries} from './registries.ts'

/** A run that builds, with what it was lent. */
export interface Session extends Disposable {
  readonly prepared: Prepared
  readonly lent: LentHome
  readonly logins: readonly Login[]
  readonly registries: Registries
  readonly edges: Edges
}

/** What a run publishes to; nothing when it does not. */
export function repositoriesOf({plan}: Prepared): readonly Repository[] {
  const all = plan.push.do ? plan.tags.map(({reference}) => reference.repository) : []
  return [...new Map(all.map((repository) => [formatRepository(repository), repository])).values()]
}

export async function openSession(prepared: Prepared, lent: LentHome, edges: Edges): Promise<Session> {
  const {inputs, context} = prepared
  const {userConfig, userDirectory} = lent.home
  const pushedTo = repositoriesOf(prepared)
  const logins = chooseLogins({inputs: inputs.credentials, context, pushedTo, userConfig})
  await prepareConfig(lent.home, logins, edges)
  const registries = await openRegistries({logins, userConfig, userDirectory, pushedTo}, inputs.publish.retries, edges)
  return {
    prepared,
    lent,
    logins,
    registries,
    edges,
    [Symbol.dispose]() {
      registries[Symbol.dispose]()
    },
  }
}

/**
 * Logs in, asks the builder what it can, and does what else can be done meanwhile. All of it has ended when this ends: a
 * login that is still running would write into a home that is being removed.
 */
export async function beforeBuild<T>(session: Session, meanwhile: Promise<T>): Promise<readonly [Builder, T]> {
  const {prepared, lent, logins, edges} = session
  const {inputs, context} = prepared
  const login = logIn(logins, lent.home, {...edges, childEnv: lent.env})
  const inspection = inspectBuilder(inputs.build, lent.env, edges)
  await Promise.allSettled([login, inspection, meanwhile])
  await login
  const question = {
    inputs: inputs.credentials,
    context,
    pushedTo: repositoriesOf(prepared),
    userConfig: lent.home.userConfig,
  }
  edges.workflow.print([
    ...logins.map(({host, username}) => `Logged in to ${host} as ${username}`),
    ...hostsWithoutLogin(question, logins).map((host) => `No login for ${host}: pushing as nobody`),
  ])
  return [await inspection, await meanwhile]
}

/** One `docker buildx build`, shown in a group of the log. */
export async function runBuild(
  {prepared, lent, edges}: Session,
  tags: readonly TagRef[],
  destination: Destination,
): Promise<BuildReport> {
  const {workflow, now} = edges
  const started = now()
  const request = buildRequest(prepared, tags, destination, lent.home.directory)
  const result = await workflow.inQuietGroup('docker buildx build', async (write) =>
    build(request, lent.env, write, edges),
  )
  return {...result, durationMs: now().getTime() - started.getTime()}
}

/** A build that nobody but the builder, or this runner, sees. */
export async function buildOnly(session: Session, note: Note): Promise<void> {
  const {plan, inputs} = session.prepared
  if (inputs.publish.test !== undefined) session.edges.workflow.notice('`test` is not run: nothing is staged.')
  await beforeBuild(session, Promise.resolve())
  const tags = plan.tags.map(({reference}) => reference)
  note({build: await runBuild(session, tags, {kind: 'none'})})
}
