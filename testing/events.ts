import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

const folder = join(import.meta.dirname, '..', '__tests__', 'fixtures', 'events')

export interface EventFixture {
  /** GITHUB_* variables that the runner sets for this event. */
  readonly environment: Readonly<Record<string, string>>
  readonly payload: unknown
  /** Value for GITHUB_EVENT_PATH. */
  readonly payloadPath: string
}

/** Loads an event. `name` is a folder of `fixtures/events`. */
export function loadEvent(name: string): EventFixture {
  const payloadPath = join(folder, name, 'event.json')
  return {
    environment: readJson(join(folder, name, 'env.json')) as Record<string, string>,
    payload: readJson(payloadPath),
    payloadPath,
  }
}

/** Names of all fixtures. */
export function eventNames(): readonly string[] {
  return readdirSync(folder, {withFileTypes: true})
    .filter((entry) => entry.isDirectory())
    .map(({name}) => name)
    .sort()
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}
