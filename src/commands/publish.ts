import type {Io} from '../io/io.ts'
import {prepare} from '../prepare/prepare.ts'
import {reported} from './reporting.ts'

/** The action `tagboat`: plan, stage, gate, promote, report. */
export async function publish(io: Io): Promise<void> {
  const prepared = await prepare(io, 'publish')
  await reported('publish', prepared, io, async () => {
    // Loaded here: a dry run, and one that has nothing to publish, need nothing of it.
    const {buildAndPublish} = await import('./publish-image.ts')
    return buildAndPublish(prepared, io)
  })
}
