import type {PruneInputs} from '../../inputs/prune/policy.ts'
import type {RepositoryContent} from '../repository-content.ts'

/**
 * Digests in `protect` that none of these repositories has, as far as they list their images. One after the name of another
 * repository is not among them: a list from a cluster has many.
 */
export function unknownDigests(
  {protected: all}: Pick<PruneInputs, 'protected'>,
  contents: readonly Pick<RepositoryContent, 'repository' | 'manifests'>[],
): readonly string[] {
  const digests = all.flatMap((one) => {
    if (one.kind === 'reference') return []
    const {digest, of, isAlone} = one
    const named = contents.filter(
      ({repository}) => isAlone === true || (of?.host === repository.host && of.path === repository.path),
    )
    const isKnown = named.some(({manifests}) => (manifests.get(digest)?.kind ?? 'missing') !== 'missing')
    return named.length === 0 || isKnown ? [] : [digest]
  })
  return [...new Set(digests)]
}
