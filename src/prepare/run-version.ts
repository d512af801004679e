import {errorMessage} from '../errors/error.ts'
import path from 'node:path'
import type {BoundedRegex} from '../io/bounded-regex.ts'
import type {GitContext} from '../context/git-context.ts'
import type {RunVersion, VersionResult} from '../context/version-files/version-result.ts'
import {
  highestVersion,
  isSameVersion,
  looksForCommitTags,
  needsVersion,
  taggedVersion,
  versionConflict,
  versionOfRun,
} from '../plan/version.ts'
import type {Inputs, VersionInput} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import {versionReader} from '../tags/versions/component.ts'
import type {TagRule} from '../tags/rules/rule.ts'
import {childEnvironment, workspace, type Io} from '../io/io.ts'

/** Sources of the version for rules that need one. */
interface VersionSources {
  readonly version: RunVersion | undefined
  readonly searchesCommit: boolean
  readonly tagged: RunVersion | undefined
  readonly files: ReadonlyMap<string, VersionResult>
  readonly regex: BoundedRegex
}

interface VersionQuestion {
  readonly inputs: Inputs
  readonly rules: readonly TagRule[]
  readonly context: GitContext
  /** Path of the clone. */
  readonly directory: string
}

/** Reads the files and tags that the rules of this run need, and no others. */
export async function prepareVersion(question: VersionQuestion, io: Io, problems: Problems): Promise<VersionSources> {
  const {inputs, rules, context} = question
  const {version: input} = inputs.image
  const named = rules.flatMap((rule) => (rule.kind === 'file' ? [rule.path] : []))
  const files = await readVersionFiles(input.kind === 'file' ? [...named, input.path] : named, io)
  const file = input.kind === 'file' ? files.get(input.path) : undefined
  if (file?.ok === false) problems.add({input: 'version', message: file.reason, remedy: file.remedy})
  const versionOfTag = versionReader(inputs.image.component)
  const stated = versionOfRun(input, context, file?.ok === true ? file : undefined, versionOfTag)
  checkVersion({input, stated: rules.some(takesVersion) ? stated : undefined, context, versionOfTag}, problems)
  const searchesCommit = stated === undefined && rules.some(needsVersion) && looksForCommitTags(input, context)
  const version = searchesCommit ? highestVersion(await commitTags(question, io), versionOfTag) : stated
  return {version, searchesCommit, tagged: taggedVersion(context, versionOfTag), files, regex: io.regex}
}

interface StatedVersions {
  readonly input: VersionInput
  readonly stated: RunVersion | undefined
  readonly context: GitContext
  readonly versionOfTag: (tag: string) => string | undefined
}

/**
 * Compares the input `version` with the Git tag. A version of Buildx, which the input of this name means in
 * docker/setup-buildx-action, must not become that of the image.
 */
function checkVersion({input, stated, context, versionOfTag}: StatedVersions, problems: Problems): void {
  const conflict = versionConflict(stated, context, versionOfTag)
  if (input.kind === 'literal' && buildxVersion.test(input.text)) {
    const tagged = taggedVersion(context, versionOfTag)
    if (tagged !== undefined && isSameVersion(input.text, tagged.text)) return
    const remedy = [
      'Remove it: Tagboat uses the Buildx of the runner.',
      ...(input.text.startsWith('v') ? ['If it is the version of the image, write it without the v.'] : []),
    ].join(' ')
    problems.add({input: 'version', message: buildxMessage, remedy})
  } else if (conflict !== undefined) problems.warn({input: 'version', message: formatPlanReason(conflict)})
}

const buildxMessage =
  'it is the version of the image, but this looks like a version of Buildx (docker/setup-buildx-action)'

/** Releases of Buildx (https://github.com/docker/buildx/releases) and their aliases. */
const buildxVersion = /^(?:v0\.\d+\.\d+(?:-rc\d+)?|latest|edge)$/

/** Reports whether a rule uses the version of the run, even for a Git tag. */
function takesVersion(rule: TagRule): boolean {
  return (rule.kind === 'semver' || rule.kind === 'pep440') && (rule.value ?? '') === ''
}

/** Reads version files. The code for their formats is loaded only if there is a file. */
async function readVersionFiles(texts: readonly string[], io: Io): Promise<ReadonlyMap<string, VersionResult>> {
  if (texts.length === 0) return new Map()
  const {parseVersionFile, readVersionFile} = await import('../context/version-files/version-file.ts')
  const read = async (file: string): Promise<string | undefined> => readLocalFile(file, io)
  const results = await Promise.all(
    [...new Set(texts)].map(
      async (text) => [text, await readVersionFile(parseVersionFile(text), read, io.regex)] as const,
    ),
  )
  return new Map(results)
}

/**
 * Reads a file of the checkout, or one that an earlier step wrote to the temporary directory. A symbolic link must not
 * lead outside, since the author of the checkout controls it.
 */
async function readLocalFile(file: string, io: Io): Promise<string | undefined> {
  const whole = path.resolve(workspace(io), file)
  const roots = [workspace(io), io.environment['RUNNER_TEMP'] ?? ''].filter((one) => one !== '')
  const root = roots.find((one) => whole.startsWith(path.join(path.resolve(one), path.sep))) ?? workspace(io)
  return io.files.readBelow(root, whole)
}

/** Tags of the commit: those of the clone, else those that the API lists, since a shallow clone has no tags. */
async function commitTags({inputs, context, directory}: VersionQuestion, io: Io): Promise<readonly string[]> {
  const {githubToken} = inputs.credentials
  const {gitRunner, tagsAt} = await import('../context/local-git.ts')
  const local = await tagsAt(gitRunner(io.processes, directory, childEnvironment(io)), context.sha)
  if (local.length > 0 || githubToken === undefined) return local
  try {
    const {owner, name} = context.repository
    return await io.gitHub(githubToken, context.server.apiUrl).tagsAt(owner, name, context.sha)
  } catch (error) {
    const reason = errorMessage(error)
    io.workflow.warning(
      `The GitHub API did not return the tags that point to ${context.sha} (${reason}): rules that need a version give no tag.`,
    )
    return []
  }
}
