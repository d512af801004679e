import type {Edges} from '../io/io.ts'
import {prepare} from '../prepare/prepare.ts'
import {reported} from './reporting.ts'

/** The action `tagboat`: plan, stage, gate, promote, report. */
export async function publish(edges: Edges): Promise<void> {
  const prepared = await prepare(edges, 'publish')
  await reported('publish', prepared, edges, async () => {
    // Loaded here: a dry run, and one that has nothing to publish, need nothing of it.
    const {buildAndPublish} = await import('./publish-image.ts')
    return buildAndPublish(prepared, edges)
  })
}
