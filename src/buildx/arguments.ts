import type {Secret} from '../errors/secret.ts'
import {callBuilds} from '../inputs/call.ts'
import type {BuildArgument, BuildInputs} from '../inputs/inputs.ts'
import {formatPlatform} from '../oci/platform.ts'
import {formatAnnotation, type Annotation, type Label} from '../tags/labels.ts'
import {csvField} from '../inputs/syntax/output-entry.ts'
import {hasOutput, loadsByBuildx, makesImage, outputFlags, type OutputRequest} from './outputs.ts'
import {epochArgument} from './source-date-epoch.ts'

/** Values of `--cache-from` and `--cache-to`. */
export interface CacheFlags {
  readonly from: readonly string[]
  readonly to: readonly string[]
}

/** One `docker buildx build`, with everything that the flags need. */
export interface BuildRequest extends OutputRequest {
  /** The builder's name; undefined for Buildx's current one. */
  readonly builder: string | undefined
  /** Caches besides those of the inputs `cache-from` and `cache-to`. */
  readonly cache?: CacheFlags | undefined
  readonly labels: readonly Label[]
  readonly annotations: readonly Annotation[]
  /** SOURCE_DATE_EPOCH, in seconds; undefined unless the build is to be reproducible. */
  readonly sourceDateEpoch: number | undefined
  /** The Git repository and commit of this run, as a build context: what `{{defaultContext}}` and `git` stand for. */
  readonly gitContext: string
  /** The job's token, with which BuildKit reads that repository. */
  readonly gitToken: Secret | undefined
  /** Address of this run, recorded in the provenance as its builder. */
  readonly builderId: string
  /** Where Buildx writes what it built. */
  readonly metadataFile: string
  readonly imageIdFile: string
}

/** The argument vector after `docker`; no secret is in it. Reference: https://docs.docker.com/reference/cli/docker/buildx/build/ */
export function buildArguments(request: BuildRequest): readonly string[] {
  const {inputs} = request
  return [
    'buildx',
    'build',
    ...each('--add-host', inputs.addHosts),
    ...each('--allow', inputs.allow),
    ...annotationFlags(request),
    ...attestFlags(request),
    ...each('--build-arg', [...inputs.buildArgs, ...epochArgument(inputs, request.sourceDateEpoch)].map(buildArgument)),
    ...each(
      '--build-context',
      inputs.buildContexts.map(({key, value}) => `${key}=${withGitContext(value, request)}`),
    ),
    ...optional('--builder', request.builder),
    ...each('--cache-from', [...inputs.cacheFrom, ...(request.cache?.from ?? [])]),
    ...each('--cache-to', [...inputs.cacheTo, ...(request.cache?.to ?? [])]),
    ...optional('--call', inputs.call),
    ...optional('--cgroup-parent', inputs.cgroupParent),
    ...optional('--file', inputs.file),
    ...imageIdFlags(request),
    ...each(
      '--label',
      request.labels.map(({key, value}) => `${key}=${value}`),
    ),
    '--metadata-file',
    request.metadataFile,
    ...optional('--network', inputs.network),
    ...flag('--no-cache', inputs.noCache),
    ...each('--no-cache-filter', inputs.noCacheFilters),
    ...outputFlags(request),
    ...optional(
      '--platform',
      inputs.platforms.length === 0 ? undefined : inputs.platforms.map(formatPlatform).join(','),
    ),
    ...flag('--pull', inputs.pull),
    ...secretFlags(request),
    ...optional('--shm-size', inputs.shmSize),
    ...each('--ssh', inputs.ssh),
    ...optional('--target', inputs.target),
    ...each('--ulimit', inputs.ulimit),
    '--',
    mainContext(request),
  ]
}

/** The environment of the build that holds the values of its secrets. */
export function secretVariables({inputs, gitToken}: BuildRequest): Readonly<Record<string, string>> {
  const variables = new Map(inputs.secrets.map(({value}, index) => [secretVariable(index), value.reveal()]))
  if (gitToken !== undefined && usesGitContext(inputs)) variables.set(gitTokenVariable, gitToken.reveal())
  return Object.fromEntries(variables)
}

/** Whether the build reads this run's commit from GitHub, and so needs the job's token for a private repository. */
function usesGitContext({context, buildContexts}: BuildInputs): boolean {
  return context === gitContextWord || [context, ...buildContexts.map(({value}) => value)].some(namesGitContext)
}

/**
 * Which directory of this run's commit is the main context: empty for all of it, undefined when the context is none.
 */
export function mainGitDirectory({context}: Pick<BuildInputs, 'context'>): string | undefined {
  if (context === gitContextWord) return ''
  if (!namesGitContext(context)) return undefined
  const directory = /\}\}:(.*)$/.exec(context)?.[1] ?? ''
  return directory.replace(/^(?:\.?\/)+|(?<!\/)\/+$/g, '')
}

const gitTokenVariable = 'TAGBOAT_GIT_AUTH_TOKEN'
/** The input `context` takes this word too; as a further context it is a directory. */
const gitContextWord = 'git'
/** `{{defaultContext}}` of docker/build-push-action, perhaps with `:subdirectory` behind it. */
const gitContextPattern = /\{\{ *defaultContext *\}\}/

function namesGitContext(text: string): boolean {
  return gitContextPattern.test(text)
}

function withGitContext(text: string, {gitContext}: BuildRequest): string {
  return text.replace(gitContextPattern, () => gitContext)
}

function mainContext(request: BuildRequest): string {
  const {context} = request.inputs
  return context === gitContextWord ? request.gitContext : withGitContext(context, request)
}

function secretVariable(index: number): string {
  return `TAGBOAT_SECRET_${index}`
}

function secretFlags(request: BuildRequest): readonly string[] {
  const {inputs} = request
  return each('--secret', [
    ...inputs.secrets.map(({id}, index) => `${csvField(`id=${id}`)},env=${secretVariable(index)}`),
    ...inputs.secretEnvs.map(({key, value}) => `${csvField(`id=${key}`)},${csvField(`env=${value}`)}`),
    ...inputs.secretFiles.map(({key, value}) => `${csvField(`id=${key}`)},${csvField(`src=${value}`)}`),
    ...gitTokenSecret(request),
  ])
}

/**
 * The job's token for the host of the Git context alone: a secret named `GIT_AUTH_TOKEN` without a host would be shown
 * to every Git server that the build reads from (https://docs.docker.com/build/building/secrets/#multiple-hosts). An
 * empty one would be refused where none at all is needed.
 */
function gitTokenSecret({inputs, gitContext, gitToken}: BuildRequest): readonly string[] {
  if (gitToken === undefined || !usesGitContext(inputs)) return []
  const id = `GIT_AUTH_TOKEN.${new URL(gitContext).host}`
  const named = [
    ...inputs.secrets.map((secret) => secret.id),
    ...[...inputs.secretEnvs, ...inputs.secretFiles].map(({key}) => key),
  ]
  const isGiven = named.includes(id) || named.includes('GIT_AUTH_TOKEN')
  return isGiven ? [] : [`${csvField(`id=${id}`)},env=${gitTokenVariable}`]
}

/** Annotations belong to an image: a build that only runs or exports files has none, one that is kept has all. */
function annotationFlags(request: BuildRequest): readonly string[] {
  return makesImage(request) ? each('--annotation', request.annotations.map(formatAnnotation)) : []
}

/** An attestation that the user wrote is passed on as it is. */
function attestFlags(request: BuildRequest): readonly string[] {
  const {inputs} = request
  const isWritten = (type: string): boolean =>
    inputs.attests.some((attest) => new RegExp(`\\btype=${type}\\b`).test(attest))
  const provenance = isWritten('provenance') ? [] : provenanceAttest(request)
  const sbom = inputs.sbom === undefined || isWritten('sbom') ? [] : [attest('sbom', inputs.sbom)]
  return each('--attest', [...inputs.attests, ...provenance, ...sbom])
}

/**
 * Provenance names this run as its builder. By default it is `mode=min`, as BuildKit's own default: `max` would publish
 * the build arguments. It is asked for only where it cannot do harm: a builder that makes no attestations (the docker
 * driver without the containerd image store) refuses the whole build, and so does the docker exporter; the former
 * cannot build several platforms either. Elsewhere Buildx adds its own, without the builder's name. What is to be
 * reproducible has none of itself: it tells when the build began and ended.
 */
function provenanceAttest(request: BuildRequest): readonly string[] {
  const {inputs, builderId} = request
  const {provenance, platforms, reproducible} = inputs
  if (provenance === undefined && reproducible) return ['type=provenance,disabled=true']
  const named = csvField(`builder-id=${builderId}`)
  if (provenance === undefined) {
    const isSafe = platforms.length > 1 && !loadsByBuildx(request) && !hasOutput(inputs, ['docker'])
    return isSafe ? [`type=provenance,inline-only=true,mode=min,${named}`] : []
  }
  const text = attest('provenance', provenance)
  return [/\bdisabled=true\b|\bbuilder-id=/.test(text) ? text : `${text},${named}`]
}

/** `true`, `false` or attributes, as the inputs `provenance` and `sbom` take them. */
function attest(type: string, written: string): string {
  if (/^true$/i.test(written)) return `type=${type}`
  if (/^false$/i.test(written)) return `type=${type},disabled=true`
  return `type=${type},${written}`
}

/** Buildx refuses an image id for files in a directory or a tar archive. */
function imageIdFlags({inputs, imageIdFile}: BuildRequest): readonly string[] {
  const exportsFiles = hasOutput(inputs, ['local', 'tar'])
  return exportsFiles || !callBuilds(inputs.call) ? [] : ['--iidfile', imageIdFile]
}

function buildArgument({key, value}: BuildArgument): string {
  return value === undefined ? key : `${key}=${value}`
}

function each(name: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [name, value])
}

function optional(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value]
}

function flag(name: string, isSet: boolean): readonly string[] {
  return isSet ? [name] : []
}
