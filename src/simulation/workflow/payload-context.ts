import {OpenContext, UnknownValue} from '../../workflow-file/expressions/partial-data.ts'
import {isRecord} from '../../workflow-file/record.ts'
import type {SimulatedEvent} from '../events/event-choice.ts'

/** Fields that a simulated payload cannot know, although it has them or could have them. */
const notKnown: ReadonlySet<string> = new Set([
  ...['pull_request.labels', 'pull_request.title', 'head_commit.message', 'commits'],
  ...['release.name', 'release.body', 'release.assets', 'repository.description', 'repository.license'],
])

/**
 * Value of `github.event`. A payload that GitHub has sent is whole. A simulated one has the fields that the choice of the
 * event determines: others of its objects, such as the labels of a pull request, are not known. `given` has values by
 * their names below `github.event`.
 */
export function payloadContext(
  {payload, isSimulated = false}: SimulatedEvent,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const names = new Set([...Object.keys(payload), ...Object.keys(given).map((name) => name.split('.', 1)[0] ?? '')])
  const entries = [...names].map((name) => [name, part(payload[name], name, {isSimulated, given})] as const)
  return Object.fromEntries(entries)
}

interface Facts {
  readonly isSimulated: boolean
  readonly given: Readonly<Record<string, string>>
}

function part(value: unknown, path: string, facts: Facts): unknown {
  const {isSimulated, given} = facts
  const text = given[path]
  if (text !== undefined) return parsed(text)
  if (isSimulated && notKnown.has(path)) return new UnknownValue(`github.event.${path}`)
  const below = Object.keys(given).filter((name) => name.startsWith(`${path}.`))
  if (!isRecord(value) && below.length === 0) return value
  const own = isRecord(value) ? value : {}
  const names = new Set([
    ...Object.keys(own),
    ...[...notKnown, ...below].flatMap((name) =>
      name.startsWith(`${path}.`) ? [name.slice(path.length + 1).split('.', 1)[0] ?? ''] : [],
    ),
  ])
  const entries = [...names].map((name) => [name, part(own[name], `${path}.${name}`, facts)] as const)
  const map = Object.fromEntries(entries)
  return isSimulated ? new OpenContext(map) : map
}

/** Value of a text that is JSON, such as a list of labels, or else the text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
