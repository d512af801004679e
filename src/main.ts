import {TagboatError, toTagboatError} from './errors/error.ts'

type CommandName = 'publish' | 'stage' | 'promote' | 'prune' | 'cleanup'

/** Time that a cancelled run has to end by itself. */
const graceMs = 4_000

/**
 * Entry point of all actions in this repository: runs a command, stops it when the runner cancels the step, and reports
 * errors. The code of a command is loaded on demand, so that the post step loads little.
 */
export async function main(command: CommandName): Promise<void> {
  const abort = new AbortController()
  const end = (reason: TagboatError): void => {
    abort.abort(reason)
    // The post step removes the rest: the runner would not wait much longer.
    setTimeout(() => process.exit(1), graceMs).unref()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      end(new TagboatError('cancelled'))
    })
  }
  let crash: Promise<void> | undefined
  // An uncaught error or unhandled rejection stops the run like a signal, so that it still cleans up.
  process.on('uncaughtException', (error) => {
    if (crash !== undefined || abort.signal.aborted) return
    const failure = toTagboatError(error)
    crash = report(command, failure)
    end(failure)
  })
  try {
    await run(command, abort.signal)
  } catch (error) {
    // After a crash, the error of the run says only that it was stopped.
    crash ??= report(command, toTagboatError(error))
  }
  await crash
  // A child that does not exit must not keep the step running. A signal after the end of the run has no effect.
  if (abort.signal.aborted) process.exit()
}

async function run(command: CommandName, signal: AbortSignal): Promise<void> {
  if (command === 'cleanup') {
    const {cleanup} = await import('./commands/cleanup.ts')
    await cleanup()
    return
  }
  const {runCommand} = await import('./commands/run-command.ts')
  await runCommand(command, signal)
}

/** Reports an error. A failure of the post step is a warning, since the publication is complete. */
async function report(command: CommandName, error: TagboatError): Promise<void> {
  const [{workflow}, {errorWarning, renderError}] = await Promise.all([
    import('./io/workflow.ts'),
    import('./errors/render-error.ts'),
  ])
  if (command === 'cleanup') workflow.warning(errorWarning(error))
  else workflow.fail(renderError(error), error.place)
}
