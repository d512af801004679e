import path from 'node:path'
import {digestOf} from '../oci/digest.ts'

/** Begins the name of every builder that is created here; one of the user's may begin so too. */
export const ownNamePrefix = 'tagboat-'
const keptPrefix = `${ownNamePrefix}kept-`

export interface RunNumber {
  readonly id: string
  readonly attempt: string
}

/** `tagboat-<run id>-<attempt>-<chance>`: who finds it knows whose it is. `chance` is a UUID. */
export function runBuilderName({id, attempt}: RunNumber, chance: string): string {
  return `${ownNamePrefix}${id === '' ? 'local' : id}-${attempt === '' ? '1' : attempt}-${chance.slice(0, 8)}`
}

/**
 * The names of builders that keep their cache, in the order to try them: one for each run of a repository that this machine
 * may have at the same time. A cache is not shared between repositories: what one of them put there would reach the other.
 */
export function keptBuilderNames(repository: string): readonly string[] {
  const hash = digestOf(new TextEncoder().encode(repository)).slice('sha256:'.length)
  return Array.from({length: keptAtOnce}, (_, slot) => `${keptPrefix}${hash.slice(0, 10)}-${slot}`)
}

/** One digit: no name is the beginning of another. */
const keptAtOnce = 10

export function isKeptName(name: string): boolean {
  return name.startsWith(keptPrefix)
}

const ownName = /^tagboat-(?:(?:\d+|local)-\d+-[0-9a-f]{8}|kept-[0-9a-f]{10}-\d)/

/** The name of a builder is one that is given here. Users may call theirs `tagboat-arm-farm`. */
export function isOwnName(name: string): boolean {
  return builderOfNode(name) === name
}

/** The builder of ours that a node is of: its name with a number or `-<name>` behind it. Undefined: it is of none. */
export function builderOfNode(node: string): string | undefined {
  const [name] = ownName.exec(node) ?? []
  return name !== undefined && /^(?:\d+|-.+)?$/.test(node.slice(name.length)) ? name : undefined
}

/** Where runs say which of them has a kept builder. */
export function claimDirectory(buildxConfig: string): string {
  return path.join(buildxConfig, 'tagboat-claims')
}

/** What a claim says: who, and since when. */
export function claimText(marker: string, now: Date): string {
  return `${marker} ${now.toISOString()}\n`
}

/** Milliseconds since 1970; undefined for what is no claim. */
export function claimTime(text: string): number | undefined {
  const time = Date.parse(text.trim().split(' ')[1] ?? '')
  return Number.isNaN(time) ? undefined : time
}
