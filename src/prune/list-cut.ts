import {retentionError} from '../errors/retention-error.ts'
import type {TagboatError} from '../errors/error.ts'
import {formatRepository, type Repository} from '../oci/reference.ts'

/** Creates the error for a list of images that cannot be read to its end. */
export function listCut(repository: Repository, evidence: string): TagboatError {
  return retentionError('prune-list-cut', {
    message: `The list of the images of ${formatRepository(repository)} could not be read to its end.`,
    remedy: 'Run the job again later. Without the whole list, nothing more is deleted.',
    evidence: [evidence],
  })
}
