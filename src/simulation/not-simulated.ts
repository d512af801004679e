/** Code of a failure that is a limit of the simulation. */
export const notSimulated = 'not-simulated'

const name = 'NotSimulatedError'

/** Creates the error for something that only a real run can do. */
export function cannotSimulate(what: string): Error {
  return Object.assign(new Error(`This cannot be simulated: ${what}.`), {name})
}

/** Reports whether a failure is a limit of the simulation. In a page, the modules in place of those of Node throw it too. */
export function isNotSimulated(thrown: unknown): thrown is Error {
  return thrown instanceof Error && thrown.name === name
}
