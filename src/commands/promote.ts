import {chooseLogins} from '../credentials/choose-logins.ts'
import {readUserConfig} from '../credentials/docker-home.ts'
import {TagboatError} from '../errors/error.ts'
import {factKeys} from '../oci/image-facts.ts'
import {formatTagRef} from '../oci/reference.ts'
import {repositoriesOf, type Plan} from '../plan/plan.ts'
import {stateReader} from '../promote/read-state.ts'
import {resolveSources, type ResolvedSources} from '../promote/resolve-sources.ts'
import {requireStagedPlatforms, stagedImage} from '../stage/staged-image.ts'
import {relationFinder} from '../promote/commit-relation.ts'
import type {Io} from '../io/io.ts'
import {userDirectoryOf} from '../run/private-config.ts'
import {prepare, type Prepared} from '../prepare/prepare.ts'
import {openRegistries, type Registries} from '../run/registries.ts'
import {ghcrHost} from '../registry/hosts.ts'
import {holdImage} from '../stage/hold-image.ts'
import {reported} from './reporting.ts'
import {after, type RunResult} from '../run/run-result.ts'
import {isUserNamed, roleForImage} from '../tags/named-tag-role.ts'
import {mayBeVersion} from '../tags/versions/version-order.ts'
import {giveTags} from './give-tags.ts'

/** The action `tagboat/promote`: gives what is staged or published its tags, without a build and without Docker. */
export async function promote(io: Io): Promise<void> {
  const prepared = await prepare(io, 'promote')
  await reported('promote', prepared, io, async () => {
    if (!prepared.plan.push.do) return {}
    using registries = await registriesOf(prepared, io)
    return await promoteSources(prepared, registries, io)
  })
}

async function registriesOf(prepared: Prepared, io: Io): Promise<Registries> {
  const {inputs, context} = prepared
  const userDirectory = userDirectoryOf(io)
  const authConfig = io.environment['DOCKER_AUTH_CONFIG']
  const userConfig = await readUserConfig({userDirectory, authConfig}, io.files)
  const pushedTo = repositoriesOf(prepared.plan)
  const sources = inputs.promote.sources.map((source) =>
    source.kind === 'tag' ? source.reference.repository : source.repository,
  )
  const readsPackages = sources.some((source) => source?.host === ghcrHost)
  const logins = chooseLogins({inputs: inputs.credentials, context, pushedTo, readsPackages, userConfig})
  return openRegistries({logins, userConfig, userDirectory, pushedTo}, inputs.publish.retries, io)
}

async function promoteSources(prepared: Prepared, registries: Registries, io: Io): Promise<RunResult> {
  const {inputs, plan} = prepared
  const {policy} = inputs.publish
  if (inputs.promote.sources.length === 0) throw nothingToPromote()
  const repositories = repositoriesOf(prepared.plan)
  const resolved = await resolveSources(
    {
      sources: inputs.promote.sources,
      repositories,
      annotations: indexAnnotations(prepared),
      hasStandard: !inputs.image.withoutStandard.annotations,
      onLeftOut: (line) => {
        io.workflow.warning(line)
      },
    },
    registries.clients,
  )
  const {content, platform, repository} = resolved
  requireStagedPlatforms(stagedImage(content, platform), inputs.build.platforms, repository)
  requireSaidVersion(prepared, resolved)
  await resolved.copyTo(repositories)
  const clients = repositories.map((one) => registries.clients.repository(one))
  const holds = Promise.resolve(await holdImage(content, clients, io))
  const thisRun = ownFacts(resolved)
  const tags = tagsOfImage(prepared, resolved, io)
  const narrowed = {plan: {...plan, tags, tagNames: [...new Set(tags.map(({reference}) => reference.tag))]}}
  const reader = stateReader({
    policy,
    revision: thisRun.revision,
    findRelation: relationFinder(prepared, io),
    now: io.now,
  })
  const image = {content, platform, repository, existing: true, holds}
  const given = await after(narrowed, async () =>
    giveTags(image, {tags, thisRun, policy}, {prepared, registries, io, reader}),
  )
  return {...narrowed, ...given}
}

/**
 * Planned tags for the image. Tags that the user named get the version of the image. Tags that name the commit of this run
 * are left out unless the image states that commit, because they would name the wrong content for ever.
 * @throws TagboatError `nothing-to-tag` if no tag is left.
 */
function tagsOfImage({plan, context}: Prepared, {facts}: ResolvedSources, {workflow}: Io): Plan['tags'] {
  const tags = plan.tags.map((tag) => ({...tag, role: roleForImage(tag.reference.tag, tag.role, facts.version)}))
  const {revision} = facts
  if (revision === context.sha) return tags
  const wrong = tags.filter(({role}) => role.kind === 'commit')
  const stated = revision === undefined ? 'does not state its commit' : `is of ${revision}`
  const reason = `it names ${context.sha}, the commit of this run, and the image ${stated}`
  const lines = wrong.map(({reference}) => `${formatTagRef(reference)} is not given: ${reason}`)
  if (wrong.length > 0 && wrong.length === tags.length) {
    const remedy = 'Give the tag in `tags` as it is to be, or run the promote on the commit of the image.'
    throw new TagboatError('nothing-to-tag', {evidence: lines, remedy})
  }
  for (const line of lines) workflow.notice(line)
  return tags.filter((tag) => !wrong.includes(tag))
}

/**
 * An image that says its version gets no tag of another one: `1.2.0` would name the content of 1.3.0 for ever. A pre-release is
 * promoted as its release. Whole references (`from`) are easily one release behind.
 * @throws TagboatError `sources-mixed`
 */
function requireSaidVersion({plan, context}: Prepared, {content, facts}: ResolvedSources): void {
  const wrong = plan.tags.filter(
    ({role}) => 'version' in role && !isUserNamed(role) && !mayBeVersion(facts.version, role.version),
  )
  const [first] = wrong
  if (facts.version === undefined || first === undefined || !('version' in first.role)) return
  const {version} = first.role
  throw new TagboatError('sources-mixed', {
    message: `The image says that it is version ${facts.version}, and the tags of this run are those of ${version}.`,
    evidence: [
      `${content.digest} is version ${facts.version}, of revision ${facts.revision ?? 'unknown'}`,
      `this run gives ${wrong.map(({reference}) => formatTagRef(reference)).join(', ')}, of revision ${context.sha}`,
    ],
    remedy: `Run the promote on the Git tag of ${facts.version}, set \`version\` to it, or name the image of ${version} in \`from\` or \`digests\`. Nothing was changed.`,
  })
}

/** What is promoted may be of another commit than this run's: the image itself says of which. */
function ownFacts({facts}: ResolvedSources): Omit<ResolvedSources['facts'], 'created' | 'version' | 'floating'> {
  const {revision, commitDate, runId, tags, build} = facts
  return {revision, commitDate, runId, tags, build}
}

/**
 * Those that stand in the index that a promote makes; what is there already is not changed. The time of this run is not
 * among them: the same images, promoted again, are to be the same index.
 */
function indexAnnotations({plan, inputs}: Prepared): Readonly<Record<string, string>> {
  const isOwn = (name: string): boolean => inputs.image.annotations.some(({key}) => key === name)
  return Object.fromEntries(
    plan.annotations
      .filter(({key, levels}) => levels.includes('index') && (key !== factKeys.created || isOwn(key)))
      .map(({key, value}) => [key, value]),
  )
}

function nothingToPromote(): TagboatError {
  return new TagboatError('source-missing', {
    message: 'Nothing was given to promote.',
    evidence: ['`digests` holds no digest, and `from` is empty'],
    remedy:
      'Set `digests` to the output `digest` of the steps that staged, or `from` to a published reference. Each job that staged needs an output with the digest of its stage; an empty one often means that it pushed nothing: see its `pushed`.',
  })
}
