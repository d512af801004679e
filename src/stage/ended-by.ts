import type {Processes} from '../io/process.ts'

/** The same processes, whose long commands end with the signal too. */
export function endedBy(processes: Processes, end: AbortSignal): Processes {
  return {
    ...processes,
    stream: async (command, onOutput) => {
      const until = command.until === undefined ? end : AbortSignal.any([command.until, end])
      return processes.stream({...command, until}, onOutput)
    },
  }
}
