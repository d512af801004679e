import path from 'node:path'
import {environment, savedState} from '../io/environment.ts'
import {removeDirectory} from '../io/remove.ts'
import {endProcessesOf} from '../run/end-processes.ts'
import {
  bakePrefix,
  bakeState,
  builderState,
  configPrefix,
  configState,
  markerState,
  scanPrefix,
  scanState,
  testImagesState,
} from '../run/saved-state.ts'
import {temporaryPath} from '../run/temporary-path.ts'

/**
 * Post step: stops the processes of the run and removes its credentials, also after a killed run. It finds them only by
 * the saved state, and never fails the job. Other programs of the job can write to the state file, so a path is removed
 * only if this run can have created it.
 */
export async function cleanup(endProcesses = endProcessesOf): Promise<void> {
  const config = runDirectory(savedState(environment, configState), configPrefix)
  const marker = runMarker(config)
  try {
    if (marker !== '') await endProcesses(marker, environment)
  } finally {
    const bake = runDirectory(savedState(environment, bakeState), bakePrefix)
    const scan = runDirectory(savedState(environment, scanState), scanPrefix)
    // The processes that could create the builder again have ended.
    await removeDirectories([config, bake, scan])
      .finally(async () => removeImages(marker))
      .finally(async () => removeBuilder(marker))
  }
}

/** Removes the image that a killed run loaded for its test. */
async function removeImages(marker: string): Promise<void> {
  const saved = savedState(environment, testImagesState)
  if (saved === '') return
  const [{imagesOfRun, removeTestImages}, {runLasting}, {childEnvironment}] = await Promise.all([
    import('../stage/unpushed/remove-test-images.ts'),
    import('../io/child-processes/lasting-process.ts'),
    import('../io/io.ts'),
  ])
  const env = childEnvironment({environment, marker})
  const left = await removeTestImages(imagesOfRun(saved, marker), env, {lasting: runLasting})
  if (left.length > 0) await show('docker image rm', `${left.join('\n')}\n`)
}

async function removeBuilder(marker: string): Promise<void> {
  const builder = savedState(environment, builderState)
  if (builder === '') return
  const [{removeLeftBuilder}, {files}, {runLasting}, {orStandalone}] = await Promise.all([
    import('../builder/remove-left-builder.ts'),
    import('../io/files.ts'),
    import('../io/child-processes/lasting-process.ts'),
    import('../io/command.ts'),
  ])
  await removeLeftBuilder(builder, marker, {
    environment,
    files,
    lasting: async (command) => orStandalone(command, runLasting),
    show,
  })
}

async function show(title: string, text: string): Promise<void> {
  const {workflow} = await import('../io/workflow.ts')
  await workflow.inQuietGroup(title, async (write) => {
    write(text)
    return Promise.resolve()
  })
}

/** Removes all directories, also if one of them cannot be removed. */
async function removeDirectories(directories: readonly (string | undefined)[]): Promise<void> {
  const removals = directories.map(async (directory) => {
    if (directory !== undefined) await removeDirectory(directory)
  })
  const failure = (await Promise.allSettled(removals)).find(({status}) => status === 'rejected')
  if (failure?.status === 'rejected') throw failure.reason
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

/** Returns a saved path if this run can have created it: a prefix and a UUID in the temporary directory. */
function runDirectory(saved: string, prefix: string): string | undefined {
  const name = path.basename(saved)
  const isValid = name.startsWith(prefix) && uuid.test(name.slice(prefix.length))
  return isValid && saved === temporaryPath({environment}, name) ? saved : undefined
}

/** Marker of the processes of the run: the UUID in the path of its configuration. Empty without a valid state. */
function runMarker(config: string | undefined): string {
  const marker = savedState(environment, markerState)
  return config !== undefined && path.basename(config) === `${configPrefix}${marker}` ? marker : ''
}
