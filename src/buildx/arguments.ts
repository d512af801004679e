import type {Secret} from '../errors/secret.ts'
import type {BuildArgument, BuildInputs} from '../inputs/inputs.ts'
import {formatPlatform} from '../oci/platform.ts'
import {formatTagRef, type TagRef} from '../oci/reference.ts'
import {formatAnnotation, type Annotation, type Label} from '../tags/labels.ts'

/** One `docker buildx build`, with everything that the flags need. */
export interface BuildRequest {
  readonly inputs: BuildInputs
  readonly tags: readonly TagRef[]
  readonly labels: readonly Label[]
  readonly annotations: readonly Annotation[]
  readonly push: boolean
  /** The Git repository and commit of this run, as a build context: what `{{defaultContext}}` and `git` stand for. */
  readonly gitContext: string
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
    ...each('--build-arg', inputs.buildArgs.map(buildArgument)),
    ...each(
      '--build-context',
      inputs.buildContexts.map(({key, value}) => `${key}=${withGitContext(value, request)}`),
    ),
    ...optional('--builder', inputs.builder),
    ...each('--cache-from', inputs.cacheFrom),
    ...each('--cache-to', inputs.cacheTo),
    ...optional('--call', inputs.call),
    ...optional('--cgroup-parent', inputs.cgroupParent),
    ...optional('--file', inputs.file),
    ...imageIdFlags(request),
    ...each(
      '--label',
      request.labels.map(({key, value}) => `${key}=${value}`),
    ),
    ...flag('--load', inputs.load),
    '--metadata-file',
    request.metadataFile,
    ...optional('--network', inputs.network),
    ...flag('--no-cache', inputs.noCache),
    ...each('--no-cache-filter', inputs.noCacheFilters),
    ...each('--output', inputs.outputs),
    ...optional(
      '--platform',
      inputs.platforms.length === 0 ? undefined : inputs.platforms.map(formatPlatform).join(','),
    ),
    ...flag('--pull', inputs.pull),
    ...flag('--push', request.push),
    ...secretFlags(request),
    ...optional('--shm-size', inputs.shmSize),
    ...each('--ssh', inputs.ssh),
    ...each('--tag', request.tags.map(formatTagRef)),
    ...optional('--target', inputs.target),
    ...each('--ulimit', inputs.ulimit),
    '--',
    withGitContext(inputs.context, request),
  ]
}

/** The environment of the build that holds the values of its secrets. */
export function secretVariables(inputs: BuildInputs, gitToken: Secret | undefined): Readonly<Record<string, string>> {
  const variables = new Map(inputs.secrets.map(({value}, index) => [secretVariable(index), value.reveal()]))
  if (gitToken !== undefined && usesGitContext(inputs)) variables.set(gitTokenVariable, gitToken.reveal())
  return Object.fromEntries(variables)
}

/** Whether the build reads this run's commit from GitHub, and so needs the job's token for a private repository. */
export function usesGitContext({context, buildContexts}: BuildInputs): boolean {
  return [context, ...buildContexts.map(({value}) => value)].some((text) => gitContextPattern.test(text))
}

const gitTokenId = 'GIT_AUTH_TOKEN'
const gitTokenVariable = 'TAGBOAT_GIT_AUTH_TOKEN'
/** `{{defaultContext}}` of docker/build-push-action, perhaps with `:subdirectory` behind it, or the word `git`. */
const gitContextPattern = /^git$|\{\{ *defaultContext *\}\}/

function withGitContext(text: string, {gitContext}: BuildRequest): string {
  return text.replace(gitContextPattern, gitContext)
}

function secretVariable(index: number): string {
  return `TAGBOAT_SECRET_${index}`
}

function secretFlags({inputs}: BuildRequest): readonly string[] {
  const named = [
    ...inputs.secrets.map(({id}) => id),
    ...[...inputs.secretEnvs, ...inputs.secretFiles].map(({key}) => key),
  ]
  const addsToken = usesGitContext(inputs) && !named.includes(gitTokenId)
  return each('--secret', [
    ...inputs.secrets.map(({id}, index) => `${csv(`id=${id}`)},env=${secretVariable(index)}`),
    ...inputs.secretEnvs.map(({key, value}) => `${csv(`id=${key}`)},${csv(`env=${value}`)}`),
    ...inputs.secretFiles.map(({key, value}) => `${csv(`id=${key}`)},${csv(`src=${value}`)}`),
    ...(addsToken ? [`id=${gitTokenId},env=${gitTokenVariable}`] : []),
  ])
}

/** Index annotations, like all others, belong to an image: a build that only runs or exports files has none. */
function annotationFlags({annotations, inputs, push}: BuildRequest): readonly string[] {
  const makesImage = push || inputs.outputs.some((output) => /\btype=(image|registry|oci)\b/.test(output))
  if (!makesImage) return []
  return each('--annotation', annotations.map(formatAnnotation))
}

/**
 * Provenance names this run as its builder. `mode=min`, which is BuildKit's own default: `max` would publish the build
 * arguments. An attestation that the user wrote is passed on as it is.
 */
function attestFlags({inputs, builderId}: BuildRequest): readonly string[] {
  const isWritten = (type: string): boolean =>
    inputs.attests.some((attest) => new RegExp(`\\btype=${type}\\b`).test(attest))
  const provenance = isWritten('provenance') ? [] : [provenanceAttest(inputs.provenance, builderId)]
  const sbom = inputs.sbom === undefined || isWritten('sbom') ? [] : [attest('sbom', inputs.sbom)]
  return each('--attest', [...inputs.attests, ...provenance, ...sbom])
}

function provenanceAttest(written: string | undefined, builderId: string): string {
  if (written === undefined) return `type=provenance,inline-only=true,mode=min,${csv(`builder-id=${builderId}`)}`
  const text = attest('provenance', written)
  return /disabled=true|builder-id=/.test(text) ? text : `${text},${csv(`builder-id=${builderId}`)}`
}

/** `true`, `false` or attributes, as the inputs `provenance` and `sbom` take them. */
function attest(type: string, written: string): string {
  if (/^true$/i.test(written)) return `type=${type}`
  if (/^false$/i.test(written)) return `type=${type},disabled=true`
  return `type=${type},${written}`
}

/** Buildx refuses an image id for files in a directory or a tar archive. */
function imageIdFlags({inputs, imageIdFile}: BuildRequest): readonly string[] {
  const exportsFiles = inputs.outputs.some((output) => /\btype=(local|tar)\b/.test(output) || !output.includes('='))
  return exportsFiles || (inputs.call !== undefined && inputs.call !== 'build') ? [] : ['--iidfile', imageIdFile]
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

/** One field of the comma-separated values that Buildx reads in a flag. */
function csv(field: string): string {
  return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
