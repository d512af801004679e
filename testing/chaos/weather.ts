import {dice, type Dice} from './dice.ts'

/** When a PUT by tag shows: at once; up to three seconds later; or at every second question only, until then. */
export type Visibility = 'at once' | 'late' | 'replicas'

/** What `DELETE` of a tag does: removes the tag, removes the manifest with all of its tags, or nothing (405). */
export type Deletes = 'tag' | 'manifest' | 'unsupported'

/** What goes wrong in a round, and how often; each is a probability for one request. */
export interface Weather {
  readonly delay: number
  readonly drop: number
  readonly status: number
  readonly refused: number
  readonly doubled: number
  readonly ignored: number
  readonly silence: number
  readonly visibility: Visibility
  readonly deletes: Deletes
  readonly listsTags: boolean
}

export const calm: Weather = {
  delay: 0,
  drop: 0,
  status: 0,
  refused: 0,
  doubled: 0,
  ignored: 0,
  silence: 0,
  visibility: 'at once',
  deletes: 'tag',
  listsTags: true,
}

export const faultKinds = [
  'delayed',
  'dropped before',
  'dropped after',
  'status before',
  'status after',
  'refused',
  'doubled',
  'ignored PUT',
  'silent',
] as const
export type FaultKind = (typeof faultKinds)[number]

/** How one request fares. Times are in milliseconds. */
export interface Journey {
  readonly faults: readonly FaultKind[]
  /** Until the request has its effect, and from there to its answer. */
  readonly out: number
  readonly back: number
  readonly before: Mishap | undefined
  readonly after: Mishap | undefined
  /** How long after the first effect a second one comes. */
  readonly again: number | undefined
  readonly isIgnored: boolean
  /** Whether the effect comes although the client has gone meanwhile. */
  readonly outlivesClient: boolean
  /** Until what it writes is visible everywhere. */
  readonly lag: number
}

export type Mishap =
  | {readonly kind: 'reset'}
  | {readonly kind: 'timeout'}
  | {readonly kind: 'status'; readonly status: number; readonly retryAfter: number | undefined}

export const mostDelayMs = 3_000

/** Of the request with this number; a fault that `without` names does not happen. */
export function journeyOf(
  weather: Weather,
  place: {readonly seed: number; readonly client: string; readonly number: number; readonly isPut: boolean},
  without: ReadonlySet<string> = new Set(),
): Journey {
  const {seed, client, number, isPut} = place
  const roll = dice(seed, `${client} request ${number}`)
  const faults: FaultKind[] = []
  const has = (kind: FaultKind, probability: number): boolean => {
    const isDrawn = roll.chance(probability) && !without.has(`${client} ${number} ${kind}`)
    if (isDrawn) faults.push(kind)
    return isDrawn
  }
  const base = {out: roll.between(1, 40), back: roll.between(1, 40)}
  const late = {out: roll.between(0, mostDelayMs), back: roll.between(0, mostDelayMs), isOut: roll.chance(0.6)}
  const times = has('delayed', weather.delay)
    ? late.isOut
      ? {out: base.out + late.out, back: base.back}
      : {out: base.out, back: base.back + late.back}
    : base
  const mishaps = mishapsOf(weather, roll, has)
  const again = has('doubled', weather.doubled) ? roll.between(0, 1_000) : undefined
  const isIgnored = isPut && has('ignored PUT', weather.ignored)
  return {
    faults,
    ...times,
    ...mishaps,
    again,
    isIgnored,
    outlivesClient: roll.chance(0.5),
    lag: weather.visibility === 'at once' ? 0 : roll.between(0, mostDelayMs),
  }
}

function mishapsOf(
  weather: Weather,
  roll: Dice,
  has: (kind: FaultKind, probability: number) => boolean,
): Pick<Journey, 'before' | 'after'> {
  const status = {
    kind: 'status',
    status: roll.pick([429, 500, 502, 503]),
    retryAfter: roll.chance(0.2) ? roll.between(1, 3) : undefined,
  } as const
  const reset = {kind: 'reset'} as const
  const isAfter = roll.chance(0.5)
  const silence = has('silent', weather.silence)
  if (silence)
    return isAfter ? {before: undefined, after: {kind: 'timeout'}} : {before: {kind: 'timeout'}, after: undefined}
  if (has('refused', weather.refused)) {
    return {before: {kind: 'status', status: 403, retryAfter: undefined}, after: undefined}
  }
  if (has('dropped before', weather.drop / 2)) return {before: reset, after: undefined}
  if (has('status before', weather.status / 2)) return {before: status, after: undefined}
  if (has('dropped after', weather.drop / 2)) return {before: undefined, after: reset}
  if (has('status after', weather.status / 2)) return {before: undefined, after: status}
  return {before: undefined, after: undefined}
}
