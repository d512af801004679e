import {seeded} from '../seeded.ts'

/** Chance that depends on a seed and a name alone: what is drawn for one request does not depend on any other. */
export interface Dice {
  /** From 0 inclusive to 1 exclusive. */
  number(): number
  chance(probability: number): boolean
  /** A whole number, both bounds included. */
  between(least: number, most: number): number
  pick<T>(values: readonly [T, ...(readonly T[])]): T
}

export function dice(seed: number, name: string): Dice {
  const number = seeded(hash(`${seed} ${name}`))
  // The first numbers of neighbouring seeds resemble each other.
  number()
  const between = (least: number, most: number): number => least + Math.floor(number() * (most - least + 1))
  return {
    number,
    chance: (probability) => number() < probability,
    between,
    pick: (values) => values[between(0, values.length - 1)] ?? values[0],
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return value
}
