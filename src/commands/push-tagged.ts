import type {Destination} from '../buildx/outputs.ts'
import {TagboatError} from '../errors/error.ts'
import type {RepositoryState} from '../promote/decide/registry-state.ts'
import type {TagDecision} from '../promote/decide/tag-decision.ts'
import {explainRows} from '../promote/explained-rows.ts'
import type {PromoteRow} from '../promote/journal.ts'
import {readBack} from '../promote/read-back.ts'
import {after, type BuildReport, type RunResult} from '../run/run-result.ts'
import {printLoaded} from '../stage/load/load-built.ts'
import {containerdStore} from '../errors/causes.ts'
import type {BuilderReason} from '../reasons/builder-reasons.ts'
import type {BuildSession} from '../stage/build-session.ts'
import type {Digest} from '../oci/digest.ts'
import type {Platform} from '../oci/platform.ts'
import type {TagRef} from '../oci/reference.ts'
import {readPlatform} from '../registry/images/read-facts.ts'
import {requireOneLogin} from '../stage/logins/one-login.ts'
import {runBuild} from '../stage/run-build.ts'
import {noticePackages} from './promote-image.ts'

/**
 * Publishes with a builder that cannot stage: BuildKit pushes the decided tags with the build, and each tag is verified
 * afterwards. This is not a transaction: an interrupted push leaves some of the tags.
 * @throws TagboatError `publish-unverified` if a tag does not point to the built image, or cannot be read.
 */
export async function pushTagged(
  session: BuildSession,
  decisions: readonly TagDecision[],
  states: readonly RepositoryState[],
): Promise<RunResult> {
  const {prepared, registries, io} = session
  await requireOneLogin(session)
  const warning = unstagedWarning(session.builder.reason)
  if (warning !== undefined) io.workflow.warning(warning)
  const pushed = decisions.filter(({action}) => action === 'put')
  const references = pushed.map(({tag}) => tag.reference)
  const destination: Destination = {kind: references.length === 0 ? 'none' : 'tags'}
  const build = await runBuild(session, references, destination)
  const built = {build, loaded: printLoaded(build, session, references)}
  await after(built, async () => session.dockerConfig.removeEarly())
  const rows = explainRows(decisions.map((decision) => rowOf(decision, build)))
  const done: RunResult = {...built, rows}
  // All tags are kept: the image is only in the builder.
  if (references.length === 0) return done
  return after(done, async () => {
    const digest = build.metadata?.digest
    if (digest === undefined) throw new TagboatError('publish-unverified', {evidence: ['Buildx reported no digest']})
    const platform = build.metadata?.platform ?? (await pushedPlatform(references, digest, session))
    const {images, unread} = await readBack(
      {references, digest, platforms: prepared.inputs.build.platforms, platform},
      (repository) => registries.clients.repository(repository),
      io.timer(io.signal).sleep,
    )
    // A cancelled request looks like a failed one.
    io.signal.throwIfAborted()
    await noticePackages({rows, states}, session)
    return {...done, unread, staged: {digest, images, existing: false}}
  })
}

/**
 * Platform of a pushed image, from its configuration: the engine without the containerd image store does not report it.
 * Undefined if it cannot be read, which the read back reports.
 */
async function pushedPlatform(
  [reference]: readonly TagRef[],
  digest: Digest,
  {registries}: BuildSession,
): Promise<Platform | undefined> {
  if (reference === undefined) return undefined
  const client = registries.clients.repository(reference.repository)
  try {
    const content = await client.manifest(digest)
    return content && (await readPlatform(client, content))
  } catch {
    return undefined
  }
}

/** Warning with the remedy; undefined if the choice of the builder has already logged one. */
function unstagedWarning(reason: BuilderReason['code'] | undefined): string | undefined {
  if (reason === 'builder-not-created') return undefined
  return `This builder can push only with tags, so the tags move before the image is checked. For a transaction, ${remedyFor(reason)}, or ${containerdStore}.`
}

function remedyFor(reason: BuilderReason['code'] | undefined): string {
  switch (reason) {
    case 'engine-images':
      return 'push the base image to a registry and use that name in the Dockerfile'
    case 'builder-named':
      return 'leave `builder` empty'
    default:
      return 'set `driver` to `auto` or `docker-container`'
  }
}

function rowOf({tag, before, action, reason, level}: TagDecision, {metadata}: BuildReport): PromoteRow {
  const {reference} = tag
  if (action === 'keep') return {reference, before, after: before, outcome: 'kept', reason, level}
  const after = metadata?.digest
  const outcome = before === undefined ? 'new' : before === after ? 'unchanged' : 'moved'
  return {reference, before, after, outcome, reason, level}
}
