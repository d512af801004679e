import type {Io} from '../io/io.ts'
import {realIo} from '../io/real-io.ts'
import type {ActionName} from '../inputs/spec/action-names.ts'

/** Runs the command of an action with real side effects. */
export async function runCommand(action: ActionName, signal: AbortSignal): Promise<void> {
  const run = await commands[action]()
  await run(realIo(signal))
}

type Command = (io: Io) => Promise<void>

/** Commands by action. Each is a separate chunk of the bundle. */
const commands: Readonly<Record<ActionName, () => Promise<Command>>> = {
  publish: async () => (await import('./publish.ts')).publish,
  stage: async () => (await import('./stage.ts')).stage,
  promote: async () => (await import('./promote.ts')).promote,
  prune: async () => (await import('./prune/prune.ts')).prune,
}
