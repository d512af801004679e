import {environment, savedState} from '../edge/environment.ts'
import {files} from '../edge/files.ts'
import {endLeftovers} from '../edge/leftovers.ts'
import {bakeState, builderState, homeState, markerState} from './state.ts'

/**
 * The post step: whatever became of the run, its processes and its credentials are gone after this. It knows of them
 * by saved state alone, and never fails the job.
 */
export async function cleanup(): Promise<void> {
  const home = savedState(environment, homeState)
  try {
    if (home !== '') await endLeftovers(savedState(environment, markerState))
  } finally {
    // What created the builder is gone, so that it cannot come back.
    await removeFiles(home).finally(removeBuilder)
  }
}

async function removeBuilder(): Promise<void> {
  const builder = savedState(environment, builderState)
  if (builder === '') return
  const {removeLeftBuilder} = await import('./left-builder.ts')
  await removeLeftBuilder(builder)
}

/** Credentials go, whether or not the processes could be looked for. */
async function removeFiles(home: string): Promise<void> {
  for (const directory of [home, savedState(environment, bakeState)]) {
    if (directory !== '') await files.remove(directory)
  }
}
