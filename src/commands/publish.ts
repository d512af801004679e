import type {Io} from '../io/io.ts'
import {prepareRun} from './prepare-run.ts'
import {withReport} from './reporting.ts'

/**
 * Action `tagboat`: plans, stages, runs the gates, promotes and reports. Then it deletes the tags of a pull request or branch
 * that the event closed, if `closed: delete` is set.
 */
export async function publish(io: Io): Promise<void> {
  const prepared = await prepareRun(io, 'publish')
  await withReport('publish', prepared, io, async () => {
    // Loaded on demand: a dry run, or a run with nothing to publish, does not need it.
    const {buildAndPublish} = await import('./publish-image.ts')
    return buildAndPublish(prepared, io)
  })
  if (prepared.inputs.publish.closed === 'keep') return
  const {deleteClosed} = await import('./closed/delete-closed.ts')
  await deleteClosed(prepared, io)
}
