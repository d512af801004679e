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
 * Reports whether an image states another repository as the source of its commit, on any server. The branches and pull
 * requests that made its tags are those of that repository. A folder of the own repository does not count.
 */
export function isOfOtherRepository({source}: ImageFacts, own: string | undefined): boolean {
  const [stated, expected] = [repositoryIn(source), repositoryIn(own)]
  return stated !== undefined && stated !== expected && !stated.startsWith(`${expected ?? ''}/`)
}

/** Host and path of the web address of a repository: `github.com/acme/app`. */
function repositoryIn(address: string | undefined): string | undefined {
  return /^https?:\/\/([^/]+\/[^/]+\/.+?)(?:\.git)?\/?$/.exec(address?.toLowerCase() ?? '')?.[1]
}

/** Variant that an image states in its build definition. */
export function variantIn({build}: ImageFacts): string | undefined {
  return /(?:^|\s)variant=([\w.-]+)(?=\s|$)/.exec(build ?? '')?.[1]
}
