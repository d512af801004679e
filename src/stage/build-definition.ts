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

/** Labels of an image that define its build. A later run compares them to decide whether it would build the same. */
export type BuildDefinition = Pick<ImageFacts, 'tags' | 'build'>

interface DefinitionRequest {
  readonly prepared: Pick<Prepared, 'inputs' | 'plan' | 'around'>
  readonly builder: Pick<BuilderLife, 'features'>
  readonly io: Pick<Io, 'environment'>
}

/** Returns the definition of the build. The builder must be ready: its first platform is the default of `platforms`. */
export function buildDefinitionOf({prepared, builder, io}: DefinitionRequest): BuildDefinition {
  const {inputs, plan, around} = prepared
  const {build, image} = inputs
  const {environment} = io
  const directory = path.resolve(environment['GITHUB_WORKSPACE'] ?? '.')
  const describe = (text: string): string =>
    describePath(text, {directory, environment, reproducible: build.reproducible})
  const names = plan.tags.filter(({role}) => role.kind === 'release').map(({reference}) => reference.tag)
  const parts = [
    part('context', describe(build.context)),
    part('file', dockerfileText(build, describe)),
    part('target', build.target),
    part(aroundPart, around.length === 0 ? undefined : around.map((sha) => sha.slice(0, 12)).join(',')),
    part('variant', image.variant?.name),
    platformPart(build, builder),
    ...build.buildArgs.map(({key, value = environment[key]}) =>
      part(`arg:${key}`, value === undefined ? undefined : shortHash(`${key}=${value}`)),
    ),
    ...build.image.attributes.map(({key, value}) => part(`output:${key}`, value)),
    ...build.buildContexts.map(({key, value}) => part(`context:${key}`, contextText(value, describe))),
  ]
  return {tags: formatTagNames(names), build: formatDefinition(parts.flat())}
}

type Part = readonly [name: string, value: string]

function part(name: string, value: string | undefined): readonly Part[] {
  return value === undefined ? [] : [[name, value]]
}

function platformPart({platforms}: BuildInputs, {features}: Pick<BuilderLife, 'features'>): readonly Part[] {
  const native = features?.platforms[0]
  if (platforms.length === 0) return part('platform', native && formatPlatform(native))
  return part('platforms', platforms.map(formatPlatform).sort().join(','))
}

/** Describes the Dockerfile; without `file`, that of the context. */
function dockerfileText({context, file}: BuildInputs, describe: (text: string) => string): string {
  const [candidate = ''] = dockerfileCandidates({context, file})
  if (file === undefined && !isLocal(context)) return 'Dockerfile'
  return describe(isLocal(file ?? context) ? candidate : (file ?? ''))
}

interface PathContext {
  /** Path of the workspace. */
  readonly directory: string
  readonly environment: Environment
  readonly reproducible: boolean
}

/**
 * Describes a path or an address. A path is relative to the workspace or to the runner's temporary directory, which
 * differ between runners. Any other path is hashed, so that an image does not expose the layout of a machine; for a
 * reproducible image, which may be built on several machines, even the hash is left out. An address is hashed without
 * its login, which may differ between runs.
 */
function describePath(text: string, {directory, environment, reproducible}: PathContext): string {
  if (/^(?:git$|-$|\{\{)/.test(text)) return text.replace(/\{\{\s*defaultContext\s*\}\}/, 'git')
  if (!isLocal(text)) return shortHash(text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1'))
  const full = path.resolve(directory, text)
  const temporary = environment['RUNNER_TEMP'] ?? ''
  const inTemporary = temporary === '' ? undefined : relativeTo(path.resolve(temporary), full)
  const inside =
    relativeTo(directory, full) ?? (inTemporary === undefined ? undefined : withoutRandomName(`temp:${inTemporary}`))
  return inside ?? (reproducible ? 'outside' : `outside:${shortHash(withoutRandomName(full))}`)
}

/** Replaces the random part of directory names that `mktemp -d` and Python's `mkdtemp` create. */
function withoutRandomName(text: string): string {
  return text.replace(/(?<=[/:])tmp(?:\.\w{10}|\w{8})(?=\/|$)/g, 'tmp')
}

/** Returns the path relative to the directory: `.` for the directory itself, undefined for a path outside it. */
function relativeTo(directory: string, full: string): string | undefined {
  const relative = path.relative(directory, full)
  if (relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) return undefined
  return relative === '' ? '.' : relative.replaceAll('\\', '/')
}

/** Describes a build context. The reference of an image, or of another target, contains no secret. */
function contextText(value: string, describe: (text: string) => string): string {
  return /^(?:docker-image:\/\/[\w./:@-]+|target:[\w.-]+)$/.test(value) ? value : describe(value)
}

/** Keys and values of the labels and annotations of a definition. */
export function definitionFacts({tags, build}: BuildDefinition): readonly (readonly [string, string | undefined])[] {
  return [
    [factKeys.tags, tags],
    [factKeys.build, build],
  ]
}
