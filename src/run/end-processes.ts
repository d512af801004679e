import type {endLeftovers} from '../io/leftovers.ts'

/** Kills the processes that carry a marker, like `endLeftovers`, whose code few runs need. */
export const endProcessesOf: typeof endLeftovers = async (marker, variables) => {
  const leftovers = await import('../io/leftovers.ts')
  await leftovers.endLeftovers(marker, variables)
}
