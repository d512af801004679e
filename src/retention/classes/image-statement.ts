import {mergeFacts, noFacts, type ImageFacts} from '../../oci/image-facts.ts'
import type {RepositoryContent} from '../repository-content.ts'
import type {StoredManifest} from '../stored-manifest.ts'

/** Manifests of an image that were read: its own, and those of its platforms. */
export function manifestsOf(
  {manifests}: Pick<RepositoryContent, 'manifests'>,
  digest: string,
): readonly StoredManifest[] {
  const own = readOf(manifests, digest)
  return own === undefined ? [] : [own, ...own.children.flatMap((child) => readOf(manifests, child) ?? [])]
}

function readOf(manifests: RepositoryContent['manifests'], digest: string): StoredManifest | undefined {
  const read = manifests.get(digest)
  return read?.kind === 'read' ? read.manifest : undefined
}

/** Facts that an image states. An index without annotations has those of its platforms. */
export function factsOf(content: Pick<RepositoryContent, 'manifests'>, digest: string): ImageFacts {
  return manifestsOf(content, digest).reduce((facts, manifest) => mergeFacts(facts, manifest.facts), noFacts)
}

/** Reports whether an image was built by this program, which states how. */
export function isOfTagboat({commitDate, runId, tags, build, floating}: ImageFacts): boolean {
  return [commitDate, runId, tags, build, floating].some((fact) => fact !== undefined)
}

/**
 * Reports whether an image states a repository of the same server as the source of its commit, and it is another one. The
 * branches and pull requests that made its tags are those of that repository.
 */
export function isOfOtherRepository({source}: ImageFacts, own: string | undefined): boolean {
  const [stated, expected] = [repositoryIn(source), repositoryIn(own)]
  return stated?.host === expected?.host && stated?.path !== expected?.path
}

function repositoryIn(address: string | undefined): {readonly host: string; readonly path: string} | undefined {
  const [, host, path] = /^https?:\/\/([^/]+)\/([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(address?.toLowerCase() ?? '') ?? []
  return host === undefined || path === undefined ? undefined : {host, path}
}

/** Variant that an image states in its build definition. */
export function variantIn({build}: ImageFacts): string | undefined {
  return /(?:^|\s)variant=([\w.-]+)(?=\s|$)/.exec(build ?? '')?.[1]
}
