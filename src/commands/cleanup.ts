import path from 'node:path'
import {environment, savedState} from '../io/environment.ts'
import {files} from '../io/files.ts'
import {endLeftovers} from '../io/leftovers.ts'
import {bakePrefix, bakeState, builderState, homePrefix, homeState, markerState} from '../run/saved-state.ts'
import {temporaryPath} from '../run/temporary-path.ts'

/**
 * The post step: whatever became of the run, its processes and its credentials are gone after this. It knows of them
 * by saved state alone, and never fails the job. The state is a file that other programs of the job may have written to: what
 * it names is removed only if this run can have made it.
 */
export async function cleanup(endProcesses = endLeftovers): Promise<void> {
  const home = ownDirectory(savedState(environment, homeState), homePrefix)
  const marker = ownMarker(home)
  try {
    if (marker !== '') await endProcesses(marker, environment)
  } finally {
    const bake = ownDirectory(savedState(environment, bakeState), bakePrefix)
    // What created the builder is gone, so that it cannot come back.
    await removeDirectories([home, bake]).finally(async () => removeBuilder(marker))
  }
}

async function removeBuilder(marker: string): Promise<void> {
  const builder = savedState(environment, builderState)
  if (builder === '') return
  const [{removeLeftBuilder}, {runLasting}] = await Promise.all([
    import('../builder/remove-left-builder.ts'),
    import('../io/lasting-process.ts'),
  ])
  await removeLeftBuilder(builder, marker, {environment, files, lasting: runLasting, show})
}

async function show(title: string, text: string): Promise<void> {
  const {workflow} = await import('../io/workflow.ts')
  await workflow.inQuietGroup(title, async (write) => {
    write(text)
    return Promise.resolve()
  })
}

/** Credentials go, whether or not the processes could be looked for. */
async function removeDirectories(directories: readonly (string | undefined)[]): Promise<void> {
  const removals = directories.map(async (directory) => {
    if (directory !== undefined) await files.removeDirectory(directory)
  })
  const failure = (await Promise.allSettled(removals)).find(({status}) => status === 'rejected')
  if (failure?.status === 'rejected') throw failure.reason
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

/** A path that this run gives to a directory of its own: one name in the temporary directory, a prefix and a UUID. */
function ownDirectory(saved: string, prefix: string): string | undefined {
  const name = path.basename(saved)
  const isOwn = name.startsWith(prefix) && uuid.test(name.slice(prefix.length))
  return isOwn && saved === temporaryPath({environment}, name) ? saved : undefined
}

/** The mark of the run's processes: the UUID of its home. Empty: the state does not say. */
function ownMarker(home: string | undefined): string {
  const marker = savedState(environment, markerState)
  return home !== undefined && path.basename(home) === `${homePrefix}${marker}` ? marker : ''
}
