import {formatPlatform, knownArchitectures, parsePlatform, samePlatform, type Platform} from '../oci/platform.ts'
import {readAttestations} from './attestations/attestation-inputs.ts'
import {callBuilds, callMethod} from './call.ts'
import type {InputReader} from './input-reader.ts'
import type {BuildArgument, BuildInputs, ImageOutput, Inputs} from './inputs.ts'
import {splitKeyValue} from './syntax/key-value.ts'
import {nearest} from './syntax/nearest.ts'
import {inputSpecs} from './spec/spec.ts'

/** Reads the inputs for the build. Values that only BuildKit parses are passed on unchanged. */
export async function readBuildInputs(reader: InputReader): Promise<BuildInputs> {
  return {
    context: reader.text('context'),
    file: reader.optionalText('file'),
    target: reader.optionalText('target'),
    builder: reader.positional('builder'),
    platforms: readPlatforms(reader),
    buildArgs: readBuildArguments(reader),
    buildContexts: reader.pairs('build-contexts'),
    ...(await readSecrets(reader)),
    ssh: await readSsh(reader),
    addHosts: reader.texts('add-hosts'),
    allow: reader.texts('allow'),
    ...(await readAttestations(reader)),
    cacheFrom: reader.texts('cache-from'),
    cacheTo: reader.texts('cache-to'),
    cache: reader.choice('cache', inputSpecs.cache.choices),
    ...readNoCache(reader),
    pull: reader.boolean('pull'),
    network: reader.optionalText('network'),
    shmSize: reader.optionalText('shm-size'),
    ulimit: reader.texts('ulimit'),
    cgroupParent: reader.optionalText('cgroup-parent'),
    ...(await readResults(reader)),
    reproducible: readReproducible(reader),
  }
}

async function readSecrets(reader: InputReader): Promise<Pick<BuildInputs, 'secrets' | 'secretEnvs' | 'secretFiles'>> {
  const names = ['secrets', 'secret-envs', 'secret-files'] as const
  if (names.every((name) => reader.text(name) === '')) return {secrets: [], secretEnvs: [], secretFiles: []}
  const {readBuildSecrets} = await import('./build-secrets.ts')
  return readBuildSecrets(reader)
}

async function readSsh(reader: InputReader): Promise<readonly string[]> {
  const items = reader.list('ssh')
  if (items.length === 0) return []
  const {joinSshKeys} = await import('./secrets/ssh.ts')
  return joinSshKeys(items).map(({text}) => text)
}

/** Ignores `load` and `outputs` for a call that does not build an image: Buildx would load an empty one under all names. */
async function readResults(reader: InputReader): Promise<Pick<BuildInputs, 'load' | 'outputs' | 'image' | 'call'>> {
  const call = reader.optionalText('call')
  const load = reader.boolean('load')
  if (callBuilds(call)) return {load, ...(await readImageOutputs(reader)), call}
  const without = `ignored, because \`call: ${callMethod(call)}\` does not build an image`
  if (load) reader.notice('load', {}, without)
  if (reader.list('outputs').length > 0) reader.notice('outputs', {}, without)
  return {load: false, outputs: [], image: noImageOutput, call}
}

/** Settings of a run without an image output. */
export const noImageOutput: ImageOutput = {
  hasImageOutput: false,
  attributes: [],
  storage: [],
  annotations: [],
  references: [],
  pushingLines: [],
  unpushedLines: [],
}

/** Reads `outputs`, which most runs do not set. */
async function readImageOutputs(reader: InputReader): Promise<Pick<BuildInputs, 'outputs' | 'image'>> {
  if (reader.text('outputs') === '') return {outputs: [], image: noImageOutput}
  const {readOutputs} = await import('./image-output.ts')
  return readOutputs(reader)
}

/** Reads `reproducible`. Attestations contain the time of the build, so the digest of an index with attestations changes. */
function readReproducible(reader: InputReader): boolean {
  const isReproducible = reader.boolean('reproducible')
  const attestations = (['attests', 'provenance', 'sbom'] as const).filter(
    (name) => !/^(?:false)?$/i.test(reader.text(name)),
  )
  const isInIndex = !['referrers', 'off'].includes(reader.text('attestations').toLowerCase())
  if (isReproducible && isInIndex && attestations.length > 0) {
    const names = attestations.map((name) => `\`${name}\``).join(', ')
    const message = `the digest of each platform is reproducible, but the digest of the index is not, because ${names} includes the time of the build`
    reader.notice('reproducible', {}, message)
  }
  return isReproducible
}

const bareName = /^[A-Za-z_][A-Za-z0-9_]*$/

function readBuildArguments(reader: InputReader): readonly BuildArgument[] {
  return reader.list('build-args').flatMap(({text, number, column}): BuildArgument[] => {
    if (bareName.test(text)) return [{key: text, value: undefined}]
    const pair = splitKeyValue(text)
    if (pair.ok) {
      const {key, value} = pair
      const place = {line: number, column: column + key.length + '='.length}
      return [value.includes('{{') ? {key, value, place} : {key, value}]
    }
    const remedy = 'Write NAME=value, or NAME alone to use the value of that environment variable.'
    reader.problem('build-args', {line: number, column: column + pair.offset}, pair.reason, remedy)
    return []
  })
}

/** Reads `platforms`. Duplicates are removed, because a list from a matrix or an expression may contain some. */
function readPlatforms(reader: InputReader): readonly Platform[] {
  const platforms: Platform[] = []
  for (const {text, number, column} of reader.list('platforms')) {
    const platform = parsePlatform(text)
    const place = {line: number, column}
    const similar = platform === undefined ? undefined : similarPlatform(platform)
    if (platform === undefined) reader.problem('platforms', place, `"${text}" is not a platform`, platformRemedy(text))
    else if (similar !== undefined)
      reader.problem('platforms', place, `"${text}" is not a known platform`, `Did you mean "${similar}"?`)
    else if (platforms.some((known) => samePlatform(known, platform)))
      reader.notice('platforms', place, `${formatPlatform(platform)} is listed twice and built once`)
    else platforms.push(platform)
  }
  return platforms
}

/**
 * Sets the platforms of the environment variable that Buildx uses if the input is empty:
 * https://docs.docker.com/reference/cli/docker/#environment-variables
 */
export function withDefaultPlatforms(inputs: Inputs, variables: Readonly<Record<string, string | undefined>>): Inputs {
  const words = (variables['DOCKER_DEFAULT_PLATFORM'] ?? '').split(',').flatMap((word) => word.trim() || [])
  // Docker parses the name of an architecture as a Linux platform. Other words do not name a platform.
  const found = words.map((word) => parsePlatform(knownArchitectures.includes(word) ? `linux/${word}` : word))
  const known = found.filter((platform) => platform !== undefined)
  if (inputs.build.platforms.length > 0 || known.length === 0 || known.length < found.length) return inputs
  const platforms = known.filter((one, index) => known.findIndex((other) => samePlatform(one, other)) === index)
  return {...inputs, build: {...inputs.build, platforms}}
}

/** Known platform that is most similar to an unknown one. Returns undefined for a known platform, or if none is similar. */
function similarPlatform({os, architecture, variant}: Platform): string | undefined {
  if (!['linux', 'windows'].includes(os) || knownArchitectures.includes(architecture)) return undefined
  const match = nearest(architecture, knownArchitectures)
  return match === undefined ? undefined : formatPlatform({os, architecture: match, ...(variant && {variant})})
}

const commonPlatforms = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/arm/v6',
  'linux/386',
  'linux/ppc64le',
  'linux/s390x',
  'linux/riscv64',
]

function platformRemedy(text: string): string {
  const match = nearest(text, commonPlatforms) ?? commonPlatforms.find((platform) => platform.endsWith(`/${text}`))
  return match === undefined
    ? 'Write os/architecture or os/architecture/variant, such as linux/amd64 or linux/arm/v7.'
    : `Did you mean "${match}"?`
}

/** Reads `no-cache` and `no-cache-filters`, of which Buildx accepts only one: https://docs.docker.com/reference/cli/docker/buildx/build/#no-cache-filter */
function readNoCache(reader: InputReader): Pick<BuildInputs, 'noCache' | 'noCacheFilters'> {
  const noCache = reader.boolean('no-cache')
  const noCacheFilters = reader.texts('no-cache-filters')
  if (noCache && noCacheFilters.length > 0) {
    const remedy = 'Remove one of them: no-cache applies to all stages, no-cache-filters to the listed stages.'
    reader.problem('no-cache', {}, 'it cannot be combined with no-cache-filters', remedy)
  }
  return {noCache, noCacheFilters}
}
