import {OpenContext, UnknownValue} from '../../workflow-file/expressions/partial-data.ts'
import {isRecord} from '../../workflow-file/record.ts'
import type {SimulatedEvent} from '../events/event-choice.ts'

/** Fields that a simulated payload cannot know, although it has them or could have them. */
const notKnown: ReadonlySet<string> = new Set([
  ...['pull_request.labels', 'pull_request.title', 'head_commit.message', 'commits'],
  ...['release.name', 'release.body', 'release.assets', 'repository.description', 'repository.license'],
  ...['id', 'owner.id', 'pushed_at', 'created_at', 'updated_at'].map((name) => `repository.${name}`),
  ...['sender.id', 'pull_request.id', 'release.id', 'workflow_run.id', 'comment.id'],
])

const ofPull = /^pull_request/
const ofRef = /^(?:push|create|delete|workflow_dispatch)$/

/** Events whose payloads have a part. A part that is not listed can be of any event. */
const eventsOfPart: ReadonlyMap<string, RegExp> = new Map([
  ['schedule', /^schedule$/],
  ['client_payload', /^repository_dispatch$/],
  ['release', /^release$/],
  ['pull_request', ofPull],
  ['review', /^pull_request_review$/],
  ['workflow_run', /^workflow_run$/],
  ['merge_group', /^merge_group$/],
  ['issue', /^issue/],
  ['comment', /_comment$/],
  ['discussion', /^discussion/],
  ['deployment', /^deployment/],
  ['deployment_status', /^deployment_status$/],
  ['check_run', /^check_run$/],
  ['check_suite', /^check_suite$/],
  ['ref', ofRef],
  ['ref_type', /^(?:create|delete)$/],
  ['master_branch', /^create$/],
  ...['before', 'after'].map((name) => [name, /^(?:push$|pull_request)/] as const),
  ...['head_commit', 'commits', 'pusher', 'compare', 'created', 'deleted', 'forced', 'base_ref'].map(
    (name) => [name, /^push$/] as const,
  ),
])

/**
 * Value of `github.event`. A payload that GitHub has sent is whole. A simulated one has the fields that the choice of the
 * event determines: others of its objects, such as the labels of a pull request, are not known. `given` has values by
 * their names below `github.event`, of which those count that the event can have.
 */
export function payloadContext(
  {environment, payload, isSimulated = false}: SimulatedEvent,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const event = environment['GITHUB_EVENT_NAME'] ?? ''
  const fitting = Object.entries(given).filter(([name]) => {
    const first = firstPart(name)
    return Object.hasOwn(payload, first) || eventsOfPart.get(first)?.test(event) !== false
  })
  const names = new Set([...Object.keys(payload), ...fitting.map(([name]) => firstPart(name))])
  const facts = {isSimulated, given: Object.fromEntries(fitting)}
  return Object.fromEntries([...names].map((name) => [name, part(payload[name], name, facts)] as const))
}

function firstPart(path: string): string {
  return path.split('.', 1)[0] ?? ''
}

interface Facts {
  readonly isSimulated: boolean
  readonly given: Readonly<Record<string, string>>
}

function part(value: unknown, path: string, facts: Facts): unknown {
  const {isSimulated, given} = facts
  const text = given[path]
  if (text !== undefined) return parsed(text, path, value)
  if (isSimulated && notKnown.has(path)) return new UnknownValue(`github.event.${path}`)
  const below = Object.keys(given).filter((name) => name.startsWith(`${path}.`))
  if (!isRecord(value) && below.length === 0) return value
  const own = isRecord(value) ? value : {}
  const names = new Set([
    ...Object.keys(own),
    ...[...notKnown, ...below].flatMap((name) =>
      name.startsWith(`${path}.`) ? [firstPart(name.slice(path.length + 1))] : [],
    ),
  ])
  const entries = [...names].map((name) => [name, part(own[name], `${path}.${name}`, facts)] as const)
  const map = Object.fromEntries(entries)
  return isSimulated ? new OpenContext(map) : map
}

/** Fields of payloads that GitHub sends as `true` or `false`. */
const booleanField =
  /(?:^|\.)(?:draft|merged|mergeable|rebaseable|prerelease|private|fork|archived|disabled|locked|is_template|site_admin|(?:has|allow)_\w+)$/

/** Value of a given text: that of JSON for an object, a list, and a field that is a text in no event. */
function parsed(text: string, path: string, own: unknown): unknown {
  const isTyped = ['boolean', 'number'].includes(typeof own) || own === null
  const isBoolean = booleanField.test(path) && !path.startsWith('client_payload.')
  const isLiteral = (isTyped || isBoolean) && /^(?:true|false|null|\d+)$/.test(text)
  if (!isLiteral && !/^\s*[[{]/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
