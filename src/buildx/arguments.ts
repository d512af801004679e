import {isContextOf} from '../context/git-url.ts'
import type {Secret} from '../errors/secret.ts'
import {callBuilds} from '../inputs/call.ts'
import type {BuildArgument} from '../inputs/inputs.ts'
import {formatPlatform} from '../oci/platform.ts'
import {formatAnnotation, type Annotation, type Label} from '../tags/labels.ts'
import {csvField} from '../inputs/syntax/output-entry.ts'
import {gitContextPattern, gitContextWord, namesGitContext} from './git-context.ts'
import {hasOutput, loadsByBuildx, makesImage, outputFlags, type OutputRequest} from './outputs.ts'
import {epochArgument} from './source-date-epoch.ts'

/** Values of `--cache-from` and `--cache-to`. */
export interface CacheFlags {
  readonly from: readonly string[]
  readonly to: readonly string[]
}

/** Values of the flags of one `docker buildx build`. */
export interface BuildRequest extends OutputRequest {
  /** Name of the builder; undefined for the current builder of Buildx. */
  readonly builder: string | undefined
  /** Caches besides those of the inputs `cache-from` and `cache-to`. */
  readonly cache?: CacheFlags | undefined
  readonly labels: readonly Label[]
  readonly annotations: readonly Annotation[]
  /** SOURCE_DATE_EPOCH, in seconds; undefined for a build that need not be reproducible. */
  readonly sourceDateEpoch: number | undefined
  /** Git repository and commit of this run as a build context, for `{{defaultContext}}` and `git`. */
  readonly gitContext: string
  /** Token of the job, with which BuildKit reads that repository. */
  readonly gitToken: Secret | undefined
  /** Address of this run, recorded in the provenance as its builder. */
  readonly builderId: string
  /** File to which Buildx writes the metadata of the build. */
  readonly metadataFile: string
  readonly imageIdFile: string
}

/** Arguments of `docker` for a build, without secrets: https://docs.docker.com/reference/cli/docker/buildx/build/ */
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

/** Environment variables with the secrets of the build. */
export function secretVariables({inputs, gitContext, gitToken}: BuildRequest): Readonly<Record<string, string>> {
  const variables = new Map(inputs.secrets.map(({value}, index) => [secretVariable(index), value.reveal()]))
  if (gitToken !== undefined && readsOwnRepository({inputs, gitContext}))
    variables.set(gitTokenVariable, gitToken.reveal())
  return Object.fromEntries(variables)
}

/**
 * Reports whether the build reads the repository of this run from GitHub, by a word or by its address. If the repository
 * is private, this requires the token of the job.
 */
function readsOwnRepository({inputs, gitContext}: Pick<BuildRequest, 'inputs' | 'gitContext'>): boolean {
  const {context, buildContexts} = inputs
  if (context === gitContextWord) return true
  const contexts = [context, ...buildContexts.map(({value}) => value)]
  return contexts.some((text) => namesGitContext(text) || isContextOf(text, gitContext))
}

const gitTokenVariable = 'TAGBOAT_GIT_AUTH_TOKEN'

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
 * Secret with the job's token, for the host of the Git context only: BuildKit would send a secret named
 * `GIT_AUTH_TOKEN` to every Git server from which the build reads
 * (https://docs.docker.com/build/building/secrets/#multiple-hosts). There is no secret without a token: a server may
 * reject an empty token for a public repository.
 */
function gitTokenSecret({inputs, gitContext, gitToken}: BuildRequest): readonly string[] {
  if (gitToken === undefined || !readsOwnRepository({inputs, gitContext})) return []
  const id = `GIT_AUTH_TOKEN.${new URL(gitContext).host}`
  const named = [
    ...inputs.secrets.map((secret) => secret.id),
    ...[...inputs.secretEnvs, ...inputs.secretFiles].map(({key}) => key),
  ]
  const isGiven = named.includes(id) || named.includes('GIT_AUTH_TOKEN')
  return isGiven ? [] : [`${csvField(`id=${id}`)},env=${gitTokenVariable}`]
}

/** Flags of the annotations, unless the build makes no image. */
function annotationFlags(request: BuildRequest): readonly string[] {
  return makesImage(request) ? each('--annotation', request.annotations.map(formatAnnotation)) : []
}

/**
 * Flags of the attestations; those of the input `attests` are passed unchanged. A call that makes no image has none:
 * BuildKit would pull the image of the SBOM generator.
 */
function attestFlags(request: BuildRequest): readonly string[] {
  const {inputs} = request
  if (!callBuilds(inputs.call)) return []
  const isWritten = (type: string): boolean =>
    inputs.attests.some((attest) => new RegExp(`\\btype=${type}\\b`).test(attest))
  const provenance = isWritten('provenance') ? [] : provenanceAttest(request)
  const sbom = inputs.sbom === undefined || isWritten('sbom') ? [] : [attest('sbom', inputs.sbom)]
  return each('--attest', [...inputs.attests, ...provenance, ...sbom])
}

/**
 * Provenance attestation, which names this run as its builder. The default is `mode=min`, as in BuildKit: `max` would
 * publish the build arguments. It is requested only where the build cannot fail because of it: a builder without
 * attestations (the docker driver without the containerd image store, which cannot build several platforms either) and
 * the docker exporter reject it. Elsewhere Buildx adds its own provenance, without the builder ID. A reproducible build
 * has none by default, since provenance contains the times of the build.
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

/** Attestation of a type for a value of `provenance` or `sbom`: `true`, `false` or attributes. */
function attest(type: string, written: string): string {
  if (/^true$/i.test(written)) return `type=${type}`
  if (/^false$/i.test(written)) return `type=${type},disabled=true`
  return `type=${type},${written}`
}

/** Flag for the file with the image ID, which Buildx rejects for exports to a directory or a tar archive. */
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
