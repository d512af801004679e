import type {Io} from '../io/io.ts'
import {prepareRun} from './prepare-run.ts'
import {withReport} from './reporting.ts'

/** Action `tagboat`: plans, stages, runs the gates, promotes and reports. */
export async function publish(io: Io): Promise<void> {
  const prepared = await prepareRun(io, 'publish')
  await withReport('publish', prepared, io, async () => {
    // Loaded on demand: a dry run, or a run with nothing to publish, does not need it.
    const {buildAndPublish} = await import('./publish-image.ts')
    return buildAndPublish(prepared, io)
  })
}
