import {TagboatError} from '../errors/error.ts'
import {parseJson} from '../oci/manifest.ts'
import {formatRepository} from '../oci/reference.ts'
import {baseImages, contextImages, repositoryOfImage} from '../buildx/base-images.ts'
import {dockerfileCandidates, isLocal} from '../buildx/dockerfile.ts'
import type {BuildInputs} from '../inputs/inputs.ts'
import type {Io} from '../io/io.ts'
import type {Processes} from '../io/process.ts'

interface EngineIo {
  readonly processes: Processes
  /** Environment of the Docker CLI. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * Images that only the Docker engine has: an earlier step has built or loaded them, and no registry is known to have
 * them under this name. A builder with its own BuildKit cannot read them.
 */
export async function imagesOfEngine(images: readonly string[], io: EngineIo): Promise<readonly string[]> {
  const found = await Promise.all(images.map(async (image) => ({image, isOnly: await isOnlyInEngine(image, io)})))
  return found.flatMap(({image, isOnly}) => (isOnly ? [image] : []))
}

/** The engine notes a digest for each repository that it has pulled an image from, or pushed it to. */
async function isOnlyInEngine(image: string, {processes, env}: EngineIo): Promise<boolean> {
  const args = ['image', 'inspect', '--format', '{{json .RepoDigests}}', image]
  const {exitCode, stdout} = await processes.capture({file: 'docker', args, env}).catch((error: unknown) => {
    // Buildx without the Docker CLI.
    if (error instanceof TagboatError && error.code === 'docker-missing') return {exitCode: 1, stdout: ''}
    throw error
  })
  if (exitCode !== 0) return false
  const digests = parseJson(Buffer.from(stdout))
  const known = (Array.isArray(digests) ? digests : []).filter((digest) => typeof digest === 'string')
  const own = nameOf(image)
  return !known.some((digest) => nameOf(digest) === own)
}

function nameOf(image: string): string | undefined {
  const repository = repositoryOfImage(image)
  return repository && formatRepository(repository)
}

/** Images that the local Dockerfile of a build and its contexts name; those of contexts only for a remote Dockerfile. */
export async function imagesOfBuild(build: BuildInputs, {files}: Pick<Io, 'files'>): Promise<readonly string[]> {
  const named = contextImages(build)
  if (!isLocal(build.file ?? build.context)) return named
  for (const file of dockerfileCandidates(build)) {
    const text = await files.read(file).catch(() => undefined)
    if (text !== undefined) return [...new Set([...baseImages(text, build), ...named])]
  }
  return named
}
