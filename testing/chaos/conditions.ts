import {randomFor, type Random} from './random.ts'

/** Visibility of a PUT by tag: at once, up to three seconds later, or until then only in every second read. */
export type Visibility = 'at once' | 'late' | 'replicas'

/** Effect of `DELETE` on a tag: it removes the tag, it removes the manifest with all of its tags, or it fails (405). */
export type Deletes = 'tag' | 'manifest' | 'unsupported'

/** Conditions of a round: the probability of each fault per request, and the abilities of the registry. */
export interface Conditions {
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

export const noFaults: Conditions = {
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

/** Transmission of one request and its answer. Times are in milliseconds. */
export interface Delivery {
  readonly faults: readonly FaultKind[]
  /** Time until the request has its effect. */
  readonly out: number
  /** Time from the effect to the answer. */
  readonly back: number
  readonly before: DeliveryFailure | undefined
  readonly after: DeliveryFailure | undefined
  /** Time from the first effect to that of a duplicate. */
  readonly again: number | undefined
  readonly isIgnored: boolean
  /** Whether the request has its effect even if the client has disconnected. */
  readonly outlivesClient: boolean
  /** Time until a write is visible everywhere. */
  readonly lag: number
}

export type DeliveryFailure =
  | {readonly kind: 'reset'}
  | {readonly kind: 'timeout'}
  | {readonly kind: 'status'; readonly status: number; readonly retryAfter: number | undefined}

export const maxDelayMs = 3_000

/** Plans the delivery of a request. Faults named in `without` are left out. */
export function planDelivery(
  conditions: Conditions,
  place: {readonly seed: number; readonly client: string; readonly number: number; readonly isPut: boolean},
  without: ReadonlySet<string> = new Set(),
): Delivery {
  const {seed, client, number, isPut} = place
  const random = randomFor(seed, `${client} request ${number}`)
  const faults: FaultKind[] = []
  const has = (kind: FaultKind, probability: number): boolean => {
    const isDrawn = random.chance(probability) && !without.has(`${client} ${number} ${kind}`)
    if (isDrawn) faults.push(kind)
    return isDrawn
  }
  const base = {out: random.between(1, 40), back: random.between(1, 40)}
  const late = {out: random.between(0, maxDelayMs), back: random.between(0, maxDelayMs), isOut: random.chance(0.6)}
  const times = has('delayed', conditions.delay)
    ? late.isOut
      ? {out: base.out + late.out, back: base.back}
      : {out: base.out, back: base.back + late.back}
    : base
  const failures = planFailures(conditions, random, has)
  const again = has('doubled', conditions.doubled) ? random.between(0, 1_000) : undefined
  const isIgnored = isPut && has('ignored PUT', conditions.ignored)
  return {
    faults,
    ...times,
    ...failures,
    again,
    isIgnored,
    outlivesClient: random.chance(0.5),
    lag: conditions.visibility === 'at once' ? 0 : random.between(0, maxDelayMs),
  }
}

function planFailures(
  conditions: Conditions,
  random: Random,
  has: (kind: FaultKind, probability: number) => boolean,
): Pick<Delivery, 'before' | 'after'> {
  const status = {
    kind: 'status',
    status: random.pick([429, 500, 502, 503]),
    retryAfter: random.chance(0.2) ? random.between(1, 3) : undefined,
  } as const
  const reset = {kind: 'reset'} as const
  const isAfter = random.chance(0.5)
  const silence = has('silent', conditions.silence)
  if (silence)
    return isAfter ? {before: undefined, after: {kind: 'timeout'}} : {before: {kind: 'timeout'}, after: undefined}
  if (has('refused', conditions.refused)) {
    return {before: {kind: 'status', status: 403, retryAfter: undefined}, after: undefined}
  }
  if (has('dropped before', conditions.drop / 2)) return {before: reset, after: undefined}
  if (has('status before', conditions.status / 2)) return {before: status, after: undefined}
  if (has('dropped after', conditions.drop / 2)) return {before: undefined, after: reset}
  if (has('status after', conditions.status / 2)) return {before: undefined, after: status}
  return {before: undefined, after: undefined}
}
