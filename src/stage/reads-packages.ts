import path from 'node:path'
import {dockerfileCandidates, isLocal} from '../buildx/dockerfile.ts'
import type {BuildInputs} from '../inputs/inputs.ts'
import type {Io} from '../io/io.ts'
import {dockerHub} from '../oci/reference.ts'
import type {Prepared} from '../prepare/prepare.ts'

/**
 * Reports whether the build may read an image or a cache from ghcr.io: an input or the Dockerfile names it. A Dockerfile
 * that is not on this machine is unknown, and counts as one that does not.
 */
export async function readsPackages(prepared: Pick<Prepared, 'inputs'>, io: Io): Promise<boolean> {
  return textsOf(prepared, io).some(namesPackages) || namesPackages(await dockerfileText(prepared.inputs.build, io))
}

/** Registries of clouds that the build may read from. They count only if an input has an identity for clouds. */
export async function readsClouds(prepared: Pick<Prepared, 'inputs'>, io: Io): Promise<readonly string[]> {
  const {build, credentials} = prepared.inputs
  const {clouds} = credentials
  if (clouds === undefined) return []
  const {cloudHostsIn} = await import('../credentials/cloud/cloud-hosts.ts')
  const dockerfile = await dockerfileText(build, io)
  const text = [...textsOf(prepared, io), dockerfile].join('\n')
  const isRead = readsIn(text, dockerfile)
  const ofItems = clouds.items.map(({host}) => host).filter(isRead)
  return [...cloudHostsIn(text), ...ofItems]
}

/**
 * Reports for a registry whether the build may read from it: an input or the Dockerfile names it. Docker Hub needs no
 * name. A Dockerfile that is not on this machine may name each registry.
 */
export async function readsHost(prepared: Pick<Prepared, 'inputs'>, io: Io): Promise<(host: string) => boolean> {
  const dockerfile = await dockerfileText(prepared.inputs.build, io)
  return readsIn([...textsOf(prepared, io), dockerfile].join('\n'), dockerfile)
}

function readsIn(text: string, dockerfile: string): (host: string) => boolean {
  const lower = text.toLowerCase()
  return (host) => dockerfile === '' || host === dockerHub.name || lower.includes(host.toLowerCase())
}

/** Text of the inputs and the Dockerfile, which name the images and caches of the build. */
export async function textOfBuild(prepared: Pick<Prepared, 'inputs'>, io: Io): Promise<string> {
  return [...textsOf(prepared, io), await dockerfileText(prepared.inputs.build, io)].join('\n')
}

/** Inputs that may name an image or a cache. */
function textsOf({inputs}: Pick<Prepared, 'inputs'>, io: Io): readonly string[] {
  const {build, builder} = inputs
  return [
    ...build.cacheFrom,
    ...build.cacheTo,
    ...build.attests,
    build.sbom ?? '',
    ...build.buildContexts.map(({value}) => value),
    ...build.buildArgs.map(({key, value}) => value ?? io.environment[key] ?? ''),
    ...builder.mirrors.map(({location}) => location),
  ]
}

function namesPackages(text: string): boolean {
  return /(?<![\w.-])ghcr\.io(?![\w-]|\.\w)/i.test(text)
}

/** Text of the Dockerfile. A Git context of this run has it in the checkout, if there is one. */
async function dockerfileText({context, file}: BuildInputs, io: Io): Promise<string> {
  const [, folder] = /^(?:git|\{\{ *defaultContext *\}\})(?::(.*))?$/s.exec(context) ?? []
  const isOwn = /^(?:git$|\{\{)/.test(context)
  const directory = isOwn ? (folder ?? '.') : context
  if (!isLocal(file ?? directory)) return ''
  const source = isOwn && file !== undefined ? path.join(directory, file) : file
  for (const candidate of dockerfileCandidates({context: directory, file: source})) {
    const text = await readText(candidate, io)
    if (text !== undefined) return text
  }
  return ''
}

/** Text of a file. Undefined if it cannot be read, which the build reports. */
async function readText(file: string, {files}: Io): Promise<string | undefined> {
  try {
    return await files.read(file)
  } catch {
    return undefined
  }
}
