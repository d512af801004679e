export type Environment = Readonly<Record<string, string | undefined>>

/** Inputs as the runner passes them, with the defaults of `action.yml`: lower-case name → text. */
export type RawInputs = ReadonlyMap<string, string>

export const environment: Environment = process.env

/** Reads the inputs from the variables `INPUT_<NAME>`. An absent input is not in the map. */
export function rawInputs(variables: Environment): RawInputs {
  const inputs = new Map<string, string>()
  for (const [name, value] of Object.entries(variables)) {
    if (name.startsWith('INPUT_') && value !== undefined) inputs.set(name.slice('INPUT_'.length).toLowerCase(), value)
  }
  return inputs
}

/** State that the main step saved for the post step; empty when it saved none. */
export function savedState(variables: Environment, name: string): string {
  return variables[`STATE_${name}`] ?? ''
}
