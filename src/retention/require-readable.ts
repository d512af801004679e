import {retentionError} from '../errors/retention-error.ts'
import {formatRepository, type Repository} from '../oci/reference.ts'
import type {DeletionPlan} from './plan-deletion.ts'

/**
 * Requires that everything that a kept image needs could be read. Otherwise, the plan deletes nothing.
 * @throws TagboatError `prune-unreadable`
 */
export function requireReadable({unreadable}: Pick<DeletionPlan, 'unreadable'>, repository: Repository): void {
  if (unreadable.length === 0) return
  const name = formatRepository(repository)
  throw retentionError('prune-unreadable', {
    evidence: unreadable.map(({digest, reason, root}) => {
      const image = root.cause.kind === 'tag' ? `${name}:${root.cause.tag}` : `${name}@${root.digest}`
      return digest === root.digest
        ? `${image} cannot be read: ${reason}`
        : `${image} needs ${digest}, which cannot be read: ${reason}`
    }),
  })
}
