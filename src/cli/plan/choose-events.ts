import {fieldAt, numberAt, textAt} from '../../context/payload.ts'
import {nearest} from '../../inputs/syntax/nearest.ts'
import type {EventChoice, SimulatedEvent} from '../../simulation/events/event-choice.ts'
import {guessedRef} from '../../simulation/events/full-ref.ts'
import {fitsRef, otherEvents, sampleEvents, titleFor, type SampleEvent} from '../../simulation/events/sample-events.ts'
import {eventOf, simulatedEvent} from '../../simulation/events/simulated-event.ts'
import {UsageError} from '../command-line.ts'
import type {CheckoutFacts} from './checkout-facts.ts'

/** Event to plan for, with its name. */
export interface NamedEvent {
  readonly name: string
  readonly title: string
  readonly event: SimulatedEvent
  /** Whether another workflow calls this one. */
  readonly isCalled: boolean
}

/** Options about events. */
export interface EventOptions {
  readonly names: readonly string[]
  readonly all: boolean
  /** Whether another workflow calls this one, and has the events. */
  readonly called: boolean
  readonly ref: string | undefined
  readonly sha: string | undefined
  readonly repository: string | undefined
  readonly defaultBranch: string | undefined
  /** Payload of the event; undefined for a simulated one. */
  readonly payload: Readonly<Record<string, unknown>> | undefined
  readonly inputs: Readonly<Record<string, string>>
}

/** Chooses the events to plan for. @throws UsageError */
export function chooseEvents(options: EventOptions, facts: CheckoutFacts, now: Date): readonly NamedEvent[] {
  const {names, all, payload} = options
  if (payload !== undefined) return [withPayload(options, payload, facts, now)]
  const chosen = all ? sampleEvents.map(({id}) => id) : names.length > 0 ? names : ['push']
  return chosen.map((name) => {
    // A workflow that is called has the event of its caller.
    const isCall = name === 'workflow_call'
    const sample = choiceOf(isCall ? 'push' : name, facts)
    const choice = completed(sample, options, facts)
    const title = isCall ? 'Call' : titleFor(sample, options.ref === undefined ? undefined : choice.ref)
    return {name, title, event: simulatedEvent(choice, now), isCalled: isCall || options.called}
  })
}

function choiceOf(name: string, {ref}: CheckoutFacts): SampleEvent {
  const sample = sampleEvents.find(({id}) => id === name)
  if (sample !== undefined) return sample
  const events = [...new Set([...sampleEvents.map(({choice}) => choice.event), ...otherEvents.map(({id}) => id)])]
  if (!events.includes(name)) {
    const similar = nearest(name, [...sampleEvents.map(({id}) => id), ...events])
    throw new UsageError(`unknown event ${name}${similar === undefined ? '' : `. Did you mean ${similar}?`}`)
  }
  const isOfRef = name === 'push' || name === 'workflow_dispatch'
  return {id: name, title: name, choice: {event: name, ...(isOfRef && ref !== undefined && {ref})}}
}

/** Choice with the options, or else with the facts of the checkout. */
function completed(sample: SampleEvent, options: EventOptions, facts: CheckoutFacts): EventChoice {
  const {choice} = sample
  const given = options.ref === undefined ? undefined : (facts.ref ?? guessedRef(options.ref))
  const sha = options.sha ?? facts.sha
  const repository = options.repository ?? facts.repository
  const defaultBranch = options.defaultBranch ?? facts.defaultBranch
  // Of all events, those for another kind of ref keep their own.
  const takesGiven = given !== undefined && (!options.all || fitsRef(sample, given, defaultBranch))
  const ref = takesGiven ? given : choice.ref
  return {
    ...choice,
    ...(ref !== undefined && {ref}),
    ...(sha !== undefined && {sha}),
    ...(repository !== undefined && {repository}),
    ...(defaultBranch !== undefined && {defaultBranch}),
    inputs: options.inputs,
  }
}

/** Event with a payload that GitHub has sent. Its variables are those of the event that the payload describes. */
function withPayload(
  options: EventOptions,
  payload: Readonly<Record<string, unknown>>,
  facts: CheckoutFacts,
  now: Date,
): NamedEvent {
  const [name] = options.names
  if (name === undefined || options.names.length > 1) throw new UsageError('--payload needs one --event')
  const sample = choiceOf(name, facts)
  const {sha, baseSha, ...described} = describedBy(payload, sample.choice)
  const repository = options.repository ?? textAt(payload, 'repository', 'full_name')
  const defaultBranch = options.defaultBranch ?? textAt(payload, 'repository', 'default_branch')
  const given = {...options, sha: options.sha ?? sha, repository, defaultBranch}
  // The commit that --sha names is that of the run, also for events whose run has the commit of the target branch.
  const choice = {...described, ...(options.sha === undefined && baseSha !== undefined && {baseSha})}
  const {environment} = simulatedEvent(completed({...sample, choice}, given, facts), now)
  return {name, title: name, event: eventOf(environment, payload), isCalled: options.called}
}

/** Choice of the event that a payload describes. */
function describedBy(payload: unknown, choice: EventChoice): EventChoice {
  const pull = fieldAt(payload, 'pull_request')
  const ref = textAt(payload, 'ref') ?? textAt(payload, 'merge_group', 'head_ref') ?? tagOf(payload) ?? branchOf(pull)
  const sha =
    textAt(payload, 'head_commit', 'id') ??
    textAt(payload, 'after') ??
    textAt(pull, 'merge_commit_sha') ??
    textAt(payload, 'merge_group', 'head_sha')
  const number = numberAt(pull, 'number')
  const action = textAt(payload, 'action')
  const actor = textAt(payload, 'sender', 'login')
  const baseRef = textAt(pull, 'base', 'ref')
  const baseSha = textAt(pull, 'base', 'sha')
  return {
    ...choice,
    ...(sha !== undefined && {sha}),
    ...(ref !== undefined && {ref: qualified(ref, payload)}),
    ...(number !== undefined && {number}),
    ...(action !== undefined && {action}),
    ...(actor !== undefined && {actor}),
    ...(baseRef !== undefined && {baseRef}),
    ...(baseSha !== undefined && {baseSha}),
    ...(fieldAt(pull, 'merged') === true && {merged: true}),
  }
}

function tagOf(payload: unknown): string | undefined {
  const tag = textAt(payload, 'release', 'tag_name')
  return tag === undefined ? undefined : `refs/tags/${tag}`
}

function branchOf(pull: unknown): string | undefined {
  const branch = textAt(pull, 'head', 'ref')
  return branch === undefined ? undefined : `refs/heads/${branch}`
}

/** Full ref: events about the creation of a ref have its name and its type. */
function qualified(ref: string, payload: unknown): string {
  if (ref.startsWith('refs/')) return ref
  return textAt(payload, 'ref_type') === 'tag' ? `refs/tags/${ref}` : `refs/heads/${ref}`
}
