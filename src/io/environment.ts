export type Environment = Readonly<Record<string, string | undefined>>

/** Inputs as the runner passes them: name in lower case → text as written, with the defaults of `action.yml`. */
export type RawInputs = ReadonlyMap<string, string>

export const environment: Environment = process.env

/** `INPUT_<NAME>` of the environment, by lower-case name; an input that is absent is not in the map. */
export function rawInputs(variables: Environment): RawInputs {
  const inputs = new Map<string, string>()
  for (const [name, value] of Object.entries(variables)) {
    if (name.startsWith('INPUT_') && value !== undefined) inputs.set(name.slice('INPUT_'.length).toLowerCase(), value)
  }
  return inputs
}

/** State that `main` saved for `post`; empty when it saved none. */
export function savedState(variables: Environment, name: string): string {
  return variables[`STATE_${name}`] ?? ''
}
