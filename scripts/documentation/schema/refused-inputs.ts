import {actionNames, type ActionName} from '../../../src/inputs/spec/action-names.ts'
import {foreignRemedies} from '../../../src/inputs/spec/unknown-inputs.ts'
import type {JsonSchema} from './json-schema.ts'

/** Names of inputs that a block refuses, with the schema that has the remedy. */
export type Refused = readonly (readonly [names: readonly string[], schema: JsonSchema])[]

/** Schema that accepts no value, with a single message. That of `not: {}` cannot be chosen. */
export function refusal(remedy: string): JsonSchema {
  return {description: remedy, doNotSuggest: true, type: 'string', pattern: '(?!)', errorMessage: remedy}
}

/** Definitions of the remedies for inputs of other actions, each named after the first of its inputs. */
export function foreignDefinitions(): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries([...definitionIds].map(([remedy, id]) => [id, refusal(remedy)]))
}

/** Inputs of other actions that an action refuses. */
export function refusedIn(action: ActionName): Refused {
  const groups = Map.groupBy(foreignRemedies(action), ([, remedy]) => remedy)
  return [...groups.values()].map((inputs) => {
    const names = inputs.map(([name]) => name)
    return [names, foreignReference(names[0] ?? '', action)] as const
  })
}

/** Reference to the remedy for an input of another action. @throws Error if the action has none for it. */
export function foreignReference(name: string, action: ActionName): JsonSchema {
  const remedy = new Map(foreignRemedies(action)).get(name)
  const id = remedy === undefined ? undefined : definitionIds.get(remedy)
  if (id === undefined) throw new Error(`${action} has no remedy for the input ${name}`)
  return {$ref: `#/$defs/${id}`}
}

const definitionIds: ReadonlyMap<string, string> = new Map(
  actionNames
    .flatMap((action) => [...foreignRemedies(action)])
    .map(([name, remedy]) => [remedy, `foreign-${name}`] as const)
    .reverse(),
)
