import {environment, savedState} from '../edge/environment.ts'
import {files} from '../edge/files.ts'
import {endLeftovers} from '../edge/leftovers.ts'
import {homeState, markerState} from './state.ts'

/**
 * The post step: whatever became of the run, its processes and its credentials are gone after this. It knows of them
 * by saved state alone, and never fails the job.
 */
export async function cleanup(): Promise<void> {
  const directory = savedState(environment, homeState)
  if (directory === '') return
  await endLeftovers(savedState(environment, markerState))
  await files.remove(directory)
}
