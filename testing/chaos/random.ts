import {seeded} from '../seeded.ts'

/** Random source that depends only on a seed and a name. The values for one request do not depend on other requests. */
export interface Random {
  /** Number from 0 (inclusive) to 1 (exclusive). */
  number(): number
  chance(probability: number): boolean
  /** Integer between two bounds, both inclusive. */
  between(min: number, max: number): number
  pick<T>(values: readonly [T, ...(readonly T[])]): T
}

export function randomFor(seed: number, name: string): Random {
  const number = seeded(hash(`${seed} ${name}`))
  // The first numbers of consecutive seeds are similar.
  number()
  const between = (min: number, max: number): number => min + Math.floor(number() * (max - min + 1))
  return {
    number,
    chance: (probability) => number() < probability,
    between,
    pick: (values) => values[between(0, values.length - 1)] ?? values[0],
  }
}

/** FNV-1a hash. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return value
}
