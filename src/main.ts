import type {Edges} from './io/io.ts'
import {renderError, TagboatError, toTagboatError} from './errors/error.ts'

export type CommandName = 'publish' | 'stage' | 'promote' | 'cleanup'

const patienceMs = 4_000

/**
 * The one entry of all actions in this repository: runs a command, ends it when the runner asks for that, and says
 * what went wrong. A command's code is loaded with it, so that the post step loads next to nothing.
 */
export async function main(command: CommandName): Promise<void> {
  const abort = new AbortController()
  const end = (reason: TagboatError): void => {
    abort.abort(reason)
    // Whatever does not end by then is left to the post step: the runner itself would not wait much longer.
    setTimeout(() => process.exit(1), patienceMs).unref()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      end(new TagboatError('cancelled'))
    })
  }
  let crash: Promise<void> | undefined
  // An error that nothing waits for, a rejected promise too, ends the run as a signal does: what it has made is removed.
  process.on('uncaughtException', (error) => {
    if (crash !== undefined || abort.signal.aborted) return
    const failure = toTagboatError(error)
    crash = report(command, failure)
    end(failure)
  })
  try {
    await run(command, abort.signal)
  } catch (error) {
    // After a crash, the run's own error says no more than that it was ended.
    crash ??= report(command, toTagboatError(error))
  }
  await crash
  // A child that cannot be ended from here must not hold the step until the runner kills it. A signal that came when all was
  // done, and told, changes nothing of that.
  if (abort.signal.aborted) process.exit()
}

async function run(command: CommandName, signal: AbortSignal): Promise<void> {
  if (command === 'cleanup') {
    const {cleanup} = await import('./commands/cleanup.ts')
    await cleanup()
    return
  }
  const [run, {realEdges}] = await Promise.all([commands[command](), import('./io/real-io.ts')])
  await run(realEdges(signal))
}

type Command = (edges: Edges) => Promise<void>

/** Each is a chunk of the bundle, and loaded alone. */
const commands: Readonly<Record<Exclude<CommandName, 'cleanup'>, () => Promise<Command>>> = {
  publish: async () => (await import('./commands/publish.ts')).publish,
  stage: async () => (await import('./commands/stage.ts')).stage,
  promote: async () => (await import('./commands/promote.ts')).promote,
}

/** The job is decided by what was published: a post step that meets trouble warns. */
async function report(command: CommandName, error: TagboatError): Promise<void> {
  const {workflow} = await import('./io/workflow.ts')
  if (command === 'cleanup') workflow.warning(renderError(error))
  else workflow.fail(renderError(error), error.place)
}
