import path from 'node:path'
import type {Environment} from '../io/environment.ts'
import type {BuildInputs} from '../inputs/inputs.ts'
import {factKeys, type ImageFacts} from '../oci/image-facts.ts'
import {formatPlatform} from '../oci/platform.ts'
import {aroundPart, formatDefinition, formatTagNames, shortHash} from '../plan/build-definition.ts'
import {dockerfileCandidates, isLocal} from '../buildx/dockerfile.ts'
import type {Io} from '../io/io.ts'
import type {BuilderLife} from '../builder/builder-life.ts'
import type {Prepared} from '../prepare/prepare.ts'

/** What an image says of its making, by which a later run knows whether it would make the same. */
export type Making = Pick<ImageFacts, 'tags' | 'build'>

interface MakingRequest {
  readonly prepared: Pick<Prepared, 'inputs' | 'plan' | 'around'>
  readonly builder: Pick<BuilderLife, 'features'>
  readonly io: Pick<Io, 'environment'>
}

/** The builder is ready: without `platforms` it builds for the first one that it names. */
export function makingOf({prepared, builder, io}: MakingRequest): Making {
  const {inputs, plan, around} = prepared
  const {build, image} = inputs
  const {environment} = io
  const directory = path.resolve(environment['GITHUB_WORKSPACE'] ?? '.')
  const place = (text: string): string => placeText(text, {directory, environment, reproducible: build.reproducible})
  const names = plan.tags.filter(({role}) => role.kind === 'release').map(({reference}) => reference.tag)
  const parts = [
    part('context', place(build.context)),
    part('file', fileText(build, place)),
    part('target', build.target),
    part(aroundPart, around.length === 0 ? undefined : around.map((sha) => sha.slice(0, 12)).join(',')),
    part('variant', image.variant?.name),
    platformPart(build, builder),
    ...build.buildArgs.map(({key, value = environment[key]}) =>
      part(`arg:${key}`, value === undefined ? undefined : shortHash(`${key}=${value}`)),
    ),
    ...build.image.attributes.map(({key, value}) => part(`output:${key}`, value)),
    ...build.buildContexts.map(({key, value}) => part(`context:${key}`, contextText(value, place))),
  ]
  return {tags: formatTagNames(names), build: formatDefinition(parts.flat())}
}

type Part = readonly [name: string, value: string]

function part(name: string, value: string | undefined): readonly Part[] {
  return value === undefined ? [] : [[name, value]]
}

function platformPart({platforms}: BuildInputs, {features}: Pick<BuilderLife, 'features'>): readonly Part[] {
  const own = features?.platforms[0]
  if (platforms.length === 0) return part('platform', own && formatPlatform(own))
  return part('platforms', platforms.map(formatPlatform).sort().join(','))
}

/** A file that is not named is the Dockerfile of the context, wherever that is. */
function fileText({context, file}: BuildInputs, place: (text: string) => string): string {
  const [candidate = ''] = dockerfileCandidates({context, file})
  if (file === undefined && !isLocal(context)) return 'Dockerfile'
  return isLocal(file ?? context) ? place(candidate) : place(file ?? '')
}

interface Place {
  /** The workspace. */
  readonly directory: string
  readonly environment: Environment
  readonly reproducible: boolean
}

/**
 * A path as seen from the workspace, or from the runner's directory for temporary files: both are elsewhere on another
 * runner. Of another path only a hash is said, so that an image does not publish how a machine is laid out; a reproducible
 * image, which may be built on two machines, does not even say that. An address may have a login in it, which may be another
 * one in each run: it is left out, and the rest is hashed.
 */
function placeText(text: string, {directory, environment, reproducible}: Place): string {
  if (/^(?:git$|-$|\{\{)/.test(text)) return text.replace(/\{\{\s*defaultContext\s*\}\}/, 'git')
  if (!isLocal(text)) return shortHash(text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1'))
  const full = path.resolve(directory, text)
  const temporary = environment['RUNNER_TEMP'] ?? ''
  const inTemporary = temporary === '' ? undefined : within(path.resolve(temporary), full)
  const inside =
    within(directory, full) ?? (inTemporary === undefined ? undefined : withoutChance(`temp:${inTemporary}`))
  return inside ?? (reproducible ? 'outside' : `outside:${shortHash(withoutChance(full))}`)
}

/** `mktemp -d` and Python's `mkdtemp` name a directory by chance. */
function withoutChance(place: string): string {
  return place.replace(/(?<=[/:])tmp(?:\.\w{10}|\w{8})(?=\/|$)/g, 'tmp')
}

/** `.` for the directory itself; undefined for what is outside of it. */
function within(directory: string, full: string): string | undefined {
  const relative = path.relative(directory, full)
  if (relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) return undefined
  return relative === '' ? '.' : relative.replaceAll('\\', '/')
}

/** The reference of an image has no secret in it. */
function contextText(value: string, place: (text: string) => string): string {
  return /^(?:docker-image:\/\/[\w./:@-]+|target:[\w.-]+)$/.test(value) ? value : place(value)
}

/** As labels and annotations say it. */
export function makingTraces({tags, build}: Making): readonly (readonly [string, string | undefined])[] {
  return [
    [factKeys.tags, tags],
    [factKeys.build, build],
  ]
}
