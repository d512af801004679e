import {numberAt} from '../../context/payload.ts'
import {UnknownValue} from '../../workflow-file/expressions/partial-data.ts'
import type {SimulatedEvent} from '../events/event-choice.ts'
import {isRunFact} from './fact-names.ts'

/** Fields of the context `github` that only a run knows, with the place of those that a payload has. */
const notKnown: readonly (readonly [field: string, place?: readonly string[]])[] = [
  ['run_id'],
  ['run_number'],
  ['actor_id', ['sender', 'id']],
  ['repository_id', ['repository', 'id']],
  ['repository_owner_id', ['repository', 'owner', 'id']],
]

/**
 * Event whose context `github` does not have made-up values. Values that are given count, also in the variables of the
 * steps. Without one, the actor is the owner of the repository, and the run is the first attempt.
 */
export function withRunFacts(event: SimulatedEvent, values: Readonly<Record<string, string>>): SimulatedEvent {
  const {payload, isSimulated = false} = event
  const own = notKnown.map(([field, place]) => {
    const id = isSimulated || place === undefined ? undefined : numberAt(payload, ...place)
    return [field, id === undefined ? new UnknownValue(`github.${field}`) : String(id)] as const
  })
  const written = Object.entries(values).flatMap(([name, value]) =>
    isRunFact(name) ? [[name.slice('github.'.length).toLowerCase(), value] as const] : [],
  )
  const actor = written.find(([field]) => field === 'actor')?.[1]
  const given = [...(actor === undefined ? [] : [['triggering_actor', actor] as const]), ...written]
  const variables = given.map(([field, value]) => [`GITHUB_${field.toUpperCase()}`, value] as const)
  const sender = payload['sender']
  const sent =
    actor !== undefined && isSimulated && typeof sender === 'object' ? {sender: {...sender, login: actor}} : {}
  return {
    ...event,
    environment: {...event.environment, ...Object.fromEntries(variables)},
    payload: {...payload, ...sent},
    github: {...event.github, ...Object.fromEntries<unknown>([...own, ...given])},
  }
}
